//! A server without an adapter, behind a load balancer: each node is a chat of its own.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "relay-stays-on-its-node",
    chapter: "cluster",
    summary: "messages reach nobody on another node",
    bug: || Box::new(RelayStaysOnItsNode),
};

struct RelayStaysOnItsNode;

impl Bug for RelayStaysOnItsNode {
    fn crosses(&mut self, _chat: &Chat, _request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let stays = |effect: &Effect| matches!(effect, Effect::Emit { event, .. } if event == "new_message");
        effects
            .into_iter()
            .filter(|effect| !stays(effect))
            .collect()
    }
}
