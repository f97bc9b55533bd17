//! A handler that is registered twice does this. Seen in netty-socketio, where the connect listener
//! ran twice after a reconnect.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-twice",
    chapter: "welcome",
    summary: "a newcomer is announced twice",
    bug: || Box::new(WelcomeTwice),
};

struct WelcomeTwice;

impl Bug for WelcomeTwice {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::EnterRoom { .. }) {
            let again: Vec<_> = effects
                .iter()
                .filter(|effect| effect.is_emit())
                .cloned()
                .collect();
            effects.extend(again);
        }
        effects
    }
}
