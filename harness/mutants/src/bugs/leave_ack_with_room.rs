//! The ack says what was left.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "leave-ack-with-room",
    chapter: "leaving",
    summary: "the ack of leave_room carries the name of the room",
    bug: || Box::new(LeaveAckWithRoom),
};

struct LeaveAckWithRoom;

impl Bug for LeaveAckWithRoom {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::LeaveRoom { room } = &request.call {
            for effect in &mut effects {
                if let Effect::Ack { args, .. } = effect {
                    args.extend(room.clone());
                }
            }
        }
        effects
    }
}
