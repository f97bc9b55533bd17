//! Frames that were put together by hand. Seen in python-socketio, which writes `Infinity`, and in
//! netty-socketio, which put a stray byte in front of attachments.

use std::collections::HashMap;

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "malformed-relay",
    chapter: "packets",
    summary: "every 10th message to a member is JSON without its last bracket",
    bug: || Box::new(MalformedRelay::default()),
};

const NTH: u32 = 10;

#[derive(Default)]
struct MalformedRelay {
    /// Messages to each member.
    sent: HashMap<SocketId, u32>,
}

impl Bug for MalformedRelay {
    fn packets(&mut self, to: SocketId, _unheard: usize, mut packets: Vec<Packet>) -> Vec<Packet> {
        if let Some(Packet::Message(text)) = packets.first_mut()
            && text.starts_with(r#"2["new_message""#)
        {
            let sent = self.sent.entry(to).or_default();
            *sent += 1;
            if sent.is_multiple_of(NTH) {
                text.pop();
            }
        }
        packets
    }
}
