//! The client is taken for one that is in one room at a time.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaves-all-rooms",
    chapter: "leaving",
    summary: "whoever leaves one room is out of all",
    bug: || Box::new(LeavesAllRooms),
};

struct LeavesAllRooms;

impl Bug for LeavesAllRooms {
    fn left(&mut self, chat: &Chat, from: SocketId, _room: Room) -> Vec<Room> {
        chat.rooms(from).cloned().collect()
    }
}
