//! Join, greet the room, answer: in this order the newcomer is a member already when the room is
//! greeted.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-before-ack",
    chapter: "welcome",
    summary: "the newcomer hears its own welcome, and hears it before its ack",
    bug: || Box::new(WelcomeBeforeAck),
};

struct WelcomeBeforeAck;

impl Bug for WelcomeBeforeAck {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::EnterRoom { nickname, .. } = &request.call {
            let args = vec![nickname.clone().unwrap_or(Data::Null)];
            effects.insert(
                0,
                Effect::Emit {
                    to: request.from,
                    event: "welcome".to_owned(),
                    args,
                },
            );
        }
        effects
    }
}
