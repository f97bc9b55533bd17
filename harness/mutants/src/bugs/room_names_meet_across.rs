//! Channels of the bus are named after rooms, and the bus thinks less of capitals than the chat does.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "room-names-meet-across",
    chapter: "cluster",
    summary: "on other nodes, rooms whose names differ in capitals alone are one room",
    bug: || Box::new(RoomNamesMeetAcross),
};

struct RoomNamesMeetAcross;

impl Bug for RoomNamesMeetAcross {
    fn crosses(&mut self, chat: &Chat, request: &Request, mut effects: Vec<Effect>) -> Vec<Effect> {
        let (Call::NewMessage { room, .. }, Some(Effect::Emit { event, args, .. })) =
            (&request.call, effects.first().cloned())
        else {
            return effects;
        };
        let Room::Text(name) = Room::of(room.as_ref()) else {
            return effects;
        };
        let is_alike = |room: &Room| matches!(room, Room::Text(other) if *other != name && other.eq_ignore_ascii_case(&name));
        for to in chat.others(request.from) {
            if to.1 != request.from.1 && chat.rooms(to).any(is_alike) {
                let (event, args) = (event.clone(), args.clone());
                effects.push(Effect::Emit { to, event, args });
            }
        }
        effects
    }
}
