//! The only place that reads time.
//!
//! Nanoseconds, as the kernel counts them: what is measured goes down to the time that a frame takes
//! from the network card of loopback to its reader, which is a few microseconds.

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds on the machine's monotonic clock, which no one sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Nanos(pub(crate) u64);

impl Nanos {
    /// The present.
    pub(crate) fn now() -> Self {
        Self(read(ClockId::CLOCK_MONOTONIC))
    }

    /// How long after `earlier` this is; zero if it is not.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same in whole microseconds, which is what histograms count.
    pub(crate) const fn micros_since(self, earlier: Self) -> u64 {
        self.since(earlier) / 1_000
    }

    /// So many nanoseconds later.
    pub(crate) const fn plus(self, nanos: u64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// So many nanoseconds earlier.
    pub(crate) const fn minus(self, nanos: u64) -> Self {
        Self(self.0.saturating_sub(nanos))
    }
}

/// Nanoseconds since 1970 (UTC), on the clock by which the kernel stamps what arrives. It may be set
/// while we measure, so that only the difference of two readings close together is of use.
pub(crate) fn real() -> u64 {
    read(ClockId::CLOCK_REALTIME)
}

/// Resolves at this time, in nanoseconds since 1970 (UTC). For timetables, never in place of an event.
#[expect(
    clippy::disallowed_methods,
    reason = "the module that the others wait through"
)]
pub(crate) async fn wait_until(at: u64) {
    tokio::time::sleep(std::time::Duration::from_nanos(at.saturating_sub(real()))).await;
}

/// Nanoseconds that the calling thread has been on a processor.
pub(crate) fn on_processor() -> u64 {
    read(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// Nanoseconds in `seconds`; zero for less than nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float that is out of range becomes the end of the range, which is centuries away"
)]
pub(crate) fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

/// Seconds in `nanos`.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub(crate) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

/// A clock that cannot be read reads zero: every system that this crate builds on has these three,
/// and a bench of which each latency is zero is refused as one that measured nothing.
fn read(clock: ClockId) -> u64 {
    clock_gettime(clock).map_or(0, |time| {
        let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
        seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs_forward() {
        let before = Nanos::now();
        let mut after = Nanos::now();
        while after == before {
            after = Nanos::now();
        }
        assert!(after > before);
        assert!(on_processor() > 0);
        assert!(real() > before.0, "1970 was before the machine was started");
    }

    #[test]
    fn seconds_and_nanoseconds_are_the_same_time() {
        assert_eq!(nanos(1.5), 1_500_000_000);
        assert_eq!(nanos(-1.0), 0);
        assert!((seconds(2_500_000_000) - 2.5).abs() < 1e-12);
    }
}
