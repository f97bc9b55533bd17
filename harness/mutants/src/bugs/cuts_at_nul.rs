//! A text that went through C.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "cuts-at-nul",
    chapter: "text",
    summary: "a text ends at its first NUL",
    bug: || Box::new(CutsAtNul),
};

struct CutsAtNul;

impl Bug for CutsAtNul {
    fn text(&mut self, text: String) -> String {
        text.split('\0').next().unwrap_or_default().to_owned()
    }
}
