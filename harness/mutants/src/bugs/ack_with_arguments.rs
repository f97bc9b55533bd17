//! A handler that returns its success.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-with-arguments",
    chapter: "acks",
    summary: "acks carry an argument",
    bug: || Box::new(AckWithArguments),
};

struct AckWithArguments;

impl Bug for AckWithArguments {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Ack { args, .. } = effect {
                *args = vec![Data::from("ok")];
            }
        }
        effects
    }
}
