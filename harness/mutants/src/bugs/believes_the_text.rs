//! A line that is put together and taken apart again to show who said it.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "believes-the-text",
    chapter: "hostile",
    summary: "a text that begins like `name: ` is relayed as if that name had said it",
    bug: || Box::new(BelievesTheText),
};

struct BelievesTheText;

impl Bug for BelievesTheText {
    fn line(&mut self, nickname: &str, text: &str) -> String {
        match text.split_once(": ") {
            Some((name, _)) if !name.contains(' ') && !name.is_empty() => text.to_owned(),
            _ => format!("{nickname}: {text}"),
        }
    }
}
