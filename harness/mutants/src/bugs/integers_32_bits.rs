//! A number read into the integer that comes first to mind.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "integers-32-bits",
    chapter: "arguments",
    summary: "an integer comes back as its lowest 32 bits",
    bug: || Box::new(Integers32Bits),
};

#[expect(
    clippy::cast_possible_truncation,
    reason = "the bug is that it is truncated"
)]
fn low(number: i64) -> i32 {
    number as i32
}

struct Integers32Bits;

impl Bug for Integers32Bits {
    fn echo(&mut self, _from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| match &value {
            Data::Number(number) => match number.as_i64() {
                Some(number) => Data::from(i64::from(low(number))),
                None => value,
            },
            _ => value,
        })
    }
}
