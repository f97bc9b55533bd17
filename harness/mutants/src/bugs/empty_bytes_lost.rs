//! An empty buffer is nothing, to whoever asks for its length.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "empty-bytes-lost",
    chapter: "arguments",
    summary: "bytes that are none come back as `null`",
    bug: || Box::new(EmptyBytesLost),
};

struct EmptyBytesLost;

impl Bug for EmptyBytesLost {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| match value {
            Data::Binary(bytes) if bytes.is_empty() => Data::Null,
            other => other,
        })
    }
}
