//! A form's habit in the server: two rooms become one.

use super::Entry;
use crate::bug::Bug;
use crate::chat::Room;

pub(super) const ENTRY: Entry = Entry {
    name: "trims-room-name",
    chapter: "rooms",
    summary: "spaces around the name of a room are lost",
    bug: || Box::new(TrimsRoomName),
};

struct TrimsRoomName;

impl Bug for TrimsRoomName {
    fn room(&mut self, room: Room) -> Room {
        match room {
            Room::Text(name) => Room::Text(name.trim().to_owned()),
            other @ Room::Other(_) => other,
        }
    }
}
