//! The room is deleted with the first who leaves it.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaving-empties-the-room",
    chapter: "leaving",
    summary: "with whoever leaves a room go all others",
    bug: || Box::new(LeavingEmptiesTheRoom),
};

struct LeavingEmptiesTheRoom;

impl Bug for LeavingEmptiesTheRoom {
    fn has_left(&mut self, chat: &mut Chat, from: SocketId, room: &Room) {
        for member in chat.others_in(room, from) {
            chat.leave(member, room);
        }
    }
}
