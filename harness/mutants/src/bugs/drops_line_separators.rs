//! JSON was once put into scripts, where these two ended the line. Many a library has escaped, replaced
//! or dropped them ever since.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "drops-line-separators",
    chapter: "arguments",
    summary: "the characters U+2028 and U+2029 are left out of texts",
    bug: || Box::new(DropsLineSeparators),
};

struct DropsLineSeparators;

impl Bug for DropsLineSeparators {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| match value {
            Data::Text(text) => text.replace(['\u{2028}', '\u{2029}'], "").into(),
            other => other,
        })
    }
}
