//! One Engine.IO session over long-polling.

use super::wires::Peer;

/// What stands between two packets of one body (Engine.IO protocol v4, "HTTP long-polling").
pub(super) const SEPARATOR: u8 = 0x1e;

/// A polling session.
#[derive(Debug)]
pub(super) struct Poller {
    pub(super) sid: String,
    pub(super) peer: Peer,
    /// The connection on which a poll waits for its answer.
    pub(super) waits_on: Option<usize>,
    /// Whether anything was heard of it since it was last pinged.
    pub(super) is_heard: bool,
    /// Whether it fetches nothing of what waits for it, so that it has to end.
    pub(super) is_overdue: bool,
    /// Whether it is known that it may have an answer for a poll that waits.
    pub(super) is_listed: bool,
    out: Vec<u8>,
}

impl Poller {
    /// A session of which nobody has asked anything.
    pub(super) const fn new(sid: String, peer: Peer) -> Self {
        Self {
            sid,
            peer,
            waits_on: None,
            is_heard: true,
            is_overdue: false,
            out: Vec::new(),
            is_listed: false,
        }
    }

    /// Adds a packet for the next poll. Where more than `most` bytes wait, nobody polls. Says whether the session has to be listed as one that may
    /// have an answer for a poll that waits.
    pub(super) fn put(&mut self, packet: &[u8], most: usize) -> bool {
        if self.out.len() > most {
            self.is_overdue = true;
        } else {
            if !self.out.is_empty() {
                self.out.push(SEPARATOR);
            }
            self.out.extend_from_slice(packet);
        }
        let is_asked = self.waits_on.is_some() || self.is_overdue;
        is_asked && !std::mem::replace(&mut self.is_listed, true)
    }

    /// The packets that wait, as one body; none if there is nothing.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        (!self.out.is_empty()).then(|| std::mem::take(&mut self.out))
    }
}
