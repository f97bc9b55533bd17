//! Keys that look like numbers are numbers in many a store, and `7` and `07` the same.

use super::Entry;
use crate::bug::Bug;
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "room-name-as-number",
    chapter: "rooms",
    summary: "rooms whose names are the same number are one room",
    bug: || Box::new(RoomNameAsNumber),
};

struct RoomNameAsNumber;

impl Bug for RoomNameAsNumber {
    fn room(&mut self, room: Room) -> Room {
        match room {
            Room::Text(name) => match name.parse::<u64>() {
                Ok(number) => Room::Text(number.to_string()),
                Err(_) => Room::Text(name),
            },
            other @ Room::Other(_) => other,
        }
    }
}
