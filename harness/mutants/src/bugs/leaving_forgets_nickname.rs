//! The nickname is cleared with the room, and the client may be in others.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaving-forgets-nickname",
    chapter: "leaving",
    summary: "whoever leaves a room has no nickname any more",
    bug: || Box::new(LeavingForgetsNickname),
};

struct LeavingForgetsNickname;

impl Bug for LeavingForgetsNickname {
    fn has_left(&mut self, chat: &mut Chat, from: SocketId, _room: &Room) {
        chat.forget_nickname(from);
    }
}
