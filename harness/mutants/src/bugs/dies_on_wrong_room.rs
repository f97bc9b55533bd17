//! A key that is taken to be text without a look, and the exception caught by nobody.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-wrong-room",
    chapter: "robustness",
    summary: "the server dies when a room is not text",
    bug: || Box::new(DiesOnWrongRoom),
};

struct DiesOnWrongRoom;

impl Bug for DiesOnWrongRoom {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        match &request.call {
            Call::EnterRoom { room, .. } | Call::NewMessage { room, .. }
                if !matches!(room, Some(Data::Text(_))) =>
            {
                vec![Effect::Die]
            }
            _ => effects,
        }
    }
}
