//! Nobody asks whether the client was in the room.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-from-strangers",
    chapter: "bye",
    summary: "who leaves a room that it is not in is announced there",
    bug: || Box::new(ByeFromStrangers),
};

struct ByeFromStrangers;

impl Bug for ByeFromStrangers {
    fn farewells(
        &mut self,
        _from: SocketId,
        _change: Change,
        _left: Vec<Room>,
        named: Vec<Room>,
    ) -> Vec<Room> {
        named
    }
}
