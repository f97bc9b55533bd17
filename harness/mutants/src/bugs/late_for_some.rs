//! A queue for each member, and one of them on another node. Nothing between two senders is promised
//! then, not even that an answer comes after its question.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "late-for-some",
    chapter: "order",
    summary: "every second message reaches the last member of its room 20 ms after the others",
    bug: || Box::new(LateForSome::default()),
};

const LATE: Duration = Duration::from_millis(20);

#[derive(Default)]
struct LateForSome {
    messages: u64,
}

impl Bug for LateForSome {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if !matches!(request.call, Call::NewMessage { .. }) {
            return effects;
        }
        self.messages += 1;
        let last = effects.iter().rposition(Effect::is_emit);
        if let Some(last) = last.filter(|_| self.messages % 2 == 1) {
            effects.insert(last, Effect::Wait(LATE));
        }
        effects
    }
}
