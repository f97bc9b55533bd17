//! Overloads for up to ten arguments, and a server whose eleventh nobody ever missed.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "keeps-ten-arguments",
    chapter: "arguments",
    summary: "arguments beyond the tenth are lost",
    bug: || Box::new(KeepsTenArguments),
};

const TEN: usize = 10;

struct KeepsTenArguments;

impl Bug for KeepsTenArguments {
    fn echo(&mut self, _from: SocketId, mut args: Vec<Data>) -> Vec<Data> {
        args.truncate(TEN);
        args
    }
}
