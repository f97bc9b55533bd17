//! The ack function is taken from a fixed place, where another argument then stands. The original
//! does this.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-extra-argument",
    chapter: "hostile",
    summary: "the server dies when an event has more arguments than it knows",
    bug: || Box::new(DiesOnExtraArgument),
};

struct DiesOnExtraArgument;

impl Bug for DiesOnExtraArgument {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        if request.surplus > 0 {
            vec![Effect::Die]
        } else {
            effects
        }
    }
}
