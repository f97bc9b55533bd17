//! The room is taken from the session and not from the message. Seen in socket.io before 4.0 as an
//! effect of shared state: an emit went to the room of an earlier call (socketio/socket.io#2962).

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "last-room-only",
    chapter: "rooms",
    summary: "a message goes to the room that its sender entered last, whatever room it names",
    bug: || Box::new(LastRoomOnly),
};

struct LastRoomOnly;

impl Bug for LastRoomOnly {
    fn audience(
        &mut self,
        chat: &Chat,
        occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let latest = chat
            .rooms(from)
            .next_back()
            .filter(|_| occasion == Occasion::Relay);
        chat.others_in(latest.unwrap_or(room), from)
    }
}
