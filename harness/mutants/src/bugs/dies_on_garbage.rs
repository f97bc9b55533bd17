//! An exception in the decoder that nobody catches. Seen in engine.io before 6.2.1, and in socketioxide,
//! where a panic took other connections along.

use super::Entry;
use crate::bug::{Bug, Oddity};

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-garbage",
    chapter: "hostile",
    summary: "the server dies of a packet that is none",
    bug: || Box::new(DiesOnGarbage),
};

struct DiesOnGarbage;

impl Bug for DiesOnGarbage {
    fn survives(&self, oddity: Oddity) -> bool {
        oddity != Oddity::Garbage
    }
}
