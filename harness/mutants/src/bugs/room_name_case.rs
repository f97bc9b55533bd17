//! Names that went through a case-insensitive column or a tidy `toLowerCase()`.

use super::Entry;
use crate::bug::Bug;
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "room-name-case",
    chapter: "rooms",
    summary: "the names of rooms that differ only in case are one room",
    bug: || Box::new(RoomNameCase),
};

struct RoomNameCase;

impl Bug for RoomNameCase {
    fn room(&mut self, room: Room) -> Room {
        match room {
            Room::Text(name) => Room::Text(name.to_lowercase()),
            other @ Room::Other(_) => other,
        }
    }
}
