//! The usual slip: `io.to(room)` in the place of `socket.to(room)`. Seen in the Redis adapter of
//! socket.io 6.1.0, which forgot to leave out the sender (socketio/socket.io-redis-adapter#400).

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "echo-to-sender",
    chapter: "relay",
    summary: "the sender hears its own messages",
    bug: || Box::new(EchoToSender),
};

struct EchoToSender;

impl Bug for EchoToSender {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let mut audience = chat.others_in(room, from);
        if occasion == Occasion::Relay {
            audience.push(from);
        }
        audience
    }
}
