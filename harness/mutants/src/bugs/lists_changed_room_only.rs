//! What has changed is told, where all is to be told.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "lists-changed-room-only",
    chapter: "room list",
    summary: "the list of rooms has the one that has changed and no other",
    bug: || Box::new(ListsChangedRoomOnly),
};

struct ListsChangedRoomOnly;

impl Bug for ListsChangedRoomOnly {
    fn room_list(
        &mut self,
        _chat: &Chat,
        changed: Option<&Room>,
        mut list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        if let Some(changed) = changed.map(Room::name) {
            list.retain(|(name, _)| *name == changed);
        }
        list
    }
}
