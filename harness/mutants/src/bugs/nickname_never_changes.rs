//! A nickname that is remembered only if there is none yet.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "nickname-never-changes",
    chapter: "nickname",
    summary: "the first nickname of a socket stays, whatever it enters with later",
    bug: || Box::new(NicknameNeverChanges::default()),
};

#[derive(Default)]
struct NicknameNeverChanges {
    first: HashMap<SocketId, Data>,
}

impl Bug for NicknameNeverChanges {
    fn entered(&mut self, chat: &mut Chat, from: SocketId, _room: &Room) {
        if let Some(nickname) = chat.nickname(from) {
            self.first.entry(from).or_insert_with(|| nickname.clone());
        }
    }

    fn nickname(&mut self, _chat: &Chat, from: SocketId, _room: &Room) -> Option<Data> {
        self.first.get(&from).cloned()
    }
}
