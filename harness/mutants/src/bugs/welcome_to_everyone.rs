//! A broadcast that has lost its room. Seen in socket.io before 4.0, where the room of one
//! broadcast could end up at another (socketio/socket.io#2962, #3751).

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-to-everyone",
    chapter: "welcome",
    summary: "everybody on the server hears of a newcomer, whatever their room",
    bug: || Box::new(WelcomeToEveryone),
};

struct WelcomeToEveryone;

impl Bug for WelcomeToEveryone {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        match occasion {
            Occasion::Welcome => chat.others(from),
            Occasion::Relay | Occasion::Bye => chat.others_in(room, from),
        }
    }
}
