//! A name that is taken for a path or a topic, of which the first part counts.

use super::Entry;
use crate::bug::Bug;
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "room-name-as-path",
    chapter: "rooms",
    summary: "rooms whose names begin alike up to a slash are one room",
    bug: || Box::new(RoomNameAsPath),
};

struct RoomNameAsPath;

impl Bug for RoomNameAsPath {
    fn room(&mut self, room: Room) -> Room {
        match room {
            Room::Text(name) => Room::Text(name.split('/').next().unwrap_or_default().to_owned()),
            other @ Room::Other(_) => other,
        }
    }
}
