//! `nickname || "Anonymous"`: the empty string is false in JavaScript and Python.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "anonymous-for-empty",
    chapter: "nickname",
    summary: "whoever gives an empty nickname is called Anonymous",
    bug: || Box::new(AnonymousForEmpty),
};

struct AnonymousForEmpty;

impl Bug for AnonymousForEmpty {
    fn introduction(&mut self, nickname: Option<Data>) -> Option<Data> {
        match nickname {
            Some(Data::Text(nickname)) if nickname.is_empty() => Some("Anonymous".into()),
            other => other,
        }
    }
}
