//! Leaving is asynchronous in many a library, and here nobody waits for it.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaves-late",
    chapter: "leaving",
    summary: "the ack of leave_room comes 20 ms before the client is out",
    bug: || Box::new(LeavesLate),
};

/// Time for somebody else to speak.
const LATE: Duration = Duration::from_millis(20);

struct LeavesLate;

impl Bug for LeavesLate {
    fn left(&mut self, _chat: &Chat, _from: SocketId, _room: Room) -> Vec<Room> {
        Vec::new()
    }

    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::LeaveRoom { room } = &request.call {
            effects.push(Effect::Wait(LATE));
            effects.push(Effect::Leave {
                socket: request.from,
                room: Room::of(room.as_ref()),
            });
        }
        effects
    }
}
