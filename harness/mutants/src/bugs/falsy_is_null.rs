//! `value || null`, where `value ?? null` was meant.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "falsy-is-null",
    chapter: "arguments",
    summary: "`false`, `0` and the empty text come back as `null`",
    bug: || Box::new(FalsyIsNull),
};

struct FalsyIsNull;

impl Bug for FalsyIsNull {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| {
            let falsy = [Data::Bool(false), Data::from(0_u64), Data::from("")];
            if falsy.contains(&value) {
                Data::Null
            } else {
                value
            }
        })
    }
}
