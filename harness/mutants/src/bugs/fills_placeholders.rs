//! A line that is built by replacing a placeholder: in JavaScript, what stands in its place is a pattern
//! of its own.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "fills-placeholders",
    chapter: "text",
    summary: "`$&` in a text becomes the word TEXT, and `$$` becomes `$`",
    bug: || Box::new(FillsPlaceholders),
};

struct FillsPlaceholders;

impl Bug for FillsPlaceholders {
    fn text(&mut self, text: String) -> String {
        text.replace("$&", "TEXT").replace("$$", "$")
    }
}
