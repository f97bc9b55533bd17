//! What a worker does for each delivery, without the socket that it came from.
//!
//! The harness shares the machine with the server that it measures, so this is what a delivery costs
//! before a server does anything. It is here to be measured itself: the frame is found where it was
//! read, the number is found in it, and the delivery is accounted for, by what workers do it with.

use chatspec_judge::bench::measured::Reach;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::clock::Nanos;
use crate::frame;
use crate::inlet::Inlet;
use crate::messages::{Messages, Reader, Sending, Window};
use crate::text::{Found, Origin, Texts};
use crate::worker::{Meaning, meaning};

/// How long messages are measured: all of them in the first second, as in a turn of one.
const WINDOW: u64 = 1_000_000_000;

/// A room in which somebody has written, and nobody has read.
#[derive(Debug)]
pub struct FanOut {
    texts: Texts,
    messages: Messages,
    readers: Vec<Reader>,
    inlet: Inlet,
    /// What the server wrote to each of them.
    frames: Vec<u8>,
}

impl FanOut {
    /// A room of `members`, one of whom has written so many `messages` of `payload` bytes.
    pub fn new(members: u32, messages: u32, payload: usize) -> Self {
        let texts = Texts::new(Origin(1), payload);
        let begins = Nanos::now();
        let mut sent = Messages::new(members);
        sent.measure(Window {
            begins,
            ends: begins.plus(WINDOW),
        });
        let mut frames = Vec::new();
        for nth in 1..=messages {
            let number = sent.next();
            sent.sent(Sending {
                room: 0,
                sender: 0,
                nth,
                due: begins,
                sent: begins,
            });
            sent.acked(number, begins);
            let mut packet = Vec::new();
            texts.relayed(&mut packet, &texts.nickname(0), number);
            frame::put(&mut frames, OpCode::Data(Data::Text), &packet, None);
        }
        Self {
            texts,
            messages: sent,
            readers: (1..members).map(|place| Reader::new(0, place)).collect(),
            inlet: Inlet::new(),
            frames,
        }
    }

    /// Reads everything at every member: what reached whom.
    pub fn read(mut self) -> Reach {
        for reader in &mut self.readers {
            // In place of the system, which would copy them as well.
            self.inlet.begin(&mut self.frames.clone());
            let arrived = Nanos::now();
            // They are our own, so that none is broken.
            while let Ok(Some((_, payload))) = self.inlet.frame() {
                let packet = self.inlet.taken(payload);
                match meaning(&self.texts, packet) {
                    Meaning::Message(Some(Found::Ours(number))) => {
                        self.messages.delivered(reader, number, arrived);
                    }
                    _ => self.messages.misdirected(),
                }
            }
        }
        self.messages.finish().reach
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_accounted_for() {
        let reach = FanOut::new(5, 3, 64).read();
        assert!(reach.is_whole(), "{reach:?}");
        assert_eq!((reach.sent, reach.owed, reach.received), (3, 12, 12));
    }

    #[test]
    fn what_does_not_come_is_missed() {
        let mut room = FanOut::new(5, 3, 64);
        room.frames.clear();
        let reach = room.read();
        assert_eq!((reach.owed, reach.received), (12, 0));
    }
}
