//! A list taken for the list of arguments. Libraries that tell the two apart by type alone invite it.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "spreads-lists",
    chapter: "arguments",
    summary: "a list that is the only argument comes back as several",
    bug: || Box::new(SpreadsLists),
};

struct SpreadsLists;

impl Bug for SpreadsLists {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        match <[Data; 1]>::try_from(args) {
            Ok([Data::Array(items)]) => items,
            Ok(only) => only.into(),
            Err(args) => args,
        }
    }
}
