//! Handlers that are looked up in an object of the language, which has some that nobody registered.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-inherited-event",
    chapter: "hostile",
    summary: "the server dies of an event called like a property of every object",
    bug: || Box::new(DiesOnInheritedEvent),
};

const INHERITED: [&str; 4] = ["__proto__", "constructor", "toString", "hasOwnProperty"];

struct DiesOnInheritedEvent;

impl Bug for DiesOnInheritedEvent {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        match &request.call {
            Call::Other { event, .. } if INHERITED.contains(&event.as_str()) => vec![Effect::Die],
            _ => effects,
        }
    }
}
