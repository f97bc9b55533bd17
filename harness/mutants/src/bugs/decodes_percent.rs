//! Decoded once more than encoded.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "decodes-percent",
    chapter: "text",
    summary: "`%41` in a text becomes `A`",
    bug: || Box::new(DecodesPercent),
};

struct DecodesPercent;

impl Bug for DecodesPercent {
    fn text(&mut self, text: String) -> String {
        text.replace("%41", "A")
    }
}
