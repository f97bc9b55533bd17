//! Zero is false. Seen in python-socketio before 5.11.3 (miguelgrinberg/python-socketio#1329).

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "no-ack-for-id-zero",
    chapter: "acks",
    summary: "a request with the id 0 is taken for one without an ack",
    bug: || Box::new(NoAckForIdZero),
};

struct NoAckForIdZero;

impl Bug for NoAckForIdZero {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        effects.retain(|effect| !matches!(effect, Effect::Ack { id: 0, .. }));
        effects
    }
}
