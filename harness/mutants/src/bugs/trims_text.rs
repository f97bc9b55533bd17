//! A server that tidies up what it should only pass on.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "trims-text",
    chapter: "text",
    summary: "spaces around a text are lost",
    bug: || Box::new(TrimsText),
};

struct TrimsText;

impl Bug for TrimsText {
    fn text(&mut self, text: String) -> String {
        text.trim().to_owned()
    }
}
