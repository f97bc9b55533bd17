//! A handler that calls its function on success and once more at its end.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-twice",
    chapter: "acks",
    summary: "every ack is sent twice",
    bug: || Box::new(AckTwice),
};

struct AckTwice;

impl Bug for AckTwice {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        let acks: Vec<_> = effects
            .iter()
            .filter(|effect| effect.is_ack())
            .cloned()
            .collect();
        effects.extend(acks);
        effects
    }
}
