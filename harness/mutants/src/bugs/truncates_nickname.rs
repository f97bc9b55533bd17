//! The width of a column in a database.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "truncates-nickname",
    chapter: "nickname",
    summary: "of a nickname the first 32 characters are kept",
    bug: || Box::new(TruncatesNickname),
};

/// In characters.
const WIDTH: usize = 32;

struct TruncatesNickname;

impl Bug for TruncatesNickname {
    fn introduction(&mut self, nickname: Option<Data>) -> Option<Data> {
        match nickname {
            Some(Data::Text(nickname)) => {
                let kept: String = nickname.chars().take(WIDTH).collect();
                Some(kept.into())
            }
            other => other,
        }
    }
}
