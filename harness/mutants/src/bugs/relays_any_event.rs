//! A catch-all handler that passes on what it does not know, for features still to come.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "relays-any-event",
    chapter: "robustness",
    summary: "an event that the chat does not know is broadcast to the rooms of its sender",
    bug: || Box::new(RelaysAnyEvent),
};

struct RelaysAnyEvent;

impl Bug for RelaysAnyEvent {
    fn effects(&mut self, chat: &Chat, request: &Request, mut effects: Vec<Effect>) -> Vec<Effect> {
        let Call::Other { event, args } = &request.call else {
            return effects;
        };
        for room in chat.rooms(request.from) {
            for to in chat.others_in(room, request.from) {
                effects.push(Effect::Emit {
                    to,
                    event: event.clone(),
                    args: args.clone(),
                });
            }
        }
        effects
    }
}
