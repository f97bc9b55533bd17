//! A loose parser between the socket and the chat: `007` becomes `7`, and `1e3` becomes `1000`.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "reads-numbers",
    chapter: "text",
    summary: "a text that looks like a number is relayed as that number",
    bug: || Box::new(ReadsNumbers),
};

struct ReadsNumbers;

impl Bug for ReadsNumbers {
    fn text(&mut self, text: String) -> String {
        text.parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map_or(text, |number| number.to_string())
    }
}
