//! What clients may ask for, and when it is done.

use std::future::{Ready, ready};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::handler::ConnectHandler;
use socketioxide::socket::DisconnectReason;

use crate::ack::Ack;
use crate::arguments::{Arguments, Payload};
use crate::clock::now;
use crate::cluster::{Cluster, Duties, RedisUrlError};
use crate::config::Config;
use crate::echo::Echo;
use crate::extensions::{Extensions, Visit};
use crate::inbox::{Event, Inbox, Outlet, Request, inbox};
use crate::limits::{Allowance, Excess};
use crate::line::{Expulsion, Line};
use crate::meter::{Traffic, Undone};
use crate::metrics::{Metrics, Refusal};
use crate::rooms::Rooms;
use crate::worker::Worker;

/// A chat: its rules, and what it counts.
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) config: Config,
    pub(crate) metrics: Metrics,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) rooms: Rooms,
    pub(crate) extensions: Arc<Extensions>,
    /// The other nodes, if it is one of several.
    pub(crate) cluster: Option<Cluster>,
}

impl Chat {
    /// A chat, and what has to be done for it as a node of several, if it is one.
    pub(crate) fn new(config: Config) -> Result<(Arc<Self>, Option<Duties>), RedisUrlError> {
        let metrics = Metrics::new();
        let node = config.redis.as_ref();
        let node = node.map(|url| Cluster::new(url, &metrics)).transpose()?;
        let (cluster, duties) = node.unzip();
        let chat = Self {
            extensions: Arc::new(Extensions::new(&config)),
            config,
            metrics,
            traffic: Arc::default(),
            rooms: Rooms::default(),
            cluster,
        };
        Ok((Arc::new(chat), duties))
    }
}

/// Opens the chat on the main namespace.
pub(crate) fn open(io: &SocketIo, chat: &Arc<Chat>) {
    // The middleware runs before the CONNECT reply is written, the connect handler after it.
    let here = Arc::clone(chat);
    let start = move |socket: SocketRef, io: SocketIo| start(&socket, io, Arc::clone(&here));
    let here = Arc::clone(chat);
    io.ns(
        "/",
        start.with(move |socket: SocketRef| ready(prepare(&socket, &here))),
    );
}

/// The worker's end of the inbox, from the middleware to the connect handler.
#[derive(Clone)]
struct Idle(Arc<Mutex<Option<Outlet>>>);

/// What a client asks for, from what came with it.
type Ask<A> = fn(A) -> Event;

/// A client that is connected, as long as its socket is there.
struct Presence(Metrics);

impl Presence {
    fn new(chat: &Chat) -> Result<Self, Full> {
        // Counted before it is known whether there is room: of two who come at once one must see
        // the other.
        let presence = Self(chat.metrics.clone());
        let before = chat.metrics.come();
        match chat.config.max_connections {
            Some(max) if before >= max.get() => Err(Full(max)),
            _ => Ok(presence),
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.gone();
    }
}

/// As many clients are connected as may be. The text goes to the one more.
#[derive(Debug, thiserror::Error)]
#[error("the server is full: {0} clients are connected, which is as many as may be")]
struct Full(NonZeroUsize);

/// What the handlers of one socket share.
#[derive(Clone)]
struct Post {
    inbox: Inbox,
    line: Line,
    allowance: Option<Arc<Mutex<Allowance>>>,
    traffic: Arc<Traffic>,
}

/// Registers the handlers. What they do before they return a future runs in the order of arrival;
/// the futures would not.
fn prepare(socket: &SocketRef, chat: &Chat) -> Result<(), Full> {
    let Chat {
        config, metrics, ..
    } = chat;
    let presence = Presence::new(chat).inspect_err(|full| {
        tracing::info!(sid = %socket.id, reason = %full, "refused a client");
        metrics.refused(Refusal::Full);
    })?;
    let (inbox, outlet) = inbox(config.max_backlog);
    let post = Post {
        inbox: inbox.clone(),
        line: Line::new(socket, config, metrics.clone()),
        allowance: config
            .max_messages_per_second
            .map(|most| Arc::new(Mutex::new(Allowance::new(most.get(), now())))),
        traffic: Arc::clone(&chat.traffic),
    };
    let events: [(_, Ask<Arguments>, _); 3] = [
        ("enter_room", Event::EnterRoom, true),
        ("new_message", Event::NewMessage, true),
        ("leave_room", Event::LeaveRoom, config.leave_room),
    ];
    for (name, event, _) in events.into_iter().filter(|(_, _, is_known)| *is_known) {
        let post = post.clone();
        socket.on(
            name,
            move |socket: SocketRef, ack: Ack, Payload(payload): Payload| {
                post.take(payload.map(event), &socket, ack);
                ready(())
            },
        );
    }
    let echo: [(_, Ask<Echo>); 2] = [
        ("message", Event::Message),
        ("message-with-ack", Event::MessageWithAck),
    ];
    for (name, event) in echo.into_iter().filter(|_| config.echo) {
        let post = post.clone();
        socket.on(name, move |socket: SocketRef, ack: Ack, echo: Echo| {
            post.take(Some(event(echo)), &socket, ack);
            ready(())
        });
    }
    let extensions = Arc::clone(&chat.extensions);
    // The socket leaves its rooms when this future is done: not before its last message is out.
    socket.on_disconnect(move |socket: SocketRef, reason: DisconnectReason| {
        tracing::debug!(sid = %socket.id, %reason, "left");
        if reason == DisconnectReason::ClosingServer {
            extensions.fall_silent();
        }
        inbox.leave()
    });
    socket.extensions.insert(post.line);
    socket.extensions.insert(Arc::new(presence));
    socket
        .extensions
        .insert(Idle(Arc::new(Mutex::new(Some(outlet)))));
    Ok(())
}

/// Starts the worker, now that the socket counts as connected and can be written to.
fn start(socket: &SocketRef, io: SocketIo, chat: Arc<Chat>) -> Ready<()> {
    tracing::debug!(sid = %socket.id, "connected");
    let idle = socket.extensions.remove::<Idle>();
    let outlet = idle.and_then(|Idle(o)| o.lock().unwrap_or_else(PoisonError::into_inner).take());
    if let (Some(outlet), Some(line)) = (outlet, Line::of(socket)) {
        let visit = Visit::begin(&chat.extensions, io, socket);
        tokio::spawn(Worker::new(chat, line, visit).work(outlet));
    }
    ready(())
}

impl Post {
    fn take(&self, event: Option<Event>, socket: &SocketRef, ack: Ack) {
        let Some(event) = event else {
            return self.line.close(socket, Expulsion::Malformed);
        };
        let arrived = now();
        let request = Request {
            socket: socket.clone(),
            event: self.allow(arrived).map_or_else(Event::Refused, |()| event),
            ack,
            arrived,
            undone: Undone::new(&self.traffic),
        };
        if self.inbox.push(request).is_err() {
            self.line.close(socket, Expulsion::FastSender);
        }
    }

    fn allow(&self, now: Instant) -> Result<(), Excess> {
        let Some(allowance) = &self.allowance else {
            return Ok(());
        };
        let mut allowance = allowance.lock().unwrap_or_else(PoisonError::into_inner);
        allowance.take(now)
    }
}
