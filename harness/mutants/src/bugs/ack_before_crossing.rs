//! What every adapter does; a server that promises more must not.

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-before-crossing",
    chapter: "cluster",
    summary: "a message is acked before it has been relayed on other nodes",
    bug: || Box::new(AckBeforeCrossing),
};

struct AckBeforeCrossing;

impl Bug for AckBeforeCrossing {
    fn acks_before_crossing(&self) -> bool {
        true
    }
}
