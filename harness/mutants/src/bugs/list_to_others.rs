//! Broadcast leaves out the one who asks.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "list-to-others",
    chapter: "room list",
    summary: "who enters or leaves is not sent the list of rooms",
    bug: || Box::new(ListToOthers),
};

struct ListToOthers;

impl Bug for ListToOthers {
    fn list_audience(
        &mut self,
        _chat: &Chat,
        change: Change,
        by: SocketId,
        _changed: Option<&Room>,
        mut right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        if change != Change::Connect {
            right.retain(|to| *to != by);
        }
        right
    }
}
