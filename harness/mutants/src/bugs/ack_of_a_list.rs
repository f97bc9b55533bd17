//! `ack(args)`, where `ack(...args)` was meant.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-of-a-list",
    chapter: "arguments",
    summary: "an ack that should carry several arguments carries one list of them",
    bug: || Box::new(AckOfAList),
};

struct AckOfAList;

impl Bug for AckOfAList {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Ack { args, .. } = effect
                && args.len() > 1
            {
                *args = vec![Data::Array(std::mem::take(args))];
            }
        }
        effects
    }
}
