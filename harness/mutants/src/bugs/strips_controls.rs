//! A filter against what terminals obey.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "strips-controls",
    chapter: "text",
    summary: "control characters are taken out of a text",
    bug: || Box::new(StripsControls),
};

struct StripsControls;

impl Bug for StripsControls {
    fn text(&mut self, text: String) -> String {
        let kept = |char: &char| !char.is_control() || "\t\r\n".contains(*char);
        text.chars().filter(kept).collect()
    }
}
