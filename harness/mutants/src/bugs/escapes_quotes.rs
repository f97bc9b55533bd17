//! Escaped once by hand and once more by the JSON writer.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "escapes-quotes",
    chapter: "text",
    summary: "quotes and backslashes are relayed with a backslash in front",
    bug: || Box::new(EscapesQuotes),
};

struct EscapesQuotes;

impl Bug for EscapesQuotes {
    fn text(&mut self, text: String) -> String {
        text.replace('\\', r"\\").replace('"', r#"\""#)
    }
}
