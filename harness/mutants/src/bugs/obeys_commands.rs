//! Commands, as other chats have them, and no word about those that do not exist.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "obeys-commands",
    chapter: "text",
    summary: "a text that begins with a slash is acked and reaches nobody",
    bug: || Box::new(ObeysCommands),
};

struct ObeysCommands;

impl Bug for ObeysCommands {
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
            && text.starts_with('/')
        {
            effects.retain(Effect::is_ack);
        }
        effects
    }
}
