//! Escaping belongs to whoever shows the text. A server that does it breaks every client that does
//! it too, and every client that is no browser.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "escapes-markup",
    chapter: "text",
    summary: "markup characters are relayed as HTML entities",
    bug: || Box::new(EscapesMarkup),
};

struct EscapesMarkup;

impl Bug for EscapesMarkup {
    fn text(&mut self, text: String) -> String {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '"' => escaped.push_str("&quot;"),
                '\'' => escaped.push_str("&#39;"),
                other => escaped.push(other),
            }
        }
        escaped
    }
}
