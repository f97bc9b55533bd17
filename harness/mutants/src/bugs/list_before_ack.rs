//! The list is sent where the room is entered, and the answer comes behind it.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "list-before-ack",
    chapter: "room list",
    summary: "the list of rooms comes before the ack of what has changed it",
    bug: || Box::new(ListBeforeAck),
};

struct ListBeforeAck;

impl Bug for ListBeforeAck {
    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        let is_list = |effect: &Effect| matches!(effect, Effect::Emit { event, .. } if event == "room_change");
        // Lists stay in their order, and so does the rest.
        effects.sort_by_key(|effect| !is_list(effect));
        effects
    }
}
