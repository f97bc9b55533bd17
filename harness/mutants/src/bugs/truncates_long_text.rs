//! The size of a column in a database, or of a buffer.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "truncates-long-text",
    chapter: "text",
    summary: "a text ends after 65,536 bytes",
    bug: || Box::new(TruncatesLongText),
};

/// In bytes of UTF-8; a character is not cut in two.
const LIMIT: usize = 65_536;

struct TruncatesLongText;

impl Bug for TruncatesLongText {
    fn text(&mut self, text: String) -> String {
        text[..text.floor_char_boundary(LIMIT)].to_owned()
    }
}
