//! Seen in several servers written in Go that did not take ack functions at first (googollee/go-
//! socket.io#128, doquangtan/socket.io-golang#9).

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "no-ack-enter",
    chapter: "acks",
    summary: "enter_room is never acked",
    bug: || Box::new(NoAckEnter),
};

struct NoAckEnter;

impl Bug for NoAckEnter {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::EnterRoom { .. }) {
            effects.retain(|effect| !effect.is_ack());
        }
        effects
    }
}
