//! Tell the room, answer: what an await stands between shows the order.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "bye-before-ack",
    chapter: "bye",
    summary: "who leaves a room is announced 20 ms before its ack",
    bug: || Box::new(ByeBeforeAck),
};

/// Time for somebody else to hear it.
const LATE: Duration = Duration::from_millis(20);

struct ByeBeforeAck;

impl Bug for ByeBeforeAck {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::LeaveRoom { .. }) {
            let (acks, mut others): (Vec<_>, Vec<_>) =
                effects.into_iter().partition(Effect::is_ack);
            others.push(Effect::Wait(LATE));
            others.extend(acks);
            effects = others;
        }
        effects
    }
}
