//! One client's events, in the order in which they arrived, until they have been done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use socketioxide::extract::SocketRef;
use tokio::sync::{mpsc, oneshot};

use crate::ack::Ack;
use crate::arguments::Arguments;
use crate::echo::Echo;
use crate::limits::Excess;
use crate::meter::Undone;

/// What an entry weighs beyond its arguments: about its size in memory.
const ENTRY: usize = 256;

/// What a client asked for.
#[derive(Debug)]
pub(crate) enum Event {
    EnterRoom(Arguments),
    NewMessage(Arguments),
    LeaveRoom(Arguments),
    Message(Echo),
    MessageWithAck(Echo),
    /// Over a limit when it came. What it held is not kept.
    Refused(Excess),
}

impl Event {
    /// How much memory its arguments hold, in bytes.
    fn size(&self) -> usize {
        match self {
            Self::EnterRoom(arguments)
            | Self::NewMessage(arguments)
            | Self::LeaveRoom(arguments) => arguments.size(),
            Self::Message(echo) | Self::MessageWithAck(echo) => echo.size(),
            Self::Refused(_) => 0,
        }
    }
}

/// One event and all that is needed to do it.
///
/// The socket is here and not with the worker: a worker that held its socket would keep it alive, and
/// with it the inbox that it waits on, for ever.
pub(crate) struct Request {
    pub(crate) socket: SocketRef,
    pub(crate) event: Event,
    pub(crate) ack: Ack,
    pub(crate) arrived: Instant,
    /// Dropped with the request, when it has been done.
    pub(crate) undone: Undone,
}

enum Entry {
    Request(Box<Request>),
    Leave(oneshot::Sender<()>),
}

/// The writing end, held by the socket's handlers.
#[derive(Clone)]
pub(crate) struct Inbox {
    entries: mpsc::UnboundedSender<Entry>,
    backlog: Arc<AtomicUsize>,
    max_backlog: usize,
}

/// The reading end, held by the socket's worker.
pub(crate) struct Outlet {
    entries: mpsc::UnboundedReceiver<Entry>,
    backlog: Arc<AtomicUsize>,
}

/// The client is too far ahead of its worker; the event was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overrun;

/// An inbox that holds at most `max_backlog` bytes.
pub(crate) fn inbox(max_backlog: usize) -> (Inbox, Outlet) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let backlog = Arc::new(AtomicUsize::new(0));
    let inbox = Inbox {
        entries: sender,
        backlog: Arc::clone(&backlog),
        max_backlog,
    };
    (
        inbox,
        Outlet {
            entries: receiver,
            backlog,
        },
    )
}

impl Inbox {
    /// Puts an event behind those that are there. One that comes after the client has left is
    /// dropped, as the contract has nobody to do it for.
    pub(crate) fn push(&self, request: Request) -> Result<(), Overrun> {
        let size = ENTRY + request.event.size();
        if self.backlog.fetch_add(size, Ordering::Relaxed) + size > self.max_backlog {
            return Err(Overrun);
        }
        if self
            .entries
            .send(Entry::Request(Box::new(request)))
            .is_err()
        {
            tracing::debug!("an event after the end of its socket");
        }
        Ok(())
    }

    /// The client has left: what it sent before is still done. Resolves when it is.
    pub(crate) fn leave(&self) -> impl Future<Output = ()> + Send + use<> {
        let (done, all_done) = oneshot::channel();
        let is_working = self.entries.send(Entry::Leave(done)).is_ok();
        async move {
            if is_working && all_done.await.is_err() {
                tracing::debug!("the worker was gone before its client");
            }
        }
    }
}

impl Outlet {
    /// The next event, or none when the client has left or never came to be connected.
    pub(crate) async fn next(&mut self) -> Option<Request> {
        match self.entries.recv().await? {
            Entry::Request(request) => {
                let size = ENTRY + request.event.size();
                self.backlog.fetch_sub(size, Ordering::Relaxed);
                Some(*request)
            }
            Entry::Leave(done) => {
                self.entries.close();
                if done.send(()).is_err() {
                    tracing::debug!("nobody waits for the worker's end");
                }
                None
            }
        }
    }
}
