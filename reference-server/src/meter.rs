//! How much of what was handed to a client has left this process.
//!
//! The engine tells nobody when a packet leaves its buffer, but all that leaves goes through here: a
//! connection counts what it writes, and a poll what it is answered with. What was handed to a client and
//! has not been written is what waits for it in memory, but for a few bytes a packet.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::body::HttpBody;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::UPGRADE;
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::upgrading::session;

/// What all clients together have sent and wait for.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    read: AtomicU64,
    undone: AtomicUsize,
}

impl Traffic {
    /// How many bytes were ever read from clients.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// How many events have come and are not done yet.
    pub(crate) fn undone(&self) -> usize {
        self.undone.load(Ordering::Relaxed)
    }
}

/// An event that is not done yet; it is when this is dropped.
#[derive(Debug)]
pub(crate) struct Undone(Arc<Traffic>);

impl Undone {
    pub(crate) fn new(traffic: &Arc<Traffic>) -> Self {
        traffic.undone.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(traffic))
    }
}

impl Drop for Undone {
    fn drop(&mut self) {
        self.0.undone.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many bytes of one session have been written, over whichever connection.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    written: AtomicU64,
    /// Whether it has come to be a WebSocket.
    has_frames: AtomicBool,
}

impl Flow {
    /// The flow of this socket's session. It came with the request that opened it.
    pub(crate) fn of(socket: &SocketRef) -> Option<Arc<Self>> {
        socket.req_parts().extensions.get().cloned()
    }

    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// How many bytes a packet of this size will be: a WebSocket frame, or a part of the answer to a
    /// poll.
    pub(crate) fn framed(&self, size: usize) -> u64 {
        let head = match size {
            _ if !self.has_frames.load(Ordering::Relaxed) => 0,
            0..=125 => 2,
            126..=0xffff => 4,
            _ => 10,
        };
        size as u64 + head
    }

    fn add(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    fn frames(&self) {
        self.has_frames.store(true, Ordering::Relaxed);
    }
}

/// What a connection carries, known to those who serve its requests.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Carried>);

#[derive(Debug)]
struct Carried {
    traffic: Arc<Traffic>,
    session: Mutex<Carrying>,
}

/// Whose bytes are written to a connection. It is what the last request on it has asked for: one that
/// was refused leaves the connection to the next.
#[derive(Debug)]
enum Carrying {
    /// Answers to requests. Polls are counted by what they bring.
    Answers,
    /// A session over WebSocket.
    Session(Arc<Flow>),
    /// A session that goes over to WebSocket. Its flow is found with its socket, which may not be
    /// there yet: a client may begin the upgrade before its CONNECT.
    Upgrade(SocketIo, Sid),
}

impl Wire {
    fn carry(&self, what: Carrying) {
        *self.carrying() = what;
    }

    fn carrying(&self) -> MutexGuard<'_, Carrying> {
        let carrying = self.0.session.lock();
        carrying.unwrap_or_else(PoisonError::into_inner)
    }

    fn wrote(&self, bytes: usize) {
        let mut carrying = self.carrying();
        if let Carrying::Upgrade(io, session) = &*carrying
            && let Some(flow) = socket(io, *session).and_then(|socket| Flow::of(&socket))
        {
            flow.frames();
            *carrying = Carrying::Session(flow);
        }
        if let Carrying::Session(flow) = &*carrying {
            flow.add(bytes as u64);
        }
    }
}

/// The socket of a session on the main namespace. (`SocketIo::get_socket` panics on a server that is
/// closing.)
pub(crate) fn socket(io: &SocketIo, session: Sid) -> Option<SocketRef> {
    io.of("/")?.get_socket(session)
}

/// Finds out which session a request is for, and counts what its polls bring.
pub(crate) async fn count(
    State(io): State<SocketIo>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    mut request: Request,
    next: Next,
) -> Response {
    let upgrades = request.headers().contains_key(UPGRADE) && request.method() == Method::GET;
    let Some(session) = session(&request) else {
        let flow = Arc::new(Flow::default());
        wire.carry(if upgrades {
            flow.frames();
            Carrying::Session(Arc::clone(&flow))
        } else {
            Carrying::Answers
        });
        request.extensions_mut().insert(flow);
        keep_less(&mut request);
        return next.run(request).await;
    };
    if upgrades {
        wire.carry(Carrying::Upgrade(io, session));
        return next.run(request).await;
    }
    wire.carry(Carrying::Answers);
    let response = next.run(request).await;
    if let Some(flow) = socket(&io, session).and_then(|socket| Flow::of(&socket)) {
        flow.add(response.body().size_hint().lower());
    }
    response
}

/// Copies what a request that opens a session says: it is kept for as long as the session, and with it
/// the whole buffer that it was read into, many times its size.
fn keep_less(request: &mut Request) {
    for value in request.headers_mut().values_mut() {
        if let Ok(copy) = HeaderValue::from_bytes(value.as_bytes()) {
            *value = copy;
        }
    }
    if let Ok(copy) = request.uri().to_string().parse() {
        *request.uri_mut() = copy;
    }
}

/// A listener whose connections are counted.
pub(crate) struct Metered<L> {
    pub(crate) listener: L,
    pub(crate) traffic: Arc<Traffic>,
    /// How many bytes a peer may send while it takes none.
    pub(crate) max_unanswered: usize,
}

impl<L: Listener> Listener for Metered<L> {
    type Io = Connection<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, L::Addr) {
        let (io, address) = self.listener.accept().await;
        let wire = Wire(Arc::new(Carried {
            traffic: Arc::clone(&self.traffic),
            session: Mutex::new(Carrying::Answers),
        }));
        let connection = Connection {
            io,
            wire,
            stall: None,
            max_unanswered: self.max_unanswered,
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }
}

impl<L: Listener> Connected<IncomingStream<'_, Metered<L>>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Metered<L>>) -> Self {
        stream.io().wire.clone()
    }
}

/// A connection that counts what goes through it.
pub(crate) struct Connection<I> {
    io: I,
    wire: Wire,
    stall: Option<Stall>,
    max_unanswered: usize,
}

/// The peer takes nothing.
struct Stall {
    /// How many bytes it has sent since.
    unanswered: usize,
    /// Who waits to write.
    writer: Waker,
    is_cut: bool,
}

impl<I> Connection<I> {
    /// Notes what has become of an attempt to write.
    fn wrote(
        &mut self,
        done: Poll<io::Result<usize>>,
        context: &Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match (&done, &mut self.stall) {
            (Poll::Ready(Ok(bytes)), _) => {
                self.stall = None;
                self.wire.wrote(*bytes);
            }
            (Poll::Ready(Err(_)), _) => {}
            (Poll::Pending, Some(stall)) if stall.is_cut => return Poll::Ready(Err(cut())),
            (Poll::Pending, Some(stall)) => stall.writer.clone_from(context.waker()),
            (Poll::Pending, None) => {
                self.stall = Some(Stall {
                    unanswered: 0,
                    writer: context.waker().clone(),
                    is_cut: false,
                });
            }
        }
        done
    }

    /// Notes what was read. Fails for a peer that sends and sends and takes nothing: the library answers
    /// some packets by itself, and what waits of those answers is on nobody's account.
    fn read(&mut self, bytes: usize) -> io::Result<()> {
        let read = &self.wire.0.traffic.read;
        read.fetch_add(bytes as u64, Ordering::Relaxed);
        let Some(stall) = &mut self.stall else {
            return Ok(());
        };
        stall.unanswered += bytes;
        if stall.unanswered <= self.max_unanswered {
            return Ok(());
        }
        if !stall.is_cut {
            tracing::warn!("cut a connection that sends and does not read");
            stall.is_cut = true;
            stall.writer.wake_by_ref();
        }
        Err(cut())
    }
}

fn cut() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

impl<I: AsyncRead + Unpin> AsyncRead for Connection<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let done = Pin::new(&mut self.io).poll_read(context, buffer);
        let bytes = buffer.filled().len() - before;
        self.read(bytes)?;
        done
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Connection<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.io).poll_write(context, bytes);
        self.wrote(done, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.io).poll_write_vectored(context, bytes);
        self.wrote(done, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
