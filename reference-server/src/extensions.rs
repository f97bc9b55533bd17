//! What is said to clients that asked for nothing: who leaves a room, and which rooms there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::value::{RawValue, to_raw_value};
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;

use crate::arguments::Argument;
use crate::chat::Rooms;
use crate::config::Config;
use crate::worker::tell;

/// What all clients share.
#[derive(Debug)]
pub(crate) struct Extensions {
    bye: bool,
    room_change: bool,
    /// The rooms, and how many are in each. Held until everybody has been told, so that all are told
    /// the same in the same order.
    rooms: Mutex<BTreeMap<String, usize>>,
    /// The server stops: when everybody leaves, there is nobody to tell.
    is_silent: AtomicBool,
}

/// One client's visit: the rooms that it is in, and who is to be told when that changes.
pub(crate) struct Visit {
    shared: Arc<Extensions>,
    io: SocketIo,
    sid: Sid,
    rooms: BTreeSet<String>,
}

/// In the extensions of a socket that has been told which rooms there are: not before it counts as
/// connected, so that nothing precedes the answer to its CONNECT.
#[derive(Clone)]
struct Told;

impl Extensions {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            bye: config.bye,
            room_change: config.room_change,
            rooms: Mutex::default(),
            is_silent: AtomicBool::new(false),
        }
    }

    /// From now on nobody is told anything.
    pub(crate) fn fall_silent(&self) {
        self.is_silent.store(true, Ordering::Relaxed);
    }

    fn is_silent(&self) -> bool {
        self.is_silent.load(Ordering::Relaxed)
    }
}

impl Visit {
    /// A client has connected, and nothing has been sent to it yet.
    pub(crate) fn begin(shared: &Arc<Extensions>, io: SocketIo, socket: &SocketRef) -> Self {
        if shared.room_change {
            let rooms = shared.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(list) = list(&rooms) {
                tell([socket.clone()], "room_change", &list);
            }
            socket.extensions.insert(Told);
        }
        Self {
            shared: Arc::clone(shared),
            io,
            sid: socket.id,
            rooms: BTreeSet::new(),
        }
    }

    /// The client is in a room, and everybody there has been told.
    pub(crate) fn entered(&mut self, room: &str) {
        let matters = self.shared.bye || self.shared.room_change;
        if matters && self.rooms.insert(room.to_owned()) {
            self.change(|rooms| *rooms.entry(room.to_owned()).or_default() += 1);
        }
    }

    /// The client is out of a room, and knows it. Whoever calls this holds the room's lock.
    pub(crate) fn left(&mut self, room: &str, nickname: &Argument) {
        if self.rooms.remove(room) {
            self.say_bye(room, nickname);
            self.change(|rooms| forget(rooms, room));
        }
    }

    /// The connection has ended, and with it every stay in a room.
    pub(crate) async fn end(self, locks: &Rooms, nickname: &Argument) {
        if self.rooms.is_empty() {
            return;
        }
        for room in &self.rooms {
            let _one_thing_at_a_time = locks.enter(room).await;
            self.say_bye(room, nickname);
        }
        self.change(|rooms| self.rooms.iter().for_each(|room| forget(rooms, room)));
    }

    fn say_bye(&self, room: &str, nickname: &Argument) {
        if !self.shared.bye || self.shared.is_silent() {
            return;
        }
        let nickname = nickname.json();
        let members = self.io.within(room.to_owned()).sockets();
        let others = members.into_iter().filter(|member| member.id != self.sid);
        tell(others, "bye", &nickname);
    }

    /// Changes how many are in a room, and tells everybody.
    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, usize>)) {
        if !self.shared.room_change || self.shared.is_silent() {
            return;
        }
        let rooms = self.shared.rooms.lock();
        let mut rooms = rooms.unwrap_or_else(PoisonError::into_inner);
        change(&mut rooms);
        let Some(list) = list(&rooms) else {
            return;
        };
        let sockets = self.io.sockets().into_iter();
        let told = sockets.filter(|socket| socket.extensions.get::<Told>().is_some());
        tell(told, "room_change", &list);
    }
}

/// One member less. An empty room is none.
fn forget(rooms: &mut BTreeMap<String, usize>, room: &str) {
    if let Some(members) = rooms.get_mut(room) {
        *members -= 1;
        if *members == 0 {
            rooms.remove(room);
        }
    }
}

/// The list as it is sent: text is in the order of its code points.
fn list(rooms: &BTreeMap<String, usize>) -> Option<Box<RawValue>> {
    let list: Vec<_> = rooms.iter().collect();
    to_raw_value(&list)
        .inspect_err(|error| tracing::error!(%error, "cannot encode the list of rooms"))
        .ok()
}
