//! A write that blocks until there is room in the buffer of the slowest. Seen in netty-socketio.

use std::collections::HashSet;
use std::time::Duration;

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "waits-for-the-slow",
    chapter: "load",
    summary: "a member that has not said anything for 300 packets is waited for, by everybody who writes",
    bug: || Box::new(WaitsForTheSlow::default()),
};

const SLOW: usize = 300;

/// Longer than a receive waits.
const UNTIL_IT_READS: Duration = Duration::from_secs(10);

#[derive(Default)]
struct WaitsForTheSlow {
    slow: HashSet<SocketId>,
}

impl Bug for WaitsForTheSlow {
    fn packets(&mut self, to: SocketId, unheard: usize, packets: Vec<Packet>) -> Vec<Packet> {
        if unheard >= SLOW {
            self.slow.insert(to);
        } else {
            self.slow.remove(&to);
        }
        packets
    }

    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        let is_slow =
            |effect: &Effect| matches!(effect, Effect::Emit { to, .. } if self.slow.contains(to));
        if let Some(slow) = effects.iter().position(is_slow) {
            effects.insert(slow, Effect::Wait(UNTIL_IT_READS));
        }
        effects
    }
}
