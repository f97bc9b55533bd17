//! The packet type for acks is one, and the one for acks with attachments was forgotten.

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "ack-without-attachments",
    chapter: "arguments",
    summary: "an ack with bytes is sent as one without, and its attachments are not sent at all",
    bug: || Box::new(AckWithoutAttachments),
};

struct AckWithoutAttachments;

impl Bug for AckWithoutAttachments {
    fn packets(&mut self, _to: SocketId, _unheard: usize, mut packets: Vec<Packet>) -> Vec<Packet> {
        if let Some(Packet::Message(text)) = packets.first_mut()
            && let Some(rest) = text.strip_prefix('6')
            && let Some((_, rest)) = rest.split_once('-')
        {
            *text = format!("3{rest}");
            packets.truncate(1);
        }
        packets
    }
}
