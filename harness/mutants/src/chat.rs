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
    Bye,
}

/// What has changed the members of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing: a socket has connected.
    Connect,
    Enter,
    Leave,
    /// The client has said goodbye.
    Disconnect,
    /// The connection has ended.
    Lost,
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

    /// What the list of rooms calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Text(name) | Self::Other(Some(name)) => name.clone(),
            Self::Other(None) => "undefined".to_owned(),
        }
    }
}

/// Who is where, and under which name.
#[derive(Debug)]
pub(crate) struct Chat {
    /// In the order in which they connected: ids only grow.
    sockets: BTreeMap<SocketId, Member>,
    /// Whether it says who leaves, and which rooms there are.
    announces: bool,
}

#[derive(Debug, Default)]
struct Member {
    nickname: Option<Data>,
    /// In the order in which they were entered.
    rooms: IndexSet<Room>,
}

impl Chat {
    /// Nobody is there yet. With `announces` it has the capabilities `bye` and `room_change`.
    pub(crate) fn new(announces: bool) -> Self {
        Self {
            sockets: BTreeMap::new(),
            announces,
        }
    }

    /// A socket has joined the namespace.
    pub(crate) fn connect(&mut self, bug: &mut dyn Bug, socket: SocketId) -> Vec<Effect> {
        self.sockets.insert(socket, Member::default());
        bug.connected(self, socket);
        self.list(bug, Change::Connect, socket, None)
    }

    /// A socket has left the namespace, and with it all rooms.
    pub(crate) fn disconnect(
        &mut self,
        bug: &mut dyn Bug,
        socket: SocketId,
        change: Change,
    ) -> Vec<Effect> {
        if !self.sockets.contains_key(&socket) {
            return Vec::new();
        }
        bug.leaving(self, socket);
        let rooms: Vec<_> = self.rooms(socket).cloned().collect();
        let mut effects = self.say_bye(bug, socket, change, (rooms.clone(), rooms.clone()));
        self.sockets.remove(&socket);
        if !rooms.is_empty() {
            effects.extend(self.list(bug, change, socket, rooms.last()));
        }
        effects
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
            Call::LeaveRoom { room } => self.leave_room(bug, request, room.as_ref()),
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
        let is_new = self.rooms(from).all(|known| *known != room);
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
        let changed = is_new.then_some(&room);
        effects.extend(self.list(bug, Change::Enter, from, changed));
        effects
    }

    fn leave_room(
        &mut self,
        bug: &mut dyn Bug,
        request: &Request,
        room: Option<&Data>,
    ) -> Vec<Effect> {
        let from = request.from;
        let room = bug.room(Room::of(room));
        let mut left = bug.left(self, from, room.clone());
        left.retain(|room| self.rooms(from).any(|known| known == room));
        for room in &left {
            self.leave(from, room);
        }
        bug.has_left(self, from, &room);
        let mut effects: Vec<_> = ack(request, Vec::new()).into_iter().collect();
        let changed = left.first().cloned();
        effects.extend(self.say_bye(bug, from, Change::Leave, (left, vec![room])));
        effects.extend(self.list(bug, Change::Leave, from, changed.as_ref()));
        effects
    }

    /// Tells the others in the rooms that `from` has left. `named` are those it was in or asked to leave.
    fn say_bye(
        &self,
        bug: &mut dyn Bug,
        from: SocketId,
        change: Change,
        (left, named): (Vec<Room>, Vec<Room>),
    ) -> Vec<Effect> {
        if !self.announces {
            return Vec::new();
        }
        let nickname = bug.farewell(self, from).unwrap_or(Data::Null);
        let mut effects = Vec::new();
        for room in bug.farewells(from, change, left, named) {
            let audience = bug.audience(self, Occasion::Bye, from, &room);
            effects.extend(audience.into_iter().map(|to| Effect::Emit {
                to,
                event: "bye".to_owned(),
                args: vec![nickname.clone()],
            }));
        }
        effects
    }

    /// Tells a newcomer which rooms there are, and everybody when that has changed.
    fn list(
        &self,
        bug: &mut dyn Bug,
        change: Change,
        by: SocketId,
        changed: Option<&Room>,
    ) -> Vec<Effect> {
        if !self.announces {
            return Vec::new();
        }
        let right = match (change, changed) {
            (Change::Connect, _) => vec![by],
            (_, Some(_)) => self.sockets.keys().copied().collect(),
            (_, None) => Vec::new(),
        };
        let audience = bug.list_audience(self, change, by, changed, right);
        let mut counts = BTreeMap::new();
        for room in self.sockets.values().flat_map(|member| &member.rooms) {
            *counts.entry(room.name()).or_insert(0) += 1;
        }
        // Text is in the order of its code points.
        let list = bug.room_list(self, changed, counts.into_iter().collect());
        let list = list.into_iter().map(|(name, count)| {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            Data::from(vec![Data::from(name), Data::from(count)])
        });
        let list = Data::from(list.collect::<Vec<_>>());
        let emit = |to| Effect::Emit {
            to,
            event: "room_change".to_owned(),
            args: vec![list.clone()],
        };
        audience.into_iter().map(emit).collect()
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

    /// The members of `room`.
    pub(crate) fn members_of(&self, room: &Room) -> impl Iterator<Item = SocketId> {
        let members = self
            .sockets
            .iter()
            .filter(|(_, member)| member.rooms.contains(room));
        members.map(|(&socket, _)| socket)
    }

    /// The members of `room` but for one.
    pub(crate) fn others_in(&self, room: &Room, but: SocketId) -> Vec<SocketId> {
        let members = self.members_of(room);
        members.filter(|&socket| socket != but).collect()
    }

    /// As if it had never given a nickname; the contract has no such request.
    pub(crate) fn forget_nickname(&mut self, socket: SocketId) {
        if let Some(member) = self.sockets.get_mut(&socket) {
            member.nickname = None;
        }
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

    /// Takes a socket out of a room.
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
