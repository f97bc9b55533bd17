//! An id is a number without a bound in the protocol, and whatever fits in the language in a server.
//! Seen in `rust_socketio` 0.6.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-id-32-bits",
    chapter: "acks",
    summary: "the id of an ack is cut to 32 bits",
    bug: || Box::new(AckId32Bits),
};

struct AckId32Bits;

impl Bug for AckId32Bits {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        for effect in &mut effects {
            if let Effect::Ack { id, .. } = effect {
                *id &= u64::from(u32::MAX);
            }
        }
        effects
    }
}
