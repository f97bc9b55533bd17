//! A map of rooms as the language iterates it.

use indexmap::IndexSet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "list-by-age",
    chapter: "room list",
    summary: "the list of rooms has the oldest first",
    bug: || Box::new(ListByAge::default()),
};

#[derive(Default)]
struct ListByAge {
    seen: IndexSet<String>,
}

impl Bug for ListByAge {
    fn room_list(
        &mut self,
        _chat: &Chat,
        _changed: Option<&Room>,
        mut list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        self.seen.extend(list.iter().map(|(name, _)| name.clone()));
        list.sort_by_key(|(name, _)| self.seen.get_index_of(name));
        list
    }
}
