//! Does what one client asks for, one event after the other.

use std::collections::BTreeSet;
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
use crate::line::{Expulsion, Line, event_size};
use crate::rooms::{Room, Speaker};

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
    rooms: BTreeSet<String>,
}

impl Worker {
    pub(crate) fn new(chat: Arc<Chat>, line: Line, visit: Visit) -> Self {
        Self {
            chat,
            line,
            visit,
            nickname: Argument::MISSING,
            rooms: BTreeSet::new(),
        }
    }

    /// Does all events until the client leaves.
    pub(crate) async fn work(mut self, mut outlet: Outlet) {
        let mut turn = 0;
        while let Some(request) = outlet.next().await {
            if !self.line.is_open() {
                continue;
            }
            // In a box, for a worker waits most of the time, and is as large as the most that it ever does.
            Box::pin(self.attend_to(request)).await;
            turn = (turn + 1) % TURN;
            if turn == 0 {
                tokio::task::yield_now().await;
            }
        }
        self.visit
            .end(&self.chat.rooms, &self.rooms, &self.nickname)
            .await;
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
        let name = room.name();
        let mut room = chat.rooms.enter(&name).await;
        if let Err(excess) = self.may_enter(&nickname, &name) {
            return self.refuse(socket, ack, excess);
        }
        self.nickname = nickname;
        room.join(socket, &self.line);
        self.acknowledge(socket, ack);
        let nickname = self.nickname.json();
        self.relay(socket, &mut room, "welcome", &nickname).await;
        if self.rooms.insert(name.clone()) {
            self.visit.entered(&name);
        }
    }

    async fn leave(&mut self, socket: &SocketRef, room: &Argument, ack: Ack) {
        let chat = Arc::clone(&self.chat);
        let name = room.name();
        let mut room = chat.rooms.enter(&name).await;
        room.leave(socket);
        self.acknowledge(socket, ack);
        if self.rooms.remove(&name) {
            self.visit.left(&mut room, &self.nickname).await;
        }
    }

    fn may_enter(&self, nickname: &Argument, room: &str) -> Result<(), Excess> {
        let config = &self.chat.config;
        Excess::of(
            Code::NicknameTooLong,
            nickname.printed_len(),
            config.max_nickname,
        )?;
        Excess::of(Code::RoomTooLong, room.len(), config.max_room)?;
        if self.rooms.contains(room) {
            return Ok(());
        }
        Excess::of(
            Code::TooManyRooms,
            self.rooms.len() + 1,
            config.max_rooms.get(),
        )
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
        let name = room.name();
        let max_text = config.max_text.unwrap_or(usize::MAX);
        let allowed = Excess::of(Code::RoomTooLong, name.len(), config.max_room)
            .and_then(|()| Excess::of(Code::TextTooLong, text.printed_len(), max_text));
        let mut room = self.chat.rooms.enter(&name).await;
        if let Err(excess) = allowed {
            self.refuse(socket, ack, excess);
            return false;
        }
        let text = Argument::line(&self.nickname, &text);
        self.relay(socket, &mut room, "new_message", &text).await;
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
    async fn relay(
        &self,
        sender: &SocketRef,
        room: &mut Room<'_>,
        event: &str,
        argument: &RawValue,
    ) {
        let delivered = room.tell(Speaker::Client(sender), event, argument).await;
        self.chat.metrics.delivered(delivered);
        if let Some(cluster) = &self.chat.cluster {
            cluster.tell(room.name(), event, argument).await;
        }
    }

    fn emit(&self, socket: &SocketRef, event: &str, argument: &RawValue) {
        let size = event_size(event, argument);
        self.line
            .send(socket, size, || socket.emit(event, argument));
    }
}
