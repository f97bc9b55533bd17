//! The rooms are kept in a list of their own, which nobody clears.

use std::collections::HashMap;

use indexmap::IndexSet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-again",
    chapter: "bye",
    summary: "who disconnects is announced in the rooms that it had left before",
    bug: || Box::new(ByeAgain::default()),
};

#[derive(Default)]
struct ByeAgain {
    entered: HashMap<SocketId, IndexSet<Room>>,
}

impl Bug for ByeAgain {
    fn entered(&mut self, _chat: &mut Chat, from: SocketId, room: &Room) {
        self.entered.entry(from).or_default().insert(room.clone());
    }

    fn farewells(
        &mut self,
        from: SocketId,
        change: Change,
        left: Vec<Room>,
        _named: Vec<Room>,
    ) -> Vec<Room> {
        let entered = self.entered.get(&from);
        match (change, entered) {
            (Change::Disconnect | Change::Lost, Some(entered)) => entered.iter().cloned().collect(),
            _ => left,
        }
    }
}
