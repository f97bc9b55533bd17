//! What forms do before they send anything; here the server does it, and shows what was not given.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "trims-nickname",
    chapter: "nickname",
    summary: "spaces around a nickname are lost",
    bug: || Box::new(TrimsNickname),
};

struct TrimsNickname;

impl Bug for TrimsNickname {
    fn introduction(&mut self, nickname: Option<Data>) -> Option<Data> {
        match nickname {
            Some(Data::Text(nickname)) => Some(nickname.trim().into()),
            other => other,
        }
    }
}
