//! The seed contract, and the echo.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::value::RawValue;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::handler::ConnectHandler;
use socketioxide::socket::DisconnectReason;
use socketioxide::{SendError, SocketIo};

use crate::arguments::{Argument, Arguments, Payload};
use crate::config::Config;
use crate::echo::{Echo, EchoArguments};
use crate::extensions::{Extensions, Visit};
use crate::inbox::{Event, Inbox, Outlet, Request, inbox};
use crate::line::{Expulsion, Line};

/// After how many events of one client its worker lets the others run. Few, so that readers are
/// written to between them; not one, since a reader's waiting packets go out in one system call.
const TURN: usize = 32;

/// Opens the chat on the main namespace.
pub(crate) fn open(io: &SocketIo, config: &Config) {
    let config = config.clone();
    let rooms = Rooms::default();
    let extensions = Arc::new(Extensions::new(&config));
    let shared = Arc::clone(&extensions);
    // The middleware runs before the CONNECT reply is written, the connect handler after it.
    let start = move |socket: SocketRef, io: SocketIo| {
        let visit = Visit::begin(&shared, io, &socket);
        start(&socket, rooms.clone(), visit)
    };
    io.ns(
        "/",
        start.with(move |socket: SocketRef| prepare(&socket, &config, &extensions)),
    );
}

/// What happens in a room happens one thing at a time, as in the single thread of the original: all
/// members hear it in one order, nothing reaches a newcomer before its ack, and of two who enter at
/// once only the first hears of the other.
///
/// A lock stands for all rooms whose names hash alike, so that there is nothing to clean up.
#[derive(Clone, Default)]
pub(crate) struct Rooms {
    locks: Arc<[tokio::sync::Mutex<()>; 32]>,
    names: RandomState,
}

impl Rooms {
    pub(crate) async fn enter(&self, name: &str) -> tokio::sync::MutexGuard<'_, ()> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "truncated on purpose, it is a hash"
        )]
        let place = self.names.hash_one(name) as usize % self.locks.len();
        self.locks[place].lock().await
    }
}

/// The worker's end of the inbox, from the middleware to the connect handler.
#[derive(Clone)]
struct Idle(Arc<Mutex<Option<Outlet>>>);

/// What a client asks for, from what came with it.
type Ask<A> = fn(A) -> Event;

/// Registers the handlers. What they do before they return a future runs in the order of arrival;
/// the futures would not.
fn prepare(
    socket: &SocketRef,
    config: &Config,
    extensions: &Arc<Extensions>,
) -> Ready<Result<(), Infallible>> {
    let (inbox, outlet) = inbox(config.max_backlog);
    let line = Line::new();
    let chat: [(_, Ask<Arguments>, _); 3] = [
        ("enter_room", Event::EnterRoom, true),
        ("new_message", Event::NewMessage, true),
        ("leave_room", Event::LeaveRoom, config.leave_room),
    ];
    for (name, event, _) in chat.into_iter().filter(|(_, _, is_there)| *is_there) {
        let (inbox, line) = (inbox.clone(), line.clone());
        socket.on(
            name,
            move |socket: SocketRef, ack: AckSender, Payload(payload): Payload| {
                take(&inbox, &line, payload.map(event), &socket, ack);
                ready(())
            },
        );
    }
    let echo: [(_, Ask<Echo>); 2] = [
        ("message", Event::Message),
        ("message-with-ack", Event::MessageWithAck),
    ];
    for (name, event) in echo.into_iter().filter(|_| config.echo) {
        let (inbox, line) = (inbox.clone(), line.clone());
        socket.on(
            name,
            move |socket: SocketRef, ack: AckSender, echo: Echo| {
                take(&inbox, &line, Some(event(echo)), &socket, ack);
                ready(())
            },
        );
    }
    let extensions = Arc::clone(extensions);
    // The socket leaves its rooms when this future is done: not before its last message is out.
    socket.on_disconnect(move |socket: SocketRef, reason: DisconnectReason| {
        tracing::debug!(sid = %socket.id, %reason, "left");
        if reason == DisconnectReason::ClosingServer {
            extensions.fall_silent();
        }
        inbox.leave()
    });
    socket.extensions.insert(line);
    socket
        .extensions
        .insert(Idle(Arc::new(Mutex::new(Some(outlet)))));
    ready(Ok(()))
}

/// Starts the worker, now that the socket counts as connected and can be written to.
fn start(socket: &SocketRef, rooms: Rooms, visit: Visit) -> Ready<()> {
    tracing::debug!(sid = %socket.id, "connected");
    let idle = socket.extensions.remove::<Idle>();
    let outlet = idle.and_then(|Idle(o)| o.lock().unwrap_or_else(PoisonError::into_inner).take());
    if let (Some(outlet), Some(line)) = (outlet, Line::of(socket)) {
        tokio::spawn(work(outlet, line, rooms, visit));
    }
    ready(())
}

fn take(inbox: &Inbox, line: &Line, event: Option<Event>, socket: &SocketRef, ack: AckSender) {
    let Some(event) = event else {
        return line.close(socket, Expulsion::Malformed);
    };
    let request = Request {
        socket: socket.clone(),
        event,
        ack,
    };
    if inbox.push(request).is_err() {
        line.close(socket, Expulsion::FastSender);
    }
}

/// Does one client's events, one after the other.
async fn work(mut outlet: Outlet, line: Line, rooms: Rooms, mut visit: Visit) {
    let mut nickname = Argument::MISSING;
    let mut turn = 0;
    while let Some(Request { socket, event, ack }) = outlet.next().await {
        if !line.is_open() {
            continue;
        }
        match event {
            Event::EnterRoom(Arguments(first, room)) => {
                let room = room.name();
                let _one_thing_at_a_time = rooms.enter(&room).await;
                nickname = first;
                socket.join(room.clone());
                acknowledge(&socket, &line, ack);
                relay(&socket, room.clone(), "welcome", &nickname.json());
                visit.entered(&room);
            }
            Event::LeaveRoom(Arguments(room, _)) => {
                let room = room.name();
                let _one_thing_at_a_time = rooms.enter(&room).await;
                socket.leave(room.clone());
                acknowledge(&socket, &line, ack);
                visit.left(&room, &nickname);
            }
            Event::NewMessage(Arguments(text, room)) => {
                let room = room.name();
                let _one_thing_at_a_time = rooms.enter(&room).await;
                let text = Argument::line(&nickname, &text);
                relay(&socket, room, "new_message", &text);
                acknowledge(&socket, &line, ack);
            }
            Event::Message(echo) => send_back(&socket, &line, echo, |arguments| {
                socket.emit("message-back", arguments)
            }),
            Event::MessageWithAck(echo) => {
                send_back(&socket, &line, echo, |arguments| ack.send(arguments));
            }
        }
        if !line.is_open() {
            // Expelled meanwhile: whoever did that may have emptied its rooms before it joined this.
            socket.leave_all();
        }
        turn = (turn + 1) % TURN;
        if turn == 0 {
            tokio::task::yield_now().await;
        }
    }
    visit.end(&rooms, &nickname).await;
}

/// Calls the client's ack function without arguments; does nothing if there is none.
fn acknowledge(socket: &SocketRef, line: &Line, ack: AckSender) {
    const NO_ARGUMENTS: [(); 0] = [];
    line.send(socket, || ack.send(&NO_ARGUMENTS));
}

/// Puts the arguments of `echo` on the line of its own client, in the way of `put`.
fn send_back(
    socket: &SocketRef,
    line: &Line,
    echo: Echo,
    put: impl FnOnce(&EchoArguments) -> Result<(), SendError>,
) {
    match echo.arguments() {
        Some(arguments) => line.send(socket, || put(&arguments)),
        None => line.close(socket, Expulsion::Malformed),
    }
}

/// Puts an event on the line of everyone else in the room.
///
/// To each in turn, not to the room at once: a broadcast that did not fit everywhere does not tell
/// whom it missed.
fn relay(sender: &SocketRef, room: String, event: &str, argument: &RawValue) {
    for member in sender.to(room).sockets() {
        if let Some(line) = Line::of(&member) {
            line.send(&member, || member.emit(event, argument));
        }
    }
}
