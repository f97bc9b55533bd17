//! Members are kept by their nicknames.

use std::collections::HashSet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "counts-nicknames",
    chapter: "room list",
    summary: "the list of rooms counts namesakes once",
    bug: || Box::new(CountsNicknames),
};

struct CountsNicknames;

impl Bug for CountsNicknames {
    fn room_list(
        &mut self,
        chat: &Chat,
        _changed: Option<&Room>,
        mut list: Vec<(String, usize)>,
    ) -> Vec<(String, usize)> {
        for (name, count) in &mut list {
            let room = Room::Text(name.clone());
            let members = chat.members_of(&room);
            let nicknames = members.map(|member| format!("{:?}", chat.nickname(member)));
            *count = nicknames.collect::<HashSet<_>>().len();
        }
        list
    }
}
