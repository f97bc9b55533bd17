//! `io.emit`, where `socket.emit` was meant.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "echoes-to-everyone",
    chapter: "arguments",
    summary: "what is sent back to one client is sent to all",
    bug: || Box::new(EchoesToEveryone),
};

struct EchoesToEveryone;

impl Bug for EchoesToEveryone {
    fn effects(&mut self, chat: &Chat, request: &Request, mut effects: Vec<Effect>) -> Vec<Effect> {
        let [Effect::Emit { event, args, .. }] = effects.as_slice() else {
            return effects;
        };
        if matches!(request.call, Call::Echo { in_ack: false, .. }) {
            let to_all = |to| Effect::Emit {
                to,
                event: event.clone(),
                args: args.clone(),
            };
            let others: Vec<_> = chat.others(request.from).into_iter().map(to_all).collect();
            effects.extend(others);
        }
        effects
    }
}
