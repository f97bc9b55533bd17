//! A counter, and not a set.

use std::collections::HashMap;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "counts-entries",
    chapter: "room list",
    summary: "the list of rooms counts a member twice that has entered twice",
    bug: || Box::new(CountsEntries::default()),
};

#[derive(Default)]
struct CountsEntries {
    again: HashMap<String, usize>,
}

impl Bug for CountsEntries {
    fn entering(&mut self, chat: &mut Chat, from: SocketId, room: &Room) {
        if chat.rooms(from).any(|known| known == room) {
            *self.again.entry(room.name()).or_default() += 1;
        }
    }

    fn room_list(
        &mut self,
        _chat: &Chat,
        _changed: Option<&Room>,
        mut list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        for (name, count) in &mut list {
            *count += self.again.get(name).copied().unwrap_or_default();
        }
        list
    }
}
