//! A task for each message that comes from the bus, or several connections to it: nothing keeps the
//! messages of one sender in their order.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "crossings-overtake",
    chapter: "cluster",
    summary: "every tenth message reaches other nodes behind the one that was sent after it",
    bug: || Box::new(CrossingsOvertake::default()),
};

#[derive(Default)]
struct CrossingsOvertake {
    messages: u64,
    held: Vec<Effect>,
}

impl Bug for CrossingsOvertake {
    fn crosses(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if !matches!(effects.first(), Some(Effect::Emit { event, .. }) if event == "new_message") {
            return effects;
        }
        self.messages += 1;
        if self.messages.is_multiple_of(10) {
            self.held = effects;
            return Vec::new();
        }
        effects.append(&mut self.held);
        effects
    }
}
