//! The contract: what a request leads to.

use std::collections::BTreeMap;

use chatspec_wire::data::Data;
use indexmap::IndexSet;

use crate::bug::{Bug, Call, Effect, Request};
use crate::javascript;

/// One client's connection to the namespace: which of all it is, and on which node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SocketId(pub(crate) u64, pub(crate) Node);

/// A node of the server, by its listener's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Node(pub(crate) usize);

/// Why somebody is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Occasion {
    Welcome,
    Relay,
}

/// What a room is called. In the original a room may be any value, and `5` is not `"5"`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Room {
    /// The usual.
    Text(String),
    /// Anything else, by its JSON; `None` if it was not sent.
    Other(Option<String>),
}

impl Room {
    pub(crate) fn of(argument: Option<&Data>) -> Self {
        match argument {
            Some(Data::Text(name)) => Self::Text(name.clone()),
            other => Self::Other(other.map(Data::to_string)),
        }
    }
}

/// Who is where, and under which name.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    /// In the order in which they connected: ids only grow.
    sockets: BTreeMap<SocketId, Member>,
}

#[derive(Debug, Default)]
struct Member {
    nickname: Option<Data>,
    /// In the order in which they were entered.
    rooms: IndexSet<Room>,
}

impl Chat {
    /// A socket has joined the namespace.
    pub(crate) fn connect(&mut self, bug: &mut dyn Bug, socket: SocketId) {
        self.sockets.insert(socket, Member::default());
        bug.connected(self, socket);
    }

    /// A socket has left the namespace, and with it all rooms.
    pub(crate) fn disconnect(&mut self, bug: &mut dyn Bug, socket: SocketId) {
        if self.sockets.contains_key(&socket) {
            bug.leaving(self, socket);
            self.sockets.remove(&socket);
        }
    }

    /// Does what the contract says, except where `bug` knows better.
    pub(crate) fn handle(&mut self, bug: &mut dyn Bug, request: &Request) -> Vec<Effect> {
        if !self.sockets.contains_key(&request.from) {
            return Vec::new();
        }
        let effects = match &request.call {
            Call::EnterRoom { nickname, room } => {
                self.enter(bug, request, nickname.clone(), room.as_ref())
            }
            Call::NewMessage { text, room } => {
                self.relay(bug, request, text.as_ref(), room.as_ref())
            }
            Call::Echo { in_ack, args } => {
                let args = bug.echo(request.from, args.clone());
                if *in_ack {
                    ack(request, args).into_iter().collect()
                } else {
                    vec![Effect::Emit {
                        to: request.from,
                        event: "message-back".to_owned(),
                        args,
                    }]
                }
            }
            Call::Other { .. } => Vec::new(),
        };
        bug.effects(self, request, effects)
    }

    fn enter(
        &mut self,
        bug: &mut dyn Bug,
        request: &Request,
        nickname: Option<Data>,
        room: Option<&Data>,
    ) -> Vec<Effect> {
        let from = request.from;
        let room = bug.room(Room::of(room));
        let nickname = bug.introduction(nickname);
        bug.entering(self, from, &room);
        if let Some(member) = self.sockets.get_mut(&from) {
            member.nickname.clone_from(&nickname);
        }
        self.join(from, room.clone());
        bug.entered(self, from, &room);

        let mut effects = Vec::new();
        effects.extend(ack(request, Vec::new()));
        let audience = bug.audience(self, Occasion::Welcome, from, &room);
        effects.extend(audience.into_iter().map(|to| Effect::Emit {
            to,
            event: "welcome".to_owned(),
            // An `undefined` argument becomes `null` in JSON.
            args: vec![nickname.clone().unwrap_or(Data::Null)],
        }));
        effects
    }

    fn relay(
        &mut self,
        bug: &mut dyn Bug,
        request: &Request,
        text: Option<&Data>,
        room: Option<&Data>,
    ) -> Vec<Effect> {
        let from = request.from;
        let room = bug.room(Room::of(room));
        let nickname = bug.nickname(self, from, &room);
        let text = bug.text(javascript::text_of(text));
        let line = bug.line(&javascript::text_of(nickname.as_ref()), &text);
        let audience = bug.audience(self, Occasion::Relay, from, &room);
        let mut effects: Vec<_> = audience
            .into_iter()
            .map(|to| Effect::Emit {
                to,
                event: "new_message".to_owned(),
                args: vec![line.clone().into()],
            })
            .collect();
        effects.extend(ack(request, Vec::new()));
        effects
    }

    /// What a socket last called itself.
    pub(crate) fn nickname(&self, socket: SocketId) -> Option<&Data> {
        self.sockets.get(&socket)?.nickname.as_ref()
    }

    /// The rooms of a socket, the latest last.
    pub(crate) fn rooms(&self, socket: SocketId) -> impl DoubleEndedIterator<Item = &Room> {
        self.sockets
            .get(&socket)
            .into_iter()
            .flat_map(|member| &member.rooms)
    }

    /// The members of `room` but for one.
    pub(crate) fn others_in(&self, room: &Room, but: SocketId) -> Vec<SocketId> {
        let members = self
            .sockets
            .iter()
            .filter(|(_, member)| member.rooms.contains(room));
        members
            .map(|(&socket, _)| socket)
            .filter(|&socket| socket != but)
            .collect()
    }

    /// Everybody, but for one.
    pub(crate) fn others(&self, but: SocketId) -> Vec<SocketId> {
        self.sockets
            .keys()
            .copied()
            .filter(|&socket| socket != but)
            .collect()
    }

    /// Puts a socket into a room. One that is entered again becomes the latest.
    pub(crate) fn join(&mut self, socket: SocketId, room: Room) {
        if let Some(member) = self.sockets.get_mut(&socket) {
            member.rooms.shift_remove(&room);
            member.rooms.insert(room);
        }
    }

    /// Takes a socket out of a room; the contract has no such request.
    pub(crate) fn leave(&mut self, socket: SocketId, room: &Room) {
        if let Some(member) = self.sockets.get_mut(&socket) {
            member.rooms.shift_remove(room);
        }
    }
}

fn ack(request: &Request, args: Vec<Data>) -> Option<Effect> {
    request.id.map(|id| Effect::Ack {
        to: request.from,
        id,
        args,
    })
}
