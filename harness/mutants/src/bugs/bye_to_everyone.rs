//! Broadcast, where it should be broadcast to the room.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "bye-to-everyone",
    chapter: "bye",
    summary: "who leaves is announced to everybody",
    bug: || Box::new(ByeToEveryone),
};

struct ByeToEveryone;

impl Bug for ByeToEveryone {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        match occasion {
            Occasion::Bye => chat.others(from),
            Occasion::Welcome | Occasion::Relay => chat.others_in(room, from),
        }
    }
}
