//! The ack function stands in the place of an argument that is missing. Typical of chats on Node.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-missing-argument",
    chapter: "robustness",
    summary: "the server dies when an event comes without its arguments",
    bug: || Box::new(DiesOnMissingArgument),
};

struct DiesOnMissingArgument;

impl Bug for DiesOnMissingArgument {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        match &request.call {
            Call::EnterRoom { room: None, .. } | Call::NewMessage { room: None, .. } => {
                vec![Effect::Die]
            }
            _ => effects,
        }
    }
}
