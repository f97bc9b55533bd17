//! The points at which a bug may differ from the right server.

use std::time::Duration;

use chatspec_wire::data::Data;
use chatspec_wire::engine::Packet;

use crate::chat::{Change, Chat, Occasion, Room, SocketId};

/// A request of the contract, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Who asks.
    pub(crate) from: SocketId,
    /// The id to acknowledge, if the client passed an ack function.
    pub(crate) id: Option<u64>,
    /// What is asked for.
    pub(crate) call: Call,
    /// How many arguments there were beyond those that the contract knows.
    pub(crate) surplus: usize,
}

/// What a client should not send, and what concerns nobody but this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// An ack of nothing.
    StrayAck,
    /// A packet that does not keep to the protocol.
    Garbage,
}

/// What a client may ask for. An argument that was not sent is `None`, as JavaScript's `undefined`.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    /// `enter_room`.
    EnterRoom {
        nickname: Option<Data>,
        room: Option<Data>,
    },
    /// `new_message`.
    NewMessage {
        text: Option<Data>,
        room: Option<Data>,
    },
    /// `leave_room`, of the capability of that name.
    LeaveRoom { room: Option<Data> },
    /// `message` of the capability `echo`; `message-with-ack`, if the answer is its ack.
    Echo { in_ack: bool, args: Vec<Data> },
    /// An event that the contract does not know; the right server ignores it.
    Other { event: String, args: Vec<Data> },
}

/// One thing that the server does because of a request. They are done in the order of their list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Answers a request.
    Ack {
        to: SocketId,
        id: u64,
        args: Vec<Data>,
    },
    /// Emits an event to one socket.
    Emit {
        to: SocketId,
        event: String,
        args: Vec<Data>,
    },
    /// Puts a socket into a room, where a bug has not done so in time.
    Join { socket: SocketId, room: Room },
    /// Takes a socket out of a room, where a bug has not done so in time.
    Leave { socket: SocketId, room: Room },
    /// Lets time pass, for this client: its later requests wait, others' do not.
    Wait(Duration),
    /// Closes a socket's connection.
    Close(SocketId),
    /// The process dies.
    Die,
}

impl Effect {
    pub(crate) fn is_ack(&self) -> bool {
        matches!(self, Self::Ack { .. })
    }

    pub(crate) fn is_emit(&self) -> bool {
        matches!(self, Self::Emit { .. })
    }
}

/// One bug. Every method is a point where the server asks; the answers given here are right.
pub(crate) trait Bug: Send {
    // Dispatch: which requests of a client are handled, and when.

    /// For how long after a client's CONNECT its requests are lost.
    fn deaf_after_connect(&self) -> Duration {
        Duration::ZERO
    }

    /// For how long one client's requests are gathered before they are handled.
    fn gathers(&self) -> Duration {
        Duration::ZERO
    }

    /// The requests that were gathered, in the order in which they are to be handled.
    fn order(&mut self, requests: Vec<Request>) -> Vec<Request> {
        requests
    }

    /// Whether the server lives on after it.
    fn survives(&self, _oddity: Oddity) -> bool {
        true
    }

    // Chat: what a request means.

    /// Called when a socket has connected.
    fn connected(&mut self, _chat: &mut Chat, _socket: SocketId) {}

    /// The room that an argument stands for.
    fn room(&mut self, room: Room) -> Room {
        room
    }

    /// The nickname that a socket is known by from now on.
    fn introduction(&mut self, nickname: Option<Data>) -> Option<Data> {
        nickname
    }

    /// Called before a socket enters a room.
    fn entering(&mut self, _chat: &mut Chat, _from: SocketId, _room: &Room) {}

    /// Called when a socket has entered a room.
    fn entered(&mut self, _chat: &mut Chat, _from: SocketId, _room: &Room) {}

    /// The rooms that a socket leaves which asks to leave `room`.
    fn left(&mut self, _chat: &Chat, _from: SocketId, room: Room) -> Vec<Room> {
        vec![room]
    }

    /// Called when a socket has left what it asked to leave.
    fn has_left(&mut self, _chat: &mut Chat, _from: SocketId, _room: &Room) {}

    /// Called before a socket is forgotten because its connection has ended.
    fn leaving(&mut self, _chat: &mut Chat, _from: SocketId) {}

    /// The nickname under which `from` speaks in `room`; `None` if none is known.
    fn nickname(&mut self, chat: &Chat, from: SocketId, _room: &Room) -> Option<Data> {
        chat.nickname(from).cloned()
    }

    /// Who is to hear what `from` does in `room`.
    fn audience(
        &mut self,
        chat: &Chat,
        _occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        chat.others_in(room, from)
    }

    /// The rooms in which `bye` is said for `from`, of those that it has left; `named` are the ones that
    /// it was in or asked to leave.
    fn farewells(
        &mut self,
        _from: SocketId,
        _change: Change,
        left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        left
    }

    /// The nickname that `bye` carries.
    fn farewell(&mut self, chat: &Chat, from: SocketId) -> Option<Data> {
        chat.nickname(from).cloned()
    }

    /// The list of rooms, as it is sent.
    fn room_list(
        &mut self,
        _chat: &Chat,
        _changed: Option<&Room>,
        list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        list
    }

    /// Who is sent the list of rooms; `right` is who should be.
    fn list_audience(
        &mut self,
        _chat: &Chat,
        _change: Change,
        _by: SocketId,
        _changed: Option<&Room>,
        right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        right
    }

    /// The text of a message as it is relayed.
    fn text(&mut self, text: String) -> String {
        text
    }

    /// The text of a relay, from nickname and text.
    fn line(&mut self, nickname: &str, text: &str) -> String {
        format!("{nickname}: {text}")
    }

    /// The arguments of `from` as they are sent back.
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        args
    }

    /// What one request leads to.
    fn effects(&mut self, _chat: &Chat, _request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        effects
    }

    // Cluster: what becomes of effects on other nodes than the one that was asked.

    /// What another node does about the effects of a request that are for sockets of its own.
    fn crosses(&mut self, _chat: &Chat, _request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        effects
    }

    /// Whether a request is acked when its own node has done it, and the others have not.
    fn acks_before_crossing(&self) -> bool {
        false
    }

    /// What all requests that were gathered lead to.
    fn all_effects(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        effects
    }

    /// Whether an effect still takes place when its turn has come.
    fn performs(&mut self, _effect: &Effect) -> bool {
        true
    }

    // Packets: below what a library shows its user.

    /// The packets of one effect. `unheard` is how many have been sent to this socket since it last
    /// sent anything itself.
    fn packets(&mut self, _to: SocketId, _unheard: usize, packets: Vec<Packet>) -> Vec<Packet> {
        packets
    }

    /// The body of one long-polling response.
    fn poll_body(&mut self, body: String) -> String {
        body
    }

    /// The packets of one long-polling response.
    fn poll_response(&mut self, packets: Vec<Packet>) -> Vec<Packet> {
        packets
    }

    /// The first packets that are written after an upgrade.
    fn after_upgrade(&mut self, packets: Vec<Packet>) -> Vec<Packet> {
        packets
    }
}

/// The right server.
pub(crate) struct NoBug;

impl Bug for NoBug {}
