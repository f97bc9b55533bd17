//! The client is taken for one that is in one room at a time.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-in-first-room-only",
    chapter: "bye",
    summary: "who disconnects is announced in one of its rooms",
    bug: || Box::new(ByeInFirstRoomOnly),
};

struct ByeInFirstRoomOnly;

impl Bug for ByeInFirstRoomOnly {
    fn farewells(
        &mut self,
        _from: SocketId,
        _change: Change,
        mut left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        left.truncate(1);
        left
    }
}
