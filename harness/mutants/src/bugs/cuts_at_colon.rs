//! The line is taken apart again at `: `, and only two parts are expected.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "cuts-at-colon",
    chapter: "text",
    summary: "of a text with colons the part up to the second is relayed",
    bug: || Box::new(CutsAtColon),
};

struct CutsAtColon;

impl Bug for CutsAtColon {
    fn line(&mut self, nickname: &str, text: &str) -> String {
        let line = format!("{nickname}: {text}");
        let parts: Vec<_> = line.split(": ").take(2).collect();
        parts.join(": ")
    }
}
