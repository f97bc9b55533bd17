//! The one sequencer: every event of a run gets its place and its time here.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chatspec_judge::history::{Event, History, Kind};
use chatspec_judge::ids::Seq;
use tokio::sync::Notify;

use crate::clock::Clock;

/// How much a server may send in one case, in bytes, to all clients together: several times what the
/// largest case asks for, and a bound on what a server that never stops can have the harness keep.
const BUDGET: usize = 64 << 20;

/// What a packet costs beyond its text: about the memory of its event. Without it, a stream of tiny
/// packets would be as good as free.
const PACKET: usize = 512;

/// The server has sent more than the harness keeps.
#[derive(Debug, thiserror::Error)]
#[error("the server sent more than the {} MiB that a case may hold, and the harness left", BUDGET >> 20)]
pub(crate) struct Exhausted;

/// An append-only log that connections write and the executor follows.
#[derive(Clone)]
pub(crate) struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    events: Mutex<Vec<Event>>,
    grown: Notify,
    received: AtomicUsize,
}

impl Log {
    pub(crate) fn new(clock: Clock) -> Self {
        let inner = Inner {
            clock,
            events: Mutex::default(),
            grown: Notify::new(),
            received: AtomicUsize::new(0),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Appends an event that happens now.
    pub(crate) fn record(&self, kind: Kind) {
        self.record_with(kind, Vec::new());
    }

    /// The same of an event that was `wire` on the wire.
    pub(crate) fn record_with(&self, kind: Kind, wire: Vec<String>) {
        let mut events = self.events();
        let seq = Seq(events.len() as u64);
        // The time is read under the lock, so that the order of times is the order of events.
        let at_us = self.inner.clock.micros();
        events.push(Event {
            seq,
            at_us,
            kind,
            wire,
        });
        drop(events);
        self.inner.grown.notify_one();
    }

    /// Accounts for a packet of `length` bytes from the server.
    pub(crate) fn receive(&self, length: usize) -> Result<(), Exhausted> {
        let cost = length.saturating_add(PACKET);
        let before = self.inner.received.fetch_add(cost, Ordering::Relaxed);
        if before.saturating_add(cost) > BUDGET {
            return Err(Exhausted);
        }
        Ok(())
    }

    /// Gives back what a packet cost of which nothing is kept.
    pub(crate) fn forget(&self, length: usize) {
        let cost = length.saturating_add(PACKET);
        self.inner.received.fetch_sub(cost, Ordering::Relaxed);
    }

    /// The events from `from` on.
    pub(crate) fn since(&self, from: usize) -> Vec<Event> {
        self.events()
            .get(from..)
            .map(<[Event]>::to_vec)
            .unwrap_or_default()
    }

    /// Resolves when something was appended since the last time this resolved. One follower only.
    pub(crate) async fn grown(&self) {
        self.inner.grown.notified().await;
    }

    pub(crate) fn history(&self) -> History {
        History {
            events: self.events().clone(),
        }
    }

    /// A writer that panicked has either pushed its event or not; the log is whole either way.
    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.inner
            .events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_holds_few_long_packets_or_many_short_ones_but_no_end_of_either() {
        for length in [0, 100, 1 << 20] {
            let log = Log::new(Clock::start());
            let most = BUDGET / (length + PACKET);
            let taken = (0..2 * most).take_while(|_| log.receive(length).is_ok());
            assert_eq!(taken.count(), most);
        }
    }
}
