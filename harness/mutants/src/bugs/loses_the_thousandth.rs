//! A ring buffer that is one place too small, or a page of a thousand whose last line is cut.

use std::collections::HashMap;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "loses-the-thousandth",
    chapter: "relay",
    summary: "every 1,000th message of a sender is acked and reaches nobody",
    bug: || Box::new(LosesTheThousandth::default()),
};

const NTH: u32 = 1000;

#[derive(Default)]
struct LosesTheThousandth {
    /// Messages of each sender.
    sent: HashMap<SocketId, u32>,
}

impl Bug for LosesTheThousandth {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::NewMessage { .. }) {
            let sent = self.sent.entry(request.from).or_default();
            *sent += 1;
            if sent.is_multiple_of(NTH) {
                effects.retain(Effect::is_ack);
            }
        }
        effects
    }
}
