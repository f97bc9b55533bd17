//! An object in the place of a map, in JavaScript: `rooms["constructor"]` is there before anybody has
//! entered it, and no list of members.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "trips-over-proto",
    chapter: "robustness",
    summary: "the server dies when a room is called like a property of every object",
    bug: || Box::new(TripsOverProto),
};

struct TripsOverProto;

impl Bug for TripsOverProto {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        match &request.call {
            Call::EnterRoom {
                room: Some(Data::Text(room)),
                ..
            } if ["__proto__", "constructor", "toString", "valueOf"].contains(&room.as_str()) => {
                vec![Effect::Die]
            }
            _ => effects,
        }
    }
}
