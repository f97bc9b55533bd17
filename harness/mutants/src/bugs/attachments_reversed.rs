//! A stack where a queue was meant.

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "attachments-reversed",
    chapter: "arguments",
    summary: "the attachments of a packet come in the wrong order",
    bug: || Box::new(AttachmentsReversed),
};

struct AttachmentsReversed;

impl Bug for AttachmentsReversed {
    fn packets(&mut self, _to: SocketId, _unheard: usize, mut packets: Vec<Packet>) -> Vec<Packet> {
        // The first is the text.
        packets[1..].reverse();
        packets
    }
}
