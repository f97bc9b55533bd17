//! A check that the original does not make: there, whoever knows a room's name may speak to it.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "members-only",
    chapter: "relay",
    summary: "a message to a room that its sender has not entered reaches nobody",
    bug: || Box::new(MembersOnly),
};

struct MembersOnly;

impl Bug for MembersOnly {
    fn effects(&mut self, chat: &Chat, request: &Request, mut effects: Vec<Effect>) -> Vec<Effect> {
        if let Call::NewMessage { room, .. } = &request.call {
            let room = Room::of(room.as_ref());
            if !chat.rooms(request.from).any(|entered| *entered == room) {
                effects.retain(Effect::is_ack);
            }
        }
        effects
    }
}
