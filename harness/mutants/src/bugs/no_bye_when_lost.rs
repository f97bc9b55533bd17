//! It is said where the client says goodbye, and not where its connection breaks.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-bye-when-lost",
    chapter: "bye",
    summary: "whose connection breaks is not announced",
    bug: || Box::new(NoByeWhenLost),
};

struct NoByeWhenLost;

impl Bug for NoByeWhenLost {
    fn farewells(
        &mut self,
        _from: SocketId,
        change: Change,
        left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        match change {
            Change::Lost => Vec::new(),
            _ => left,
        }
    }
}
