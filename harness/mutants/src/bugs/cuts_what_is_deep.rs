//! A guard against deep nesting that cuts instead of refusing.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "cuts-what-is-deep",
    chapter: "arguments",
    summary: "what stands more than twenty levels deep comes back as `null`",
    bug: || Box::new(CutsWhatIsDeep),
};

const DEEPEST: usize = 20;

fn cut(value: Data, levels: usize) -> Data {
    let Some(below) = levels.checked_sub(1) else {
        return Data::Null;
    };
    match value {
        Data::Array(items) => items
            .into_iter()
            .map(|item| cut(item, below))
            .collect::<Vec<_>>()
            .into(),
        Data::Object(fields) => {
            let fields = fields.into_iter();
            Data::Object(fields.map(|(key, item)| (key, cut(item, below))).collect())
        }
        plain => plain,
    }
}

struct CutsWhatIsDeep;

impl Bug for CutsWhatIsDeep {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        args.into_iter().map(|arg| cut(arg, DEEPEST)).collect()
    }
}
