//! The only place that reads time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chatspec_judge::ledger::Day;
use tokio::time::{Instant, timeout_at};

/// Microseconds since a run began, on the machine's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// A clock that reads zero now.
    pub fn start() -> Self {
        Self { began: now() }
    }

    /// Microseconds since the start.
    pub fn micros(&self) -> u64 {
        micros(now().duration_since(self.began))
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        now().duration_since(self.began)
    }
}

/// The present.
#[expect(
    clippy::disallowed_methods,
    reason = "the module that the others read time through"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The day, in UTC: a ledger that expires does so everywhere at once.
pub fn today() -> Day {
    let date = jiff::tz::Offset::UTC
        .to_datetime(jiff::Timestamp::now())
        .date();
    Day::of(date.year(), date.month(), date.day())
}

/// Resolves when `pause` is over. For pacing and measured windows, never in place of an event.
#[expect(
    clippy::disallowed_methods,
    reason = "the module that the others wait through"
)]
pub(crate) async fn pause(pause: Duration) {
    tokio::time::sleep(pause).await;
}

/// `duration` in microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// How often the harness looks whether it is awake.
const TICK: Duration = Duration::from_millis(5);

/// How late a tick is on an idle machine: the runtime's timer counts whole milliseconds and rounds
/// up. Taken for starvation it came to a fifth of all time, which had every wait for something that
/// never came last six times its deadline.
const GRAIN: Duration = Duration::from_millis(2);

/// Watches how late the harness itself runs, so that its own starvation is never blamed on a
/// target.
#[derive(Clone, Debug)]
pub struct LagMeter {
    ticks: Arc<Mutex<Ticks>>,
}

#[derive(Debug)]
struct Ticks {
    /// How late the ticks so far came, beyond what a timer is late by itself, summed.
    late: Duration,
    /// When the tick that is under way began.
    began: Instant,
}

impl Ticks {
    /// How late the ticks so far came, and how late the one under way already is.
    ///
    /// Whoever wakes from a stall may look before the meter has ticked. Until the tick under way
    /// counted, deadlines that ran out in the stall found no lag at all: a server was accused of
    /// having been silent for a second of which the harness had slept a third.
    fn total(&self, now: Instant) -> Duration {
        self.late + lateness(now.saturating_duration_since(self.began))
    }
}

impl LagMeter {
    /// Starts a meter; it ticks on the current runtime until that ends.
    pub fn start() -> Self {
        let meter = Self {
            ticks: Arc::new(Mutex::new(Ticks {
                late: Duration::ZERO,
                began: now(),
            })),
        };
        let ticking = meter.clone();
        tokio::spawn(async move {
            loop {
                pause(TICK).await;
                let mut ticks = ticking.ticks();
                let now = now();
                ticks.late = ticks.total(now);
                ticks.began = now;
            }
        });
        meter
    }

    fn ticks(&self) -> MutexGuard<'_, Ticks> {
        self.ticks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How late its ticks came, summed since the meter began: the difference of two readings is how
    /// much of the time between them the harness could not use.
    pub fn total(&self) -> Duration {
        self.ticks().total(now())
    }
}

/// How late a tick came that took so long.
fn lateness(took: Duration) -> Duration {
    took.saturating_sub(TICK + GRAIN)
}

/// How long something may take, and longer by as much as the harness itself could not run.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    limit: Duration,
    lag: LagMeter,
}

impl Allowance {
    /// What measures the lag that it makes up for.
    pub(crate) fn meter(&self) -> LagMeter {
        self.lag.clone()
    }

    /// How much longer an allowance gets for each part of it that the harness could not run. Only
    /// its own lateness is seen; a server on the same machine loses as much at every step of its
    /// work, and one that shared two cores with ten others was once seen to stand still for longer
    /// than the harness did.
    const WEIGHT: u32 = 4;

    /// Up to so many times its limit an allowance grows.
    const MOST: u32 = 5;

    pub(crate) const fn new(limit: Duration, lag: LagMeter) -> Self {
        Self { limit, lag }
    }

    /// Begins to count.
    pub(crate) fn begin(&self) -> Spending<'_> {
        Spending {
            allowance: self,
            began: now(),
            late: self.lag.total(),
        }
    }

    /// What `step` gives, or how long was waited for it in vain.
    pub(crate) async fn bound<T>(&self, step: impl Future<Output = T>) -> Result<T, Duration> {
        let mut step = std::pin::pin!(step);
        let spending = self.begin();
        loop {
            if let Ok(done) = timeout_at(spending.until(), step.as_mut()).await {
                return Ok(done);
            }
            if let Some(spent) = spending.spent() {
                return Err(spent.waited);
            }
        }
    }
}

/// An allowance that is being used up.
#[derive(Debug)]
pub(crate) struct Spending<'a> {
    allowance: &'a Allowance,
    began: Instant,
    late: Duration,
}

/// An allowance that is used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// How long was waited in all.
    pub(crate) waited: Duration,
    /// How much of that the harness could not use.
    pub(crate) lag: Duration,
    /// Whether so little is left of it that nothing can be said about anybody else.
    pub(crate) starved: bool,
}

impl Spending<'_> {
    /// Until when to wait, as far as can be said now.
    pub(crate) fn until(&self) -> Instant {
        let limit = self.allowance.limit;
        self.began + limit + (self.lag() * Allowance::WEIGHT).min(limit * Allowance::MOST)
    }

    /// What was spent, once all is.
    pub(crate) fn spent(&self) -> Option<Spent> {
        let lag = self.lag();
        let waited = now().duration_since(self.began);
        (now() >= self.until()).then(|| Spent {
            waited,
            lag,
            starved: waited.saturating_sub(lag) < self.allowance.limit,
        })
    }

    fn lag(&self) -> Duration {
        self.allowance.lag.total().saturating_sub(self.late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_timer_is_late_by_itself_is_no_starvation() {
        let late = |ms| lateness(TICK + Duration::from_millis(ms));
        assert_eq!(late(0), Duration::ZERO);
        assert_eq!(late(2), Duration::ZERO);
        assert_eq!(late(12), Duration::from_millis(10));
    }

    #[test]
    fn a_tick_that_is_overdue_counts_before_it_comes() {
        let began = now();
        let ticks = Ticks {
            late: Duration::from_millis(3),
            began,
        };
        let after = |ms| ticks.total(began + TICK + GRAIN + Duration::from_millis(ms));
        assert_eq!(after(0), Duration::from_millis(3));
        assert_eq!(after(300), Duration::from_millis(303));
    }
}
