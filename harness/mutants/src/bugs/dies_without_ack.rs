//! Seen in the Node original: it calls what it takes for a function, the `TypeError` is caught by
//! nobody, and the process ends.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "dies-without-ack",
    chapter: "robustness",
    summary: "the server dies when a client passes no ack function",
    bug: || Box::new(DiesWithoutAck),
};

struct DiesWithoutAck;

impl Bug for DiesWithoutAck {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if request.id.is_none() {
            // What comes before the call has been done by then.
            let call = match request.call {
                Call::EnterRoom { .. }
                | Call::LeaveRoom { .. }
                | Call::Echo { in_ack: true, .. } => 0,
                Call::NewMessage { .. } => effects.len(),
                // For an event that it does not know, the original has no handler.
                Call::Echo { in_ack: false, .. } | Call::Other { .. } => return effects,
            };
            effects.insert(call, Effect::Die);
        }
        effects
    }
}
