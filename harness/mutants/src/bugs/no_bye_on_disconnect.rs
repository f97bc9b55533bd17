//! It is said where the request is handled, and only there.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-bye-on-disconnect",
    chapter: "bye",
    summary: "who leaves by disconnecting is not announced",
    bug: || Box::new(NoByeOnDisconnect),
};

struct NoByeOnDisconnect;

impl Bug for NoByeOnDisconnect {
    fn farewells(
        &mut self,
        _from: SocketId,
        change: Change,
        left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        match change {
            Change::Leave => left,
            _ => Vec::new(),
        }
    }
}
