//! A broadcast that has lost its room. Seen in socket.io before 4.0, where the room of one
//! broadcast could end up at another (socketio/socket.io#2962, #3751).

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "relay-to-everyone",
    chapter: "relay",
    summary: "messages reach everybody on the server, whatever their room",
    bug: || Box::new(RelayToEveryone),
};

struct RelayToEveryone;

impl Bug for RelayToEveryone {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        match occasion {
            Occasion::Welcome | Occasion::Bye => chat.others_in(room, from),
            Occasion::Relay => chat.others(from),
        }
    }
}
