//! The separator is forgotten, or the queue is cleared and not only its head. Seen the other way
//! round in python-engineio, which answers a request of more than 16 packets with OK and drops it
//! (miguelgrinberg/python-engineio#142).

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "polling-loses-tail",
    chapter: "packets",
    summary: "of the packets of one long-polling response all but the first are lost",
    bug: || Box::new(PollingLosesTail),
};

struct PollingLosesTail;

impl Bug for PollingLosesTail {
    fn poll_response(&mut self, mut packets: Vec<Packet>) -> Vec<Packet> {
        packets.truncate(1);
        packets
    }
}
