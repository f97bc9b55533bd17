//! Results on a stack. Seen in socketioxide, whose handlers run side by side: 100 pipelined
//! messages were acked out of order in ten rounds of ten.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Effect};

pub(super) const ENTRY: Entry = Entry {
    name: "acks-reversed",
    chapter: "acks",
    summary: "the acks of requests that arrive together are sent in reverse order",
    bug: || Box::new(AcksReversed),
};

/// Pipelined requests arrive within it, also by long-polling.
const TOGETHER: Duration = Duration::from_millis(20);

struct AcksReversed;

impl Bug for AcksReversed {
    fn gathers(&self) -> Duration {
        TOGETHER
    }

    fn all_effects(&mut self, mut effects: Vec<Effect>) -> Vec<Effect> {
        let mut acks: Vec<_> = effects
            .iter()
            .filter(|effect| effect.is_ack())
            .cloned()
            .collect();
        for effect in effects.iter_mut().filter(|effect| effect.is_ack()) {
            if let Some(ack) = acks.pop() {
                *effect = ack;
            }
        }
        effects
    }
}
