//! A node subscribes to a room when its first member has entered, and acks before the bus has taken the
//! subscription. Seen with sharded adapters (redis-adapter issue 502).

use std::collections::HashSet;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "misses-first-across",
    chapter: "cluster",
    summary: "the first message from another node after somebody has entered is lost for it",
    bug: || Box::new(MissesFirstAcross::default()),
};

#[derive(Default)]
struct MissesFirstAcross {
    /// Who has entered a room, and heard nothing from another node since.
    fresh: HashSet<SocketId>,
}

impl Bug for MissesFirstAcross {
    fn entered(&mut self, _chat: &mut Chat, from: SocketId, _room: &Room) {
        self.fresh.insert(from);
    }

    fn crosses(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        effects.retain(|effect| match effect {
            Effect::Emit { to, event, .. } if event == "new_message" => !self.fresh.remove(to),
            _ => true,
        });
        effects
    }
}
