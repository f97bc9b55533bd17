//! A server that tidies up what it should only pass on: indented code does not survive it.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "collapses-spaces",
    chapter: "text",
    summary: "runs of spaces within a text become one",
    bug: || Box::new(CollapsesSpaces),
};

struct CollapsesSpaces;

impl Bug for CollapsesSpaces {
    fn text(&mut self, text: String) -> String {
        let mut last = 'x';
        let keep = |c: &char| !(*c == ' ' && std::mem::replace(&mut last, *c) == ' ');
        text.chars().filter(keep).collect()
    }
}
