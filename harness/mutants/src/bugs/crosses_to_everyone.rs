//! The room is left out of what is published, or read under another name.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "crosses-to-everyone",
    chapter: "cluster",
    summary: "messages from another node reach everybody there, whatever their room",
    bug: || Box::new(CrossesToEveryone),
};

struct CrossesToEveryone;

impl Bug for CrossesToEveryone {
    fn crosses(&mut self, chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let Some(Effect::Emit { event, args, .. }) = effects.first() else {
            return effects;
        };
        if event != "new_message" {
            return effects;
        }
        let everyone = chat.others(request.from).into_iter();
        let there = everyone.filter(|socket| socket.1 != request.from.1);
        let emit = |to| Effect::Emit {
            to,
            event: event.clone(),
            args: args.clone(),
        };
        there.map(emit).collect()
    }
}
