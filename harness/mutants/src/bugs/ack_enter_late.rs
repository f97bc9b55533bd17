//! The contract has it the other way round, so that nobody can speak to a newcomer that does not
//! know yet whether it is in. Somebody who answers a welcome at once gets in between.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-enter-late",
    chapter: "welcome",
    summary: "the room hears of a newcomer 50 ms before the newcomer has its ack",
    bug: || Box::new(AckEnterLate),
};

/// Time for somebody to answer the welcome.
const LATE: Duration = Duration::from_millis(50);

struct AckEnterLate;

impl Bug for AckEnterLate {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        if matches!(request.call, Call::EnterRoom { .. }) {
            let (acks, mut others): (Vec<_>, Vec<_>) =
                effects.into_iter().partition(Effect::is_ack);
            others.push(Effect::Wait(LATE));
            others.extend(acks);
            return others;
        }
        effects
    }
}
