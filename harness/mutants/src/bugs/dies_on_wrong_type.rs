//! A method of strings called on something else, and the exception caught by nobody. Typical of
//! chats on Node; seen in python-socketio before 5.11.4 for an event without arguments.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-wrong-type",
    chapter: "robustness",
    summary: "the server dies when a nickname, text or room is not text",
    bug: || Box::new(DiesOnWrongType),
};

struct DiesOnWrongType;

impl Bug for DiesOnWrongType {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let args = match &request.call {
            Call::EnterRoom { nickname, room } => [nickname, room],
            Call::NewMessage { text, room } => [text, room],
            Call::LeaveRoom { .. } | Call::Echo { .. } | Call::Other { .. } => return effects,
        };
        if args.iter().all(|arg| matches!(arg, Some(Data::Text(_)))) {
            effects
        } else {
            vec![Effect::Die]
        }
    }
}
