//! A value that went through a form or a query, where nothing is spelled out.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "drops-null-words",
    chapter: "text",
    summary: "a text like `null` or `false` is acked and reaches nobody",
    bug: || Box::new(DropsNullWords),
};

struct DropsNullWords;

impl Bug for DropsNullWords {
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
            && ["null", "undefined", "false", "0"].contains(&text.as_str())
        {
            effects.retain(Effect::is_ack);
        }
        effects
    }
}
