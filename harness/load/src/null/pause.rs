//! Waking up on time: the timeout of a poll has milliseconds, a timer of the kernel has nanoseconds.

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::clock::Nanos;

/// An alarm that a poll can wait for.
#[derive(Debug)]
pub(super) struct Alarm {
    timer: TimerFd,
    set_to: Option<Nanos>,
}

impl Alarm {
    /// An alarm that does not go off.
    pub(super) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        Ok(Self {
            timer,
            set_to: None,
        })
    }

    /// What a poll waits for. It needs no reading: setting the alarm anew takes back what it said.
    pub(super) fn descriptor(&self) -> RawFd {
        self.timer.as_fd().as_raw_fd()
    }

    /// Makes it go off at `time`, at once if that has passed, and at no other time.
    pub(super) fn set(&mut self, time: Option<Nanos>) -> io::Result<()> {
        if self.set_to == time {
            return Ok(());
        }
        self.set_to = time;
        match time {
            // Zero would switch it off.
            Some(time) => {
                let time = TimeSpec::from_duration(Duration::from_nanos(time.0.max(1)));
                let absolute = TimerSetTimeFlags::TFD_TIMER_ABSTIME;
                self.timer.set(Expiration::OneShot(time), absolute)?;
            }
            None => self.timer.unset()?,
        }
        Ok(())
    }
}

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

    #[test]
    fn standing_still_takes_its_time() {
        let before = Nanos::now();
        stand_still(Duration::from_millis(3)).unwrap();
        assert!(Nanos::now().since(before) >= 3_000_000);
        stand_still(Duration::ZERO).unwrap();
    }
}
