//! The width of a column in a database.

use super::Entry;
use crate::bug::Bug;
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "truncates-room-name",
    chapter: "rooms",
    summary: "of the name of a room the first 64 characters are kept",
    bug: || Box::new(TruncatesRoomName),
};

/// In characters.
const WIDTH: usize = 64;

struct TruncatesRoomName;

impl Bug for TruncatesRoomName {
    fn room(&mut self, room: Room) -> Room {
        match room {
            Room::Text(name) => Room::Text(name.chars().take(WIDTH).collect()),
            other @ Room::Other(_) => other,
        }
    }
}
