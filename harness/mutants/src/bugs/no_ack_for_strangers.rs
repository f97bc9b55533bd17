//! The handler returns early where there is nothing to do.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-ack-for-strangers",
    chapter: "leaving",
    summary: "leave_room is not acked to who is not in the room",
    bug: || Box::new(NoAckForStrangers::default()),
};

#[derive(Default)]
struct NoAckForStrangers {
    is_stranger: bool,
}

impl Bug for NoAckForStrangers {
    fn left(&mut self, chat: &Chat, from: SocketId, room: Room) -> Vec<Room> {
        self.is_stranger = chat.rooms(from).all(|known| *known != room);
        vec![room]
    }

    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if self.is_stranger && matches!(request.call, Call::LeaveRoom { .. }) {
            effects.retain(|effect| !effect.is_ack());
        }
        effects
    }
}
