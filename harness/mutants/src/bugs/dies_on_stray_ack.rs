//! The callback is looked up and called without asking whether it is there.

use super::Entry;
use crate::bug::{Bug, Oddity};

pub(super) const ENTRY: Entry = Entry {
    name: "dies-on-stray-ack",
    chapter: "hostile",
    summary: "the server dies of an ack that it did not ask for",
    bug: || Box::new(DiesOnStrayAck),
};

struct DiesOnStrayAck;

impl Bug for DiesOnStrayAck {
    fn survives(&self, oddity: Oddity) -> bool {
        oddity != Oddity::StrayAck
    }
}
