//! Whether a figure is the server's or our own.

use std::fmt;

use super::measured::{TargetTurns, Turn};

/// The share of the time that the busiest worker may be on the processor.
///
/// A queue in front of somebody who is busy for a share `u` of the time waits for `u / (1 - u)` times
/// what one piece of work takes: from nine tenths on the wait is our own, and grows with every
/// per cent.
pub const BUSIEST: f64 = 0.9;

/// How much of a latency our own lateness in sending may be, at the 99th percentile of both.
pub const LATE_SHARE: f64 = 0.5;

/// Lateness that is no reason to refuse anything, in microseconds: what a timer and a few hundred
/// system calls take on a machine that has other things to do.
pub const LATE_FREE: u64 = 1_000;

/// Why a turn says more about the harness than about the target.
#[derive(Clone, Debug, PartialEq)]
pub enum Doubt {
    /// A worker had no time left.
    Busy {
        /// The share of the time in which it was on the processor.
        busy: f64,
    },
    /// What was due was sent late, by ourselves.
    SentLate {
        /// The lateness at the 99th percentile, in microseconds.
        late: u64,
        /// The latency at the 99th percentile, in microseconds.
        latency: u64,
    },
    /// The null server was not reached by everything in the same run, so nobody could have been.
    NullLost {
        /// The share of what was owed that arrived.
        share: f64,
    },
    /// Nothing was measured.
    Empty,
}

impl Doubt {
    /// Whether it is about what was counted, and not about latencies alone. Who has no time left does
    /// not read, and a server may rightly cut off whom it takes for a slow reader; who only sends late
    /// still counts what comes.
    pub const fn is_of_counts(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::NullLost { .. } | Self::Empty => true,
            Self::SentLate { .. } => false,
        }
    }
}

/// Why `turn` must not be believed, if there is a reason.
pub fn doubts(turn: &Turn) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if turn.reach.sent == 0 {
        doubts.push(Doubt::Empty);
        return doubts;
    }
    let busy = turn.harness.busy;
    if busy > BUSIEST {
        doubts.push(Doubt::Busy { busy });
    }
    let late = turn.harness.send_lag.quantile(0.99);
    let latency = turn.latency.quantile(0.99);
    #[expect(clippy::cast_precision_loss, reason = "microseconds, fewer than 2^52")]
    if late > LATE_FREE && late as f64 > LATE_SHARE * latency as f64 {
        doubts.push(Doubt::SentLate { late, latency });
    }
    doubts
}

/// Why nothing measured beside this null server must be believed, if there is a reason.
pub fn doubts_of_null(null: &TargetTurns) -> Option<Doubt> {
    let reach = null.reach();
    (reach.lost() > 0).then(|| Doubt::NullLost {
        share: reach.share(),
    })
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { busy } => write!(
                f,
                "the harness was busy for {:.0} % of the time, and from {:.0} % on what waits is waiting \
                 for the harness: ask for less, or give it more cores",
                busy * 100.0,
                BUSIEST * 100.0
            ),
            Self::SentLate { late, latency } => write!(
                f,
                "the harness sent late, by {} at the 99th percentile of a latency of {}: ask for less, or \
                 give it more cores",
                millis(*late),
                millis(*latency)
            ),
            Self::NullLost { share } => write!(
                f,
                "even the null server, which loses nothing, had a reach of {:.3} %: what is lost is lost by \
                 this machine",
                share * 100.0
            ),
            Self::Empty => f.write_str("no message was sent in the time that was measured"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, fewer than 2^52")]
fn millis(micros: u64) -> String {
    format!("{:.2} ms", micros as f64 / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(busy: f64, late: u64, latency: u64) -> Turn {
        let mut turn = Turn::default();
        turn.reach.sent = 1;
        turn.harness.busy = busy;
        turn.harness.send_lag.record(late);
        turn.latency.record(latency);
        turn
    }

    #[test]
    fn an_idle_harness_is_believed() {
        assert_eq!(doubts(&turn(0.3, 900, 1_000)), []);
        assert_eq!(doubts(&turn(0.3, 2_000, 10_000)), []);
    }

    #[test]
    fn a_harness_that_was_the_bottleneck_is_not() {
        let busy = doubts(&turn(0.95, 900, 1_000));
        let late = doubts(&turn(0.3, 6_000, 10_000));
        let empty = doubts(&Turn::default());
        let null = TargetTurns {
            name: "null".to_owned(),
            turns: vec![Turn {
                reach: super::super::measured::Reach {
                    owed: 100,
                    received: 99,
                    ..Default::default()
                },
                ..Turn::default()
            }],
            limits: Vec::new(),
            failed: None,
        };
        let said: Vec<_> = [
            busy,
            late,
            empty,
            doubts_of_null(&null).into_iter().collect(),
        ]
        .into_iter()
        .flatten()
        .map(|doubt| doubt.to_string())
        .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
