//! It was written to the transport that had just been left. Seen in engine.io
//! (socketio/engine.io#284) and socket.io-client (socketio/socket.io-client#989).

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "upgrade-loses-first",
    chapter: "packets",
    summary: "the first packet after the upgrade to WebSocket is lost",
    bug: || Box::new(UpgradeLosesFirst),
};

struct UpgradeLosesFirst;

impl Bug for UpgradeLosesFirst {
    fn after_upgrade(&mut self, mut packets: Vec<Packet>) -> Vec<Packet> {
        if !packets.is_empty() {
            packets.remove(0);
        }
        packets
    }
}
