//! Optional arguments: what is `null` at the end is taken for not given.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "drops-last-nulls",
    chapter: "arguments",
    summary: "`null` at the end of the arguments is left out",
    bug: || Box::new(DropsLastNulls),
};

struct DropsLastNulls;

impl Bug for DropsLastNulls {
    fn echo(&mut self, _from: SocketId, mut args: Vec<Data>) -> Vec<Data> {
        while args.last() == Some(&Data::Null) {
            args.pop();
        }
        args
    }
}
