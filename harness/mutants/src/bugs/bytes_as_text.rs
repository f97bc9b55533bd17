//! A buffer that was a string for a moment.

use bytes::Bytes;
use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "bytes-as-text",
    chapter: "arguments",
    summary: "bytes that are no UTF-8 come back as replacement characters",
    bug: || Box::new(BytesAsText),
};

struct BytesAsText;

impl Bug for BytesAsText {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| match value {
            Data::Binary(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                Bytes::from(text).into()
            }
            other => other,
        })
    }
}
