//! A counter that is read after it was incremented. Seen the other way round in `rust_socketio`
//! 0.6, a client that hands an ack to several callers.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-wrong-id",
    chapter: "acks",
    summary: "an ack names the request after the one that it answers",
    bug: || Box::new(AckWrongId),
};

struct AckWrongId;

impl Bug for AckWrongId {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Ack { id, .. } = effect {
                *id += 1;
            }
        }
        effects
    }
}
