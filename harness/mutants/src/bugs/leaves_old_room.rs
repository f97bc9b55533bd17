//! A chat with one room at a time has this as its rule; this contract does not.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaves-old-room",
    chapter: "rooms",
    summary: "to enter a room is to leave all others",
    bug: || Box::new(LeavesOldRoom),
};

struct LeavesOldRoom;

impl Bug for LeavesOldRoom {
    fn entering(&mut self, chat: &mut Chat, from: SocketId, _room: &Room) {
        let old: Vec<_> = chat.rooms(from).cloned().collect();
        for room in &old {
            chat.leave(from, room);
        }
    }
}
