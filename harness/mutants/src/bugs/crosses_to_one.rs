//! A queue, of which each message is taken by one reader, where a channel was meant.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "crosses-to-one",
    chapter: "cluster",
    summary: "a message reaches one member of each other node at most",
    bug: || Box::new(CrossesToOne),
};

struct CrossesToOne;

impl Bug for CrossesToOne {
    fn crosses(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        effects.truncate(1);
        effects
    }
}
