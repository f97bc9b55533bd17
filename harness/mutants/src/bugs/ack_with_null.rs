//! What a language without an empty argument list makes of "no result".

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-with-null",
    chapter: "acks",
    summary: "acks carry null, which is not the same as no argument",
    bug: || Box::new(AckWithNull),
};

struct AckWithNull;

impl Bug for AckWithNull {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Ack { args, .. } = effect {
                *args = vec![Data::Null];
            }
        }
        effects
    }
}
