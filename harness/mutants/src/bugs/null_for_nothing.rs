//! A function that always has one argument, and gives `undefined` where there was none. Seen otherwise in
//! `rust_socketio`, which takes the name from an event without arguments.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "null-for-nothing",
    chapter: "arguments",
    summary: "an event without arguments comes back with `null`",
    bug: || Box::new(NullForNothing),
};

struct NullForNothing;

impl Bug for NullForNothing {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        if args.is_empty() {
            vec![Data::Null]
        } else {
            args
        }
    }
}
