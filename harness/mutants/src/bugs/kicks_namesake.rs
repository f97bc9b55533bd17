//! One connection to a nickname: taken for somebody who has reconnected, a namesake is thrown out.

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "kicks-namesake",
    chapter: "nickname",
    summary: "a member whose nickname somebody else gives is disconnected",
    bug: || Box::new(KicksNamesake),
};

struct KicksNamesake;

impl Bug for KicksNamesake {
    fn effects(&mut self, chat: &Chat, request: &Request, mut effects: Vec<Effect>) -> Vec<Effect> {
        if let Call::EnterRoom { nickname, room } = &request.call {
            let others = chat.others_in(&Room::of(room.as_ref()), request.from);
            let namesakes = others.into_iter();
            let namesakes = namesakes.filter(|other| chat.nickname(*other) == nickname.as_ref());
            effects.extend(namesakes.map(Effect::Close));
        }
        effects
    }
}
