//! The empty string is false in JavaScript and Python: `if (text)` is enough.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "drops-empty-text",
    chapter: "text",
    summary: "a message with an empty text is acked and reaches nobody",
    bug: || Box::new(DropsEmptyText),
};

struct DropsEmptyText;

impl Bug for DropsEmptyText {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::NewMessage {
            text: Some(Data::Text(text)),
            ..
        } = &request.call
            && text.is_empty()
        {
            effects.retain(Effect::is_ack);
        }
        effects
    }
}
