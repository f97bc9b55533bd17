//! What the handler of a connection emits goes out before the connection is confirmed. Seen in
//! python-socketio.

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "speaks-before-connect",
    chapter: "entering",
    summary: "an event is sent before the CONNECT is answered",
    bug: || Box::new(SpeaksBeforeConnect),
};

struct SpeaksBeforeConnect;

impl Bug for SpeaksBeforeConnect {
    fn packets(&mut self, _to: SocketId, _unheard: usize, mut packets: Vec<Packet>) -> Vec<Packet> {
        let connects =
            |packet: &Packet| matches!(packet, Packet::Message(text) if text.starts_with("0{"));
        if packets.first().is_some_and(connects) {
            packets.insert(0, Packet::Message(r#"2["hello"]"#.to_owned()));
        }
        packets
    }
}
