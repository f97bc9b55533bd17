//! A member that is registered twice in a room, or a handler that is registered twice for a socket,
//! does this.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "relay-twice",
    chapter: "relay",
    summary: "every message arrives twice",
    bug: || Box::new(RelayTwice),
};

struct RelayTwice;

impl Bug for RelayTwice {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::NewMessage { .. }) {
            let again: Vec<_> = effects
                .iter()
                .filter(|effect| effect.is_emit())
                .cloned()
                .collect();
            effects.splice(0..0, again);
        }
        effects
    }
}
