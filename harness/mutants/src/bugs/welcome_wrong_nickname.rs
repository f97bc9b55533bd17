//! A variable that is read before it is written: the first newcomer of a room is announced rightly,
//! each later one as its predecessor.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-wrong-nickname",
    chapter: "welcome",
    summary: "the room is told the nickname of the newcomer before this one",
    bug: || Box::new(WelcomeWrongNickname::default()),
};

#[derive(Default)]
struct WelcomeWrongNickname {
    /// The last newcomer of each room.
    newcomers: HashMap<Room, Data>,
}

impl Bug for WelcomeWrongNickname {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        let Call::EnterRoom { nickname, room } = &request.call else {
            return effects;
        };
        let nickname = nickname.clone().unwrap_or(Data::Null);
        let Some(before) = self.newcomers.insert(Room::of(room.as_ref()), nickname) else {
            return effects;
        };
        for effect in &mut effects {
            if let Effect::Emit { args, .. } = effect {
                *args = vec![before.clone()];
            }
        }
        effects
    }
}
