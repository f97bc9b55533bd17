//! The room belongs to whoever opened it, and is thrown away together with its owner.

use std::collections::HashMap;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "room-dies-with-first",
    chapter: "relay",
    summary: "when the first in a room leaves, nobody is in it any more",
    bug: || Box::new(RoomDiesWithFirst::default()),
};

#[derive(Default)]
struct RoomDiesWithFirst {
    owners: HashMap<Room, SocketId>,
}

impl Bug for RoomDiesWithFirst {
    fn entered(&mut self, _chat: &mut Chat, from: SocketId, room: &Room) {
        self.owners.entry(room.clone()).or_insert(from);
    }

    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        let owned = self.owners.extract_if(|_, owner| *owner == from);
        for (room, _) in owned {
            for member in chat.others_in(&room, from) {
                chat.leave(member, &room);
            }
        }
    }
}
