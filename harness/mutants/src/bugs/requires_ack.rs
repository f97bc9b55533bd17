//! A check of the arguments that takes an optional one for required, and gives up in silence.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "requires-ack",
    chapter: "robustness",
    summary: "without an ack function nobody is welcomed and nothing is relayed",
    bug: || Box::new(RequiresAck),
};

struct RequiresAck;

impl Bug for RequiresAck {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        if request.id.is_some() {
            effects
        } else {
            Vec::new()
        }
    }
}
