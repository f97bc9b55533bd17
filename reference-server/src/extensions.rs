//! What is said to clients that asked for nothing: who leaves a room, and which rooms there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::value::{RawValue, to_raw_value};
use socketioxide::SocketIo;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;

use crate::arguments::Argument;
use crate::config::Config;
use crate::line::{Line, event_size};
use crate::rooms::{Room, Rooms, Speaker};

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

/// One client's visit: who is to be told when the rooms that it is in change.
pub(crate) struct Visit {
    shared: Arc<Extensions>,
    io: SocketIo,
    sid: Sid,
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
        }
    }

    /// The client has come into a room, and everybody there has been told.
    pub(crate) fn entered(&self, room: &str) {
        self.change(|rooms| *rooms.entry(room.to_owned()).or_default() += 1);
    }

    /// The client is out of a room that it was in, and knows it.
    pub(crate) async fn left(&self, room: &mut Room<'_>, nickname: &Argument) {
        self.say_bye(room, nickname).await;
        self.change(|rooms| forget(rooms, room.name()));
    }

    /// The connection has ended, and with it every stay in a room.
    pub(crate) async fn end(self, rooms: &Rooms, stays: &BTreeSet<String>, nickname: &Argument) {
        for name in stays {
            let mut room = rooms.enter(name).await;
            room.forget(self.sid);
            self.say_bye(&mut room, nickname).await;
        }
        if !stays.is_empty() {
            self.change(|rooms| stays.iter().for_each(|room| forget(rooms, room)));
        }
    }

    async fn say_bye(&self, room: &mut Room<'_>, nickname: &Argument) {
        if self.shared.bye && !self.shared.is_silent() {
            let nickname = nickname.json();
            room.tell(Speaker::Nobody(&self.io), "bye", &nickname).await;
        }
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

/// Tells each of these clients an event.
fn tell(clients: impl IntoIterator<Item = SocketRef>, event: &str, argument: &RawValue) {
    let size = event_size(event, argument);
    for client in clients {
        if let Some(line) = Line::of(&client) {
            line.send(&client, size, || client.emit(event, argument));
        }
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
