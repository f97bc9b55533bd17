//! The sender is left out on its own node alone, and the bus brings its message back. Seen in
//! @socket.io/redis-adapter 6.1.0 (issue 400).

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "comes-back-to-sender",
    chapter: "cluster",
    summary: "a message that crosses to another node comes back to its sender",
    bug: || Box::new(ComesBackToSender),
};

struct ComesBackToSender;

impl Bug for ComesBackToSender {
    fn crosses(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Some(Effect::Emit { event, args, .. }) = effects.last()
            && event == "new_message"
        {
            let back = Effect::Emit {
                to: request.from,
                event: event.clone(),
                args: args.clone(),
            };
            effects.push(back);
        }
        effects
    }
}
