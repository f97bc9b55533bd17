//! Seen in socketioxide (Totodore/socketioxide#813) and in early socket.io (socketio/socket.io#379,
//! #1533): a broadcast to several rooms reached their common members several times.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "relay-per-shared-room",
    chapter: "relay",
    summary: "a message arrives once for every room that its sender and the member share",
    bug: || Box::new(RelayPerSharedRoom),
};

struct RelayPerSharedRoom;

impl Bug for RelayPerSharedRoom {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let audience = chat.others_in(room, from);
        if occasion == Occasion::Welcome {
            return audience;
        }
        let shared = |to| {
            chat.rooms(from)
                .filter(|mine| chat.rooms(to).any(|its| its == *mine))
                .count()
        };
        // A sender that is not a member itself still speaks to the room.
        audience
            .into_iter()
            .flat_map(|to| std::iter::repeat_n(to, shared(to).max(1)))
            .collect()
    }
}
