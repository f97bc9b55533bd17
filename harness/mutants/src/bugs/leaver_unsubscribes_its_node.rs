//! A node unsubscribes from a room when a member leaves it, and not when the last one does.

use std::collections::HashSet;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Node, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaver-unsubscribes-its-node",
    chapter: "cluster",
    summary: "when somebody leaves, the rooms it was in hear nothing more from other nodes on its node",
    bug: || Box::new(LeaverUnsubscribesItsNode::default()),
};

#[derive(Default)]
struct LeaverUnsubscribesItsNode {
    deaf: HashSet<(Node, Room)>,
}

impl Bug for LeaverUnsubscribesItsNode {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        let rooms = chat.rooms(from).cloned();
        self.deaf.extend(rooms.map(|room| (from.1, room)));
    }

    fn entered(&mut self, _chat: &mut Chat, from: SocketId, room: &Room) {
        self.deaf.remove(&(from.1, room.clone()));
    }

    fn crosses(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if let Call::NewMessage { room, .. } = &request.call {
            let room = Room::of(room.as_ref());
            effects.retain(|effect| match effect {
                Effect::Emit { to, .. } => !self.deaf.contains(&(to.1, room.clone())),
                _ => true,
            });
        }
        effects
    }
}
