//! The text alone; the reader cannot tell who speaks.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "relay-without-nickname",
    chapter: "relay",
    summary: "messages are relayed without the nickname in front",
    bug: || Box::new(RelayWithoutNickname),
};

struct RelayWithoutNickname;

impl Bug for RelayWithoutNickname {
    fn line(&mut self, _nickname: &str, text: &str) -> String {
        text.to_owned()
    }
}
