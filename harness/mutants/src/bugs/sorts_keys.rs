//! A map that is ordered by its keys. JSON allows it, and whoever hashes or compares texts is surprised.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "sorts-keys",
    chapter: "arguments",
    summary: "the keys of an object come back in the order of the alphabet",
    bug: || Box::new(SortsKeys),
};

struct SortsKeys;

impl Bug for SortsKeys {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |mut value| {
            if let Data::Object(fields) = &mut value {
                fields.sort_keys();
            }
            value
        })
    }
}
