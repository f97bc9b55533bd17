//! Nobody asks whether the client was in the room already.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "list-on-reentry",
    chapter: "room list",
    summary: "the list of rooms is sent when a member enters again",
    bug: || Box::new(ListOnReentry),
};

struct ListOnReentry;

impl Bug for ListOnReentry {
    fn list_audience(
        &mut self,
        chat: &Chat,
        change: Change,
        by: SocketId,
        changed: Option<&Room>,
        mut right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        if change == Change::Enter && changed.is_none() {
            right = chat.others(by);
            right.push(by);
        }
        right
    }
}
