//! The target of a broadcast that is kept in the object it was asked for on. Seen in socket.io before
//! 4.0, where two `to()` in a row added up.

use std::collections::HashMap;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "targets-pile-up",
    chapter: "rooms",
    summary: "a message also goes to the room of the message before it",
    bug: || Box::new(TargetsPileUp::default()),
};

#[derive(Default)]
struct TargetsPileUp {
    /// Where each socket last wrote to.
    targets: HashMap<SocketId, Room>,
}

impl Bug for TargetsPileUp {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if occasion == Occasion::Relay
            && let Some(before) = self.targets.insert(from, room.clone())
        {
            let more = chat.others_in(&before, from);
            audience.extend(more);
            audience.sort_unstable();
            audience.dedup();
        }
        audience
    }
}
