//! The usual slip: `io.to(room)` in the place of `socket.to(room)`, which leaves out the sender.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-to-self",
    chapter: "welcome",
    summary: "the newcomer is welcomed too",
    bug: || Box::new(WelcomeToSelf),
};

struct WelcomeToSelf;

impl Bug for WelcomeToSelf {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if occasion == Occasion::Welcome {
            audience.push(from);
        }
        audience
    }
}
