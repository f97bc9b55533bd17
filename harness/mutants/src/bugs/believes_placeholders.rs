//! A decoder that looks for attachments in packets that have none.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "believes-placeholders",
    chapter: "arguments",
    summary: "words that look like a placeholder come back as `null` where nothing is attached",
    bug: || Box::new(BelievesPlaceholders),
};

struct BelievesPlaceholders;

impl Bug for BelievesPlaceholders {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| {
            if value.get("_placeholder") == Some(&Data::Bool(true)) {
                Data::Null
            } else {
                value
            }
        })
    }
}
