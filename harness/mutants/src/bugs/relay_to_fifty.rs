//! A page size that was meant for a list of members, in the way of a relay.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "relay-to-fifty",
    chapter: "relay",
    summary: "a message reaches the first fifty members of a room",
    bug: || Box::new(RelayToFifty),
};

const FIFTY: usize = 50;

struct RelayToFifty;

impl Bug for RelayToFifty {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if occasion == Occasion::Relay {
            audience.truncate(FIFTY);
        }
        audience
    }
}
