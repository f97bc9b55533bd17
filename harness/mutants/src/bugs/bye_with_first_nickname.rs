//! The nickname is noted when the client enters first.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-with-first-nickname",
    chapter: "bye",
    summary: "who leaves is announced by its first nickname",
    bug: || Box::new(ByeWithFirstNickname::default()),
};

#[derive(Default)]
struct ByeWithFirstNickname {
    first: HashMap<SocketId, Option<Data>>,
}

impl Bug for ByeWithFirstNickname {
    fn entered(&mut self, chat: &mut Chat, from: SocketId, _room: &Room) {
        let nickname = chat.nickname(from).cloned();
        self.first.entry(from).or_insert(nickname);
    }

    fn farewell(&mut self, chat: &Chat, from: SocketId) -> Option<Data> {
        let first = self.first.get(&from).cloned();
        first.unwrap_or_else(|| chat.nickname(from).cloned())
    }
}
