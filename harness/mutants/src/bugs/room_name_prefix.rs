//! Rooms as keys of a store that is searched by prefix, `LIKE 'lobby%'`.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "room-name-prefix",
    chapter: "rooms",
    summary: "a room is also every room whose name begins with its name",
    bug: || Box::new(RoomNamePrefix),
};

struct RoomNamePrefix;

impl Bug for RoomNamePrefix {
    fn audience(
        &mut self,
        chat: &Chat,
        _occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let Room::Text(named) = room else {
            return chat.others_in(room, from);
        };
        let is_in = |to: &SocketId| {
            let mut rooms = chat.rooms(*to);
            rooms.any(|room| matches!(room, Room::Text(name) if name.starts_with(named)))
        };
        chat.others(from).into_iter().filter(is_in).collect()
    }
}
