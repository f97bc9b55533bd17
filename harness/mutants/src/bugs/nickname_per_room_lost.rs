//! The nickname is kept with the room, and entering another room throws the first away.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "nickname-per-room-lost",
    chapter: "nickname",
    summary: "in all rooms but the one entered last, a member speaks as undefined",
    bug: || Box::new(NicknamePerRoomLost),
};

struct NicknamePerRoomLost;

impl Bug for NicknamePerRoomLost {
    fn nickname(&mut self, chat: &Chat, from: SocketId, room: &Room) -> Option<Data> {
        let latest = chat.rooms(from).next_back();
        chat.nickname(from)
            .filter(|_| latest == Some(room))
            .cloned()
    }
}
