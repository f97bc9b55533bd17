//! The oldest mistake there is: the bytes of a text taken for its characters.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "mangles-latin",
    chapter: "text",
    summary: "text that is no ASCII comes out as if its UTF-8 were Latin-1",
    bug: || Box::new(ManglesLatin),
};

struct ManglesLatin;

impl Bug for ManglesLatin {
    fn text(&mut self, text: String) -> String {
        text.bytes().map(char::from).collect()
    }
}
