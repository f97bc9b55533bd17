//! Nobody asks whether the client was in the room.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "list-for-nothing",
    chapter: "room list",
    summary: "the list of rooms is sent when somebody leaves a room that it is not in",
    bug: || Box::new(ListForNothing),
};

struct ListForNothing;

impl Bug for ListForNothing {
    fn list_audience(
        &mut self,
        chat: &Chat,
        change: Change,
        by: SocketId,
        changed: Option<&Room>,
        mut right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        if change == Change::Leave && changed.is_none() {
            right = chat.others(by);
            right.push(by);
        }
        right
    }
}
