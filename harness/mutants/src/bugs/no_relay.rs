//! Seen in Socket.IO for Deno before 0.2.0, where `socket.to(room)` reached nobody
//! (socketio/socket.io-deno#3).

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "no-relay",
    chapter: "relay",
    summary: "messages are acked and reach nobody",
    bug: || Box::new(NoRelay),
};

struct NoRelay;

impl Bug for NoRelay {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::NewMessage { .. }) {
            effects.retain(Effect::is_ack);
        }
        effects
    }
}
