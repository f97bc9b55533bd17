//! `if (room)` decides between a room and all: the empty string is false in JavaScript and Python.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "empty-room-is-everyone",
    chapter: "rooms",
    summary: "a message to the room with the empty name reaches everybody",
    bug: || Box::new(EmptyRoomIsEveryone),
};

struct EmptyRoomIsEveryone;

impl Bug for EmptyRoomIsEveryone {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        if occasion == Occasion::Relay && *room == Room::Text(String::new()) {
            return chat.others(from);
        }
        chat.others_in(room, from)
    }
}
