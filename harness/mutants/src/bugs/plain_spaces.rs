//! A tidy-up of what word processors leave behind, done to everybody.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "plain-spaces",
    chapter: "text",
    summary: "spaces that do not break become plain ones",
    bug: || Box::new(PlainSpaces),
};

struct PlainSpaces;

impl Bug for PlainSpaces {
    fn text(&mut self, text: String) -> String {
        text.replace('\u{a0}', " ")
    }
}
