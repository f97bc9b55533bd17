//! Rooms that are kept under a nickname, and given back to whoever enters with it.

use std::collections::HashMap;

use chatspec_wire::data::Data;
use indexmap::IndexSet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "remembers-leavers",
    chapter: "relay",
    summary: "whoever comes back is in all rooms that its nickname was ever in",
    bug: || Box::new(RemembersLeavers::default()),
};

#[derive(Default)]
struct RemembersLeavers {
    /// All that anybody of a nickname has entered.
    rooms: HashMap<String, IndexSet<Room>>,
}

impl Bug for RemembersLeavers {
    fn entered(&mut self, chat: &mut Chat, from: SocketId, room: &Room) {
        let Some(Data::Text(nickname)) = chat.nickname(from) else {
            return;
        };
        let rooms = self.rooms.entry(nickname.clone()).or_default();
        for known in rooms.iter() {
            chat.join(from, known.clone());
        }
        rooms.insert(room.clone());
        // The one that was named stays the latest.
        chat.join(from, room.clone());
    }
}
