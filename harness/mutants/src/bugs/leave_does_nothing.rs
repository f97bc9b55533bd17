//! The handler answers, and whoever wrote it forgot the rest.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leave-does-nothing",
    chapter: "leaving",
    summary: "leave_room is acked and leaves nothing",
    bug: || Box::new(LeaveDoesNothing),
};

struct LeaveDoesNothing;

impl Bug for LeaveDoesNothing {
    fn left(&mut self, _chat: &Chat, _from: SocketId, _room: Room) -> Vec<Room> {
        Vec::new()
    }
}
