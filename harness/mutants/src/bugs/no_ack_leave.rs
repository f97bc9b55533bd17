//! Nobody thought of an ack for what needs no answer.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "no-ack-leave",
    chapter: "leaving",
    summary: "leave_room is not acked",
    bug: || Box::new(NoAckLeave),
};

struct NoAckLeave;

impl Bug for NoAckLeave {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::LeaveRoom { .. }) {
            effects.retain(|effect| !effect.is_ack());
        }
        effects
    }
}
