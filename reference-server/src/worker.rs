//! Does what one client asks for, one event after the other.

use std::sync::Arc;

use serde_json::value::RawValue;
use socketioxide::SendError;
use socketioxide::extract::SocketRef;

use crate::ack::Ack;
use crate::arguments::{Argument, Arguments};
use crate::chat::Chat;
use crate::clock::now;
use crate::echo::{Echo, EchoArguments};
use crate::extensions::Visit;
use crate::inbox::{Event, Outlet, Request};
use crate::limits::{Code, Excess};
use crate::line::{Expulsion, Line};

/// After how many events of one client its worker lets the others run. Few, so that readers are
/// written to between them; not one, since a reader's waiting packets go out in one system call.
const TURN: usize = 32;

/// The event that tells a client of a limit, if it has given no ack function to be told through.
const LIMIT_EXCEEDED: &str = "limit_exceeded";

/// What is known of one client.
pub(crate) struct Worker {
    chat: Arc<Chat>,
    line: Line,
    visit: Visit,
    nickname: Argument,
    /// How often it has entered a room: it is in so many at the most.
    entered: usize,
}

impl Worker {
    pub(crate) fn new(chat: Arc<Chat>, line: Line, visit: Visit) -> Self {
        Self {
            chat,
            line,
            visit,
            nickname: Argument::MISSING,
            entered: 0,
        }
    }

    /// Does all events until the client leaves.
    pub(crate) async fn work(mut self, mut outlet: Outlet) {
        let mut turn = 0;
        while let Some(request) = outlet.next().await {
            if !self.line.is_open() {
                continue;
            }
            let socket = request.socket.clone();
            self.attend_to(request).await;
            if !self.line.is_open() {
                // Expelled meanwhile: whoever did that may have emptied its rooms before it joined this.
                socket.leave_all();
            }
            turn = (turn + 1) % TURN;
            if turn == 0 {
                tokio::task::yield_now().await;
            }
        }
        self.visit.end(&self.chat.rooms, &self.nickname).await;
    }

    async fn attend_to(&mut self, request: Request) {
        let Request {
            socket,
            event,
            ack,
            arrived,
            undone,
        } = request;
        match event {
            Event::EnterRoom(arguments) => self.enter(&socket, arguments, ack).await,
            Event::NewMessage(arguments) => {
                if self.relay_message(&socket, arguments, ack).await {
                    let after = now().saturating_duration_since(arrived);
                    self.chat.metrics.fanned_out(after);
                }
            }
            Event::LeaveRoom(Arguments(room, _)) => self.leave(&socket, &room, ack).await,
            Event::Message(echo) => self.send_back(&socket, echo, |arguments| {
                socket.emit("message-back", arguments)
            }),
            // Without an ack function there is nobody to answer.
            Event::MessageWithAck(_) if !ack.is_awaited() => {}
            Event::MessageWithAck(echo) => {
                self.send_back(&socket, echo, |arguments| ack.send(arguments));
            }
            Event::Refused(excess) => self.refuse(&socket, ack, excess),
        }
        drop(undone);
    }

    async fn enter(&mut self, socket: &SocketRef, Arguments(nickname, room): Arguments, ack: Ack) {
        let chat = Arc::clone(&self.chat);
        chat.metrics.entering();
        let room = room.name();
        let _one_thing_at_a_time = chat.rooms.enter(&room).await;
        if let Err(excess) = self.may_enter(socket, &nickname, &room) {
            return self.refuse(socket, ack, excess);
        }
        self.entered += 1;
        self.nickname = nickname;
        socket.join(room.clone());
        self.acknowledge(socket, ack);
        self.relay(socket, room.clone(), "welcome", &self.nickname.json())
            .await;
        self.visit.entered(&room);
    }

    async fn leave(&mut self, socket: &SocketRef, room: &Argument, ack: Ack) {
        let chat = Arc::clone(&self.chat);
        let room = room.name();
        let _one_thing_at_a_time = chat.rooms.enter(&room).await;
        socket.leave(room.clone());
        self.acknowledge(socket, ack);
        self.visit.left(&room, &self.nickname);
    }

    fn may_enter(&self, socket: &SocketRef, nickname: &Argument, room: &str) -> Result<(), Excess> {
        let config = &self.chat.config;
        let max_rooms = config.max_rooms.get();
        Excess::of(
            Code::NicknameTooLong,
            nickname.printed_len(),
            config.max_nickname,
        )?;
        Excess::of(Code::RoomTooLong, room.len(), config.max_room)?;
        if self.entered < max_rooms {
            return Ok(());
        }
        // It may have entered the same room twice.
        let rooms = socket.rooms();
        if rooms.iter().any(|known| known == room) {
            return Ok(());
        }
        Excess::of(Code::TooManyRooms, rooms.len() + 1, max_rooms)
    }

    /// Whether it was relayed.
    async fn relay_message(
        &self,
        socket: &SocketRef,
        Arguments(text, room): Arguments,
        ack: Ack,
    ) -> bool {
        let Chat {
            config, metrics, ..
        } = &*self.chat;
        metrics.received();
        let room = room.name();
        let max_text = config.max_text.unwrap_or(usize::MAX);
        let allowed = Excess::of(Code::RoomTooLong, room.len(), config.max_room)
            .and_then(|()| Excess::of(Code::TextTooLong, text.printed_len(), max_text));
        let _one_thing_at_a_time = self.chat.rooms.enter(&room).await;
        if let Err(excess) = allowed {
            self.refuse(socket, ack, excess);
            return false;
        }
        let text = Argument::line(&self.nickname, &text);
        self.relay(socket, room, "new_message", &text).await;
        self.acknowledge(socket, ack);
        true
    }

    /// Calls the client's ack function without arguments; does nothing if there is none.
    fn acknowledge(&self, socket: &SocketRef, ack: Ack) {
        const NO_ARGUMENTS: [(); 0] = [];
        if ack.is_awaited() {
            let size = ack.size(0);
            self.line.send(socket, size, || ack.send(&NO_ARGUMENTS));
        }
    }

    /// Tells the client that its event was not done, and why.
    fn refuse(&self, socket: &SocketRef, ack: Ack, excess: Excess) {
        let code = excess.code.name();
        tracing::debug!(sid = %socket.id, code, limit = excess.limit, "over a limit");
        self.chat.metrics.limited(excess.code);
        let answer = excess.answer();
        if ack.is_awaited() {
            let size = ack.size(answer.get().len());
            self.line.send(socket, size, || ack.send(&answer));
        } else {
            self.emit(socket, LIMIT_EXCEEDED, &answer);
        }
    }

    /// Puts the arguments of `echo` on the client's own line, in the way of `put`.
    fn send_back(
        &self,
        socket: &SocketRef,
        echo: Echo,
        put: impl FnOnce(&EchoArguments) -> Result<(), SendError>,
    ) {
        match echo.arguments() {
            Some(arguments) => {
                let size = arguments.size();
                self.line.send(socket, size, || put(&arguments));
            }
            None => self.line.close(socket, Expulsion::Malformed),
        }
    }

    /// Tells an event to everyone else in the room, and then to the other nodes, if there are any.
    async fn relay(&self, sender: &SocketRef, room: String, event: &str, argument: &RawValue) {
        let delivered = tell(sender.to(room.clone()).sockets(), event, argument);
        self.chat.metrics.delivered(delivered);
        if let Some(cluster) = &self.chat.cluster {
            cluster.tell(&room, event, argument).await;
        }
    }

    fn emit(&self, socket: &SocketRef, event: &str, argument: &RawValue) {
        let size = event_size(event, argument);
        self.line
            .send(socket, size, || socket.emit(event, argument));
    }
}

/// Puts an event on the line of each member; gives how many took it.
///
/// To each in turn, not to the room at once: a broadcast that did not fit everywhere does not tell whom
/// it missed.
pub(crate) fn tell(
    members: impl IntoIterator<Item = SocketRef>,
    event: &str,
    argument: &RawValue,
) -> u64 {
    let size = event_size(event, argument);
    let mut delivered = 0;
    for member in members {
        if let Some(line) = Line::of(&member) {
            let put = line.send(&member, size, || member.emit(event, argument));
            delivered += u64::from(put);
        }
    }
    delivered
}

/// How long the packet of an event is: `42["name",argument]`.
fn event_size(event: &str, argument: &RawValue) -> usize {
    r#"42["",]"#.len() + event.len() + argument.get().len()
}
