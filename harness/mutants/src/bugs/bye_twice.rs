//! Two handlers do the same: one of the request or the disconnect, one of the room.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-twice",
    chapter: "bye",
    summary: "who leaves a room is announced twice",
    bug: || Box::new(ByeTwice),
};

struct ByeTwice;

impl Bug for ByeTwice {
    fn farewells(
        &mut self,
        _from: SocketId,
        _change: Change,
        left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        left.into_iter()
            .flat_map(|room| [room.clone(), room])
            .collect()
    }
}
