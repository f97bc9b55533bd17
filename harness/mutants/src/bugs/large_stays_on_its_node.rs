//! A limit of the bus that nobody knew of: 8,000 bytes in a NOTIFY of Postgres, say.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "large-stays-on-its-node",
    chapter: "cluster",
    summary: "messages of more than 8,000 bytes reach nobody on another node",
    bug: || Box::new(LargeStaysOnItsNode),
};

struct LargeStaysOnItsNode;

impl Bug for LargeStaysOnItsNode {
    fn crosses(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        const MOST: usize = 8_000;
        let is_large = |arg: &Data| arg.as_text().is_some_and(|text| text.len() > MOST);
        effects.retain(|effect| match effect {
            Effect::Emit { args, .. } => !args.iter().any(is_large),
            _ => true,
        });
        effects
    }
}
