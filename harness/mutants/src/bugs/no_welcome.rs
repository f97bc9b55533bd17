//! An event name that was changed on one side only does this.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "no-welcome",
    chapter: "welcome",
    summary: "nobody is told of a newcomer",
    bug: || Box::new(NoWelcome),
};

struct NoWelcome;

impl Bug for NoWelcome {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::EnterRoom { .. }) {
            effects.retain(Effect::is_ack);
        }
        effects
    }
}
