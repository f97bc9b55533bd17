//! Comfort that belongs into the page.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "makes-links",
    chapter: "text",
    summary: "addresses in a text become links in HTML",
    bug: || Box::new(MakesLinks),
};

struct MakesLinks;

impl Bug for MakesLinks {
    fn text(&mut self, text: String) -> String {
        let words = text.split(' ').map(|word| {
            if word.starts_with("http://") || word.starts_with("https://") {
                format!("<a href=\"{word}\">{word}</a>")
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}
