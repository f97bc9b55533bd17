//! Listening, and the end of it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use crate::chat::Node;
use crate::connection::Connection;
use crate::lock::lock;
use crate::mutant::Mutant;
use crate::session::{Session, Transport};
use crate::world::World;
use crate::{http_api, worker};

/// Why [`serve`] stopped before it was told to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The mutant's bug is that the server dies, and it did. All connections have been reset.
    #[error("the server died, as the mutant `{mutant}` does")]
    Died {
        /// Which one.
        mutant: Mutant,
    },
    /// The listener is of no more use.
    #[error("connections can no longer be accepted")]
    Accept(#[source] io::Error),
}

/// Serves the chat with the bug of `mutant` at `/socket.io/`, until `shutdown` completes or the
/// server dies of its bug. Either way nothing is left behind: the listener is closed, and every
/// task and connection has ended.
pub async fn serve(
    listener: TcpListener,
    mutant: Mutant,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    serve_nodes(vec![listener], mutant, shutdown).await
}

/// The same on several nodes, a listener each: one chat, in which what is said on one node takes its
/// time to the others.
pub async fn serve_nodes(
    listeners: Vec<TcpListener>,
    mutant: Mutant,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    let server = Arc::new(Server::new(mutant));
    let mut shutdown = pin!(shutdown);
    let result = loop {
        tokio::select! {
            () = &mut shutdown => break Ok(()),
            () = server.death.notified() => break Err(Error::Died { mutant }),
            (node, accepted) = accept(&listeners) => match accepted {
                Ok((stream, _)) => server.attend(stream, Node(node)),
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => break Err(Error::Accept(error)),
            },
        }
    };
    drop(listeners);
    let tasks = lock(&server.tasks).take();
    if let Some(mut tasks) = tasks {
        tasks.shutdown().await;
    }
    result
}

/// The next connection on any of the nodes, with the node's place.
async fn accept(listeners: &[TcpListener]) -> (usize, io::Result<(TcpStream, SocketAddr)>) {
    poll_fn(|context| {
        let mut all = listeners.iter().enumerate();
        let next = all.find_map(|(node, listener)| match listener.poll_accept(context) {
            Poll::Ready(accepted) => Some((node, accepted)),
            Poll::Pending => None,
        });
        next.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}

/// A connection that ended before it was accepted says nothing about the next.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    )
}

/// What all connections share.
pub(crate) struct Server {
    pub(crate) mutant: Mutant,
    pub(crate) world: Mutex<World>,
    sessions: Mutex<HashMap<String, Arc<Session>>>,
    opened: AtomicU64,
    /// `None` once the server has ended.
    tasks: Mutex<Option<JoinSet<()>>>,
    died: Arc<AtomicBool>,
    death: Notify,
}

impl Server {
    fn new(mutant: Mutant) -> Self {
        Self {
            mutant,
            world: Mutex::new(World::new(mutant.bug(), mutant.announces())),
            sessions: Mutex::default(),
            opened: AtomicU64::new(1),
            tasks: Mutex::new(Some(JoinSet::new())),
            died: Arc::default(),
            death: Notify::new(),
        }
    }

    fn attend(self: &Arc<Self>, stream: TcpStream, node: Node) {
        // Without it a small frame waits for the acknowledgement of the one before it. If it cannot
        // be set, the connection is gone, and reading from it will say so.
        drop(stream.set_nodelay(true));
        let connection = Connection::new(stream, Arc::clone(&self.died));
        let server = Arc::clone(self);
        self.spawn(async move {
            let service = service_fn(|request| {
                let server = Arc::clone(&server);
                async move { Ok::<_, Infallible>(http_api::answer(server, node, request).await) }
            });
            let http = hyper::server::conn::http1::Builder::new();
            let carried = http
                .serve_connection(TokioIo::new(connection), service)
                .with_upgrades();
            // An error is the client's: it left, or it does not speak HTTP.
            drop(carried.await);
        });
    }

    /// Runs a task for as long as the server runs.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = lock(&self.tasks).as_mut() {
            // Forget those that have ended.
            while tasks.try_join_next().is_some() {}
            tasks.spawn(task);
        }
    }

    /// Opens a session, with its heartbeat and its worker.
    pub(crate) fn open(self: &Arc<Self>, node: Node, transport: Transport) -> Arc<Session> {
        let (queue, queued) = mpsc::unbounded_channel();
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let session = Session::new(number, node, transport, queue);
        lock(&self.sessions).insert(session.sid.clone(), Arc::clone(&session));
        let beating = Arc::clone(&session);
        self.spawn(async move { beating.keep_alive().await });
        self.spawn(worker::run(Arc::clone(self), Arc::clone(&session), queued));
        session
    }

    /// A session that has not ended.
    pub(crate) fn session(&self, sid: &str) -> Option<Arc<Session>> {
        lock(&self.sessions)
            .get(sid)
            .filter(|session| !session.is_closed())
            .cloned()
    }

    pub(crate) fn forget(&self, sid: &str) {
        lock(&self.sessions).remove(sid);
    }

    /// The process of the original would be gone now.
    pub(crate) fn die(&self) {
        self.died.store(true, Ordering::Release);
        self.death.notify_one();
    }
}
