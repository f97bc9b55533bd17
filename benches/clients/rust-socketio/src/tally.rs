//! What has arrived, at whichever member.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::time::interval;

/// When nothing has come for so long, what is missing is lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// All arrivals, and the clock that dates them.
pub(crate) struct Tally {
    began: Instant,
    welcomes: AtomicU64,
    received: AtomicU64,
    acked: AtomicU64,
    last_arrival: AtomicU64,
    measured: Mutex<Measured>,
}

/// How much has arrived so far.
pub(crate) struct Counts {
    pub(crate) welcomes: u64,
    pub(crate) received: u64,
    pub(crate) acked: u64,
}

/// Latencies in microseconds, of messages that are due from the one time to the other.
struct Measured {
    from: u64,
    to: u64,
    latencies: Histogram<u64>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            began: instant(),
            welcomes: AtomicU64::new(0),
            received: AtomicU64::new(0),
            acked: AtomicU64::new(0),
            last_arrival: AtomicU64::new(0),
            measured: Mutex::new(Measured {
                from: u64::MAX,
                to: u64::MAX,
                latencies: latencies(),
            }),
        }
    }

    /// Microseconds since the process began.
    pub(crate) fn now(&self) -> u64 {
        self.at(instant())
    }

    /// The same for some other time.
    pub(crate) fn at(&self, time: Instant) -> u64 {
        u64::try_from(time.duration_since(self.began).as_micros()).unwrap_or(u64::MAX)
    }

    /// Measures what is due in so many microseconds.
    pub(crate) fn measure(&self, from: u64, to: u64) {
        let mut measured = self.lock();
        measured.from = from;
        measured.to = to;
    }

    pub(crate) fn welcome(&self) {
        self.welcomes.fetch_add(1, Relaxed);
        self.last_arrival.store(self.now(), Relaxed);
    }

    pub(crate) fn ack(&self) {
        self.acked.fetch_add(1, Relaxed);
    }

    /// A message has come: `nickname: when it was due, and padding`.
    pub(crate) fn message(&self, line: &str) {
        let now = self.now();
        self.received.fetch_add(1, Relaxed);
        self.last_arrival.store(now, Relaxed);
        let due = line
            .split_once(": ")
            .and_then(|(_, text)| text.trim_end().parse().ok());
        let mut measured = self.lock();
        if let Some(due) = due.filter(|due| (measured.from..measured.to).contains(due)) {
            measured
                .latencies
                .saturating_record(now.saturating_sub(due).max(1));
        }
    }

    /// Waits until it is all there, or nothing has come for a while.
    pub(crate) async fn settled(&self, all: impl Fn(&Counts) -> bool) -> Counts {
        self.last_arrival.store(self.now(), Relaxed);
        let mut again = interval(Duration::from_millis(20));
        loop {
            again.tick().await;
            let counts = self.counts();
            let since = self.now().saturating_sub(self.last_arrival.load(Relaxed));
            if all(&counts) || Duration::from_micros(since) >= PATIENCE {
                return counts;
            }
        }
    }

    /// How many messages were measured, and what half and ninety-nine in a hundred of them did not
    /// exceed, in microseconds.
    pub(crate) fn measured(&self) -> (u64, u64, u64) {
        let latencies = &self.lock().latencies;
        let at = |share| latencies.value_at_quantile(share);
        (latencies.len(), at(0.5), at(0.99))
    }

    fn counts(&self) -> Counts {
        Counts {
            welcomes: self.welcomes.load(Relaxed),
            received: self.received.load(Relaxed),
            acked: self.acked.load(Relaxed),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::expect_used,
    reason = "three digits are a number of digits that there is"
)]
fn latencies() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 3).expect("bounds in order, and three digits")
}

#[expect(clippy::disallowed_methods, reason = "the one clock of this program")]
fn instant() -> Instant {
    Instant::now()
}
