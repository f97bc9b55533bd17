//! As a database does whose `utf8` has room for three bytes a character; emoji are the first to go.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "mangles-astral",
    chapter: "text",
    summary: "characters beyond the basic plane become question marks",
    bug: || Box::new(ManglesAstral),
};

struct ManglesAstral;

impl Bug for ManglesAstral {
    fn text(&mut self, text: String) -> String {
        text.chars()
            .map(|c| if c > '\u{ffff}' { '?' } else { c })
            .collect()
    }
}
