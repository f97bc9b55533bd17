//! The room is told, and then left.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-to-leaver",
    chapter: "bye",
    summary: "whoever leaves a room is told so too",
    bug: || Box::new(ByeToLeaver),
};

struct ByeToLeaver;

impl Bug for ByeToLeaver {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if occasion == Occasion::Bye {
            audience.push(from);
        }
        audience
    }
}
