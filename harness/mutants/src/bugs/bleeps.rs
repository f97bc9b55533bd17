//! A filter of words, which everybody has heard of who lives in Scunthorpe.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "bleeps",
    chapter: "text",
    summary: "rude words become stars",
    bug: || Box::new(Bleeps),
};

struct Bleeps;

impl Bug for Bleeps {
    fn text(&mut self, text: String) -> String {
        text.replace("damn", "****").replace("hell", "****")
    }
}
