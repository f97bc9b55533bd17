//! A node that subscribes a second time when it has reconnected hears everything twice; two adapters on
//! one channel do the same.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "crosses-twice",
    chapter: "cluster",
    summary: "what comes from another node arrives twice",
    bug: || Box::new(CrossesTwice),
};

struct CrossesTwice;

impl Bug for CrossesTwice {
    fn crosses(&mut self, _chat: &Chat, _request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let twice = |effect: Effect| [effect.clone(), effect];
        effects.into_iter().flat_map(twice).collect()
    }
}
