//! It was written to both transports, to be safe.

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "upgrade-repeats-first",
    chapter: "packets",
    summary: "the first packet after the upgrade to WebSocket arrives twice",
    bug: || Box::new(UpgradeRepeatsFirst),
};

struct UpgradeRepeatsFirst;

impl Bug for UpgradeRepeatsFirst {
    fn after_upgrade(&mut self, mut packets: Vec<Packet>) -> Vec<Packet> {
        packets.splice(0..0, packets.first().cloned());
        packets
    }
}
