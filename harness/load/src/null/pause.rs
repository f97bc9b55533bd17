//! Standing still, and keeping a beat, by timers of the kernel.

use std::io;
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Does nothing at all for so long.
pub(super) fn stand_still(time: Duration) -> io::Result<()> {
    // Nothing would be waited for without end.
    let time = time.max(Duration::from_nanos(1));
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
    let time = Expiration::OneShot(TimeSpec::from_duration(time));
    timer.set(time, TimerSetTimeFlags::empty())?;
    Ok(timer.wait()?)
}

/// Something that returns once in each period.
#[derive(Debug)]
pub(super) struct Beat(TimerFd);

impl Beat {
    /// A beat with this period.
    pub(super) fn new(period: Duration) -> io::Result<Self> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
        let period = Expiration::Interval(TimeSpec::from_duration(period));
        timer.set(period, TimerSetTimeFlags::empty())?;
        Ok(Self(timer))
    }

    /// Waits for the next one; one that was missed counts as the next.
    pub(super) fn wait(&self) -> io::Result<()> {
        Ok(self.0.wait()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Nanos;

    #[test]
    fn standing_still_takes_its_time() {
        let before = Nanos::now();
        stand_still(Duration::from_millis(3)).unwrap();
        assert!(Nanos::now().since(before) >= 3_000_000);
        stand_still(Duration::ZERO).unwrap();
    }
}
