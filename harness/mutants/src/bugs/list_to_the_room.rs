//! Emitted to the room, where it should be emitted to all.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "list-to-the-room",
    chapter: "room list",
    summary: "the list of rooms goes to the members of the room that has changed",
    bug: || Box::new(ListToTheRoom),
};

struct ListToTheRoom;

impl Bug for ListToTheRoom {
    fn list_audience(
        &mut self,
        chat: &Chat,
        _change: Change,
        by: SocketId,
        changed: Option<&Room>,
        right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        match changed {
            Some(room) => chat.others_in(room, by),
            None => right,
        }
    }
}
