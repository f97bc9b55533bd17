//! The list is made before the room is entered, or without the one who asks.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "counts-one-less",
    chapter: "room list",
    summary: "the list of rooms counts one member less",
    bug: || Box::new(CountsOneLess),
};

struct CountsOneLess;

impl Bug for CountsOneLess {
    fn room_list(
        &mut self,
        _chat: &Chat,
        _changed: Option<&Room>,
        list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        let less = |(name, count): (String, usize)| (name, count.saturating_sub(1));
        list.into_iter().map(less).collect()
    }
}
