//! Unicode's normal form, by a library that means well. Here it knows one letter.

use super::Entry;
use crate::bug::Bug;
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "composes-room-name",
    chapter: "rooms",
    summary: "a letter and its accent are one character in the name of a room",
    bug: || Box::new(ComposesRoomName),
};

struct ComposesRoomName;

impl Bug for ComposesRoomName {
    fn room(&mut self, room: Room) -> Room {
        match room {
            Room::Text(name) => Room::Text(name.replace("e\u{301}", "\u{e9}")),
            other @ Room::Other(_) => other,
        }
    }
}
