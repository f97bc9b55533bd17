//! A guard against double clicks that takes everybody who says `yes` twice for one.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "drops-repeated-text",
    chapter: "relay",
    summary: "a text that a sender repeats is acked and reaches nobody",
    bug: || Box::new(DropsRepeatedText::default()),
};

#[derive(Default)]
struct DropsRepeatedText {
    /// What each sender said last.
    last: HashMap<SocketId, Option<Data>>,
}

impl Bug for DropsRepeatedText {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::NewMessage { text, .. } = &request.call
            && self.last.insert(request.from, text.clone()) == Some(text.clone())
        {
            effects.retain(Effect::is_ack);
        }
        effects
    }
}
