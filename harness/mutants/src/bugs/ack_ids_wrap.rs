//! A table of requests with a fixed number of places. Seen in `rust_socketio` 0.6, whose ids are drawn
//! from a thousand: with two hundred requests under way, answers went to others.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-ids-wrap",
    chapter: "acks",
    summary: "the id of an ack is kept in nine bits",
    bug: || Box::new(AckIdsWrap),
};

const PLACES: u64 = 512;

struct AckIdsWrap;

impl Bug for AckIdsWrap {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Ack { id, .. } = effect {
                *id %= PLACES;
            }
        }
        effects
    }
}
