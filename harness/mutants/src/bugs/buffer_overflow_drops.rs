//! A bounded buffer for each socket, and nobody who looks at what happens when it is full. Seen in
//! socketioxide with its default `max_buffer_size`: of a burst of 1,000, 872 were lost. How full
//! such a buffer is depends on the machine; here what was sent since the client last sent something
//! counts as being under way.

use chatspec_wire::engine::Packet;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;

pub(super) const ENTRY: Entry = Entry {
    name: "buffer-overflow-drops",
    chapter: "order",
    summary: "of a burst, a member that says nothing itself gets 128 packets and loses the rest",
    bug: || Box::new(BufferOverflowDrops),
};

const BUFFER: usize = 128;

struct BufferOverflowDrops;

impl Bug for BufferOverflowDrops {
    fn packets(&mut self, _to: SocketId, unheard: usize, packets: Vec<Packet>) -> Vec<Packet> {
        if unheard < BUFFER {
            packets
        } else {
            Vec::new()
        }
    }
}
