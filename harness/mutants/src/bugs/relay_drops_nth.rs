//! One lucky pass proves nothing: a case that sends a single message never sees it.

use std::collections::HashMap;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "relay-drops-nth",
    chapter: "relay",
    summary: "every 50th message of a sender is acked and reaches nobody",
    bug: || Box::new(RelayDropsNth::default()),
};

const NTH: u32 = 50;

#[derive(Default)]
struct RelayDropsNth {
    /// Messages of each sender.
    sent: HashMap<SocketId, u32>,
}

impl Bug for RelayDropsNth {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::NewMessage { .. } = request.call {
            let sent = self.sent.entry(request.from).or_default();
            *sent += 1;
            if sent.is_multiple_of(NTH) {
                effects.retain(Effect::is_ack);
            }
        }
        effects
    }
}
