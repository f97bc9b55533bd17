//! A map of rooms that nobody deletes from.

use std::collections::BTreeMap;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "keeps-empty-rooms",
    chapter: "room list",
    summary: "rooms that everybody has left stay in the list",
    bug: || Box::new(KeepsEmptyRooms::default()),
};

#[derive(Default)]
struct KeepsEmptyRooms {
    rooms: BTreeMap<String, usize>,
}

impl Bug for KeepsEmptyRooms {
    fn room_list(
        &mut self,
        _chat: &Chat,
        _changed: Option<&Room>,
        list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        for count in self.rooms.values_mut() {
            *count = 0;
        }
        self.rooms.extend(list);
        self.rooms.clone().into_iter().collect()
    }
}
