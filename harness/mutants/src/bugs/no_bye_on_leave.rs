//! It is said where connections end, and only there.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-bye-on-leave",
    chapter: "bye",
    summary: "who leaves a room by asking is not announced",
    bug: || Box::new(NoByeOnLeave),
};

struct NoByeOnLeave;

impl Bug for NoByeOnLeave {
    fn farewells(
        &mut self,
        _from: SocketId,
        change: Change,
        left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        match change {
            Change::Leave => Vec::new(),
            _ => left,
        }
    }
}
