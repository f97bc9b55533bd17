//! A queue for each room, where the contract has one for each client.

use std::time::Duration;

use indexmap::IndexSet;

use super::Entry;
use crate::bug::{Bug, Call, Request};
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "queue-per-room",
    chapter: "order",
    summary: "requests that arrive together are handled room by room",
    bug: || Box::new(QueuePerRoom),
};

/// Pipelined requests arrive within it, also by long-polling.
const TOGETHER: Duration = Duration::from_millis(20);

struct QueuePerRoom;

impl Bug for QueuePerRoom {
    fn gathers(&self) -> Duration {
        TOGETHER
    }

    fn order(&mut self, mut requests: Vec<Request>) -> Vec<Request> {
        let mut rooms = IndexSet::new();
        requests.sort_by_cached_key(|request| match &request.call {
            Call::EnterRoom { room, .. }
            | Call::NewMessage { room, .. }
            | Call::LeaveRoom { room } => rooms.insert_full(Room::of(room.as_ref())).0,
            Call::Echo { .. } | Call::Other { .. } => 0,
        });
        requests
    }
}
