//! Sessions are kept by nickname, and a client that comes back on another node has one on each.

use std::collections::HashSet;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::{Chat, Node, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "stays-on-its-old-node",
    chapter: "cluster",
    summary: "who comes back under its nickname on another node hears everything from elsewhere twice",
    bug: || Box::new(StaysOnItsOldNode::default()),
};

#[derive(Default)]
struct StaysOnItsOldNode {
    /// The nicknames of those who have left, and the nodes that they were on.
    left: HashSet<(String, Node)>,
}

impl Bug for StaysOnItsOldNode {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        if let Some(Data::Text(nickname)) = chat.nickname(from) {
            self.left.insert((nickname.clone(), from.1));
        }
    }

    fn crosses(&mut self, chat: &Chat, _request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let is_twice = |effect: &Effect| match effect {
            Effect::Emit { to, .. } => match chat.nickname(*to) {
                Some(Data::Text(name)) => self
                    .left
                    .iter()
                    .any(|(left, node)| left == name && *node != to.1),
                _ => false,
            },
            _ => false,
        };
        let each = |effect: Effect| vec![effect.clone(); 1 + usize::from(is_twice(&effect))];
        effects.into_iter().flat_map(each).collect()
    }
}
