//! A limit that nobody is told of.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "room-limit",
    chapter: "rooms",
    summary: "whoever is in five rooms enters no other, and has the ack all the same",
    bug: || Box::new(RoomLimit),
};

const LIMIT: usize = 5;

struct RoomLimit;

impl Bug for RoomLimit {
    fn entered(&mut self, chat: &mut Chat, from: SocketId, room: &Room) {
        if chat.rooms(from).count() > LIMIT {
            chat.leave(from, room);
        }
    }
}
