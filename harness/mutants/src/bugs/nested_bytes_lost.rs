//! Only the arguments themselves are looked at, not what is inside them.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "nested-bytes-lost",
    chapter: "arguments",
    summary: "bytes inside lists and objects come back as their placeholders",
    bug: || Box::new(NestedBytesLost),
};

struct NestedBytesLost;

impl Bug for NestedBytesLost {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        let mut num = 0_u64;
        let mut placeholder = |value: Data| match value {
            Data::Binary(_) => {
                let fields = [("_placeholder", Data::Bool(true)), ("num", Data::from(num))];
                num += 1;
                Data::Object(fields.map(|(key, value)| (key.to_owned(), value)).into())
            }
            other => other,
        };
        let args = args.into_iter().flat_map(|arg| match arg {
            Data::Array(_) | Data::Object(_) => values::each(vec![arg], &mut placeholder),
            plain => vec![plain],
        });
        args.collect()
    }
}
