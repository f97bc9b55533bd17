//! A length of 16 bits.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "cuts-large-bytes",
    chapter: "arguments",
    summary: "bytes beyond the first 65,535 are lost",
    bug: || Box::new(CutsLargeBytes),
};

const LONGEST: usize = u16::MAX as usize;

struct CutsLargeBytes;

impl Bug for CutsLargeBytes {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| match value {
            Data::Binary(mut bytes) => {
                bytes.truncate(LONGEST);
                bytes.into()
            }
            other => other,
        })
    }
}
