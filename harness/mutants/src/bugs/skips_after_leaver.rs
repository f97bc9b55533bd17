//! A list from which the gone are taken while it is being walked along.

use std::collections::HashMap;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "skips-after-leaver",
    chapter: "relay",
    summary: "the first message after somebody has left misses the next member",
    bug: || Box::new(SkipsAfterLeaver::default()),
};

#[derive(Default)]
struct SkipsAfterLeaver {
    /// Who is to be missed in each room.
    skipped: HashMap<Room, SocketId>,
}

impl Bug for SkipsAfterLeaver {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        for room in chat.rooms(from) {
            let others = chat.others_in(room, from);
            if let Some(next) = others.into_iter().find(|other| *other > from) {
                self.skipped.insert(room.clone(), next);
            }
        }
    }

    fn audience(
        &mut self,
        chat: &Chat,
        _occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if let Some(skipped) = self.skipped.remove(room) {
            audience.retain(|member| *member != skipped);
        }
        audience
    }
}
