//! Waking up on time: the timeout of a poll has milliseconds, a timer of the kernel has nanoseconds.

use std::io;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Duration;

use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

use crate::clock::Nanos;

/// An alarm that a poll can wait for.
#[derive(Debug)]
pub(crate) struct Alarm {
    timer: TimerFd,
    set_to: Option<Nanos>,
}

impl Alarm {
    /// An alarm that does not go off.
    pub(crate) fn new() -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        Ok(Self {
            timer,
            set_to: None,
        })
    }

    /// What a poll waits for. It needs no reading: setting the alarm anew takes back what it said.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.timer.as_fd().as_raw_fd()
    }

    /// Makes it go off at `time`, at once if that has passed, and at no other time.
    pub(crate) fn set(&mut self, time: Option<Nanos>) -> io::Result<()> {
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
