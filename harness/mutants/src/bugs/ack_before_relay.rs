//! The ack then says "I have read it" and not "it is done". A server that puts messages into a
//! queue and acks at once does this.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-before-relay",
    chapter: "acks",
    summary: "a message is acked 25 ms before it is relayed",
    bug: || Box::new(AckBeforeRelay),
};

/// Long against a round trip on one machine, short against a deadline.
const LATE: Duration = Duration::from_millis(25);

struct AckBeforeRelay;

impl Bug for AckBeforeRelay {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        if matches!(request.call, Call::NewMessage { .. }) {
            let (mut acks, others): (Vec<_>, Vec<_>) =
                effects.into_iter().partition(Effect::is_ack);
            acks.push(Effect::Wait(LATE));
            acks.extend(others);
            return acks;
        }
        effects
    }
}
