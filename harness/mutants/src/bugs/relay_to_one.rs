//! A `return` in the place of a `continue` in the loop over the members.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "relay-to-one",
    chapter: "relay",
    summary: "a message reaches only the member that came first",
    bug: || Box::new(RelayToOne),
};

struct RelayToOne;

impl Bug for RelayToOne {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if occasion == Occasion::Relay {
            audience.truncate(1);
        }
        audience
    }
}
