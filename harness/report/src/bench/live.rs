//! How far a bench is, in a line.

use std::fmt;
use std::time::Duration;

use chatspec_judge::bench::{Histogram, Pace, Plan, Turn};

use super::units::{count, micros, number, seconds, share, whole};

/// What a turn is called: whose it is, which of how many, and under which load where that is looked for.
pub fn name(target: &str, turn: Option<(u32, u32)>, plan: &Plan) -> String {
    if let Some((nth, of)) = turn {
        return format!("{target} {nth}/{of}");
    }
    let load = match plan.pace {
        Pace::Rate(rate) => format!("{} a second", number(rate)),
        Pace::Outstanding(at_once) => format!("{at_once} outstanding"),
    };
    let rooms = count(plan.rooms.into(), "room");
    format!("{target}, {load} to {rooms} of {}", plan.members)
}

/// What is known while a turn goes on.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// How many members are in.
    pub joined: u64,
    /// How many are to come.
    pub wanted: u64,
    /// How many deliveries are owed so far.
    pub owed: u64,
    /// How many of them arrived.
    pub received: u64,
    /// Their latencies.
    pub latency: &'a Histogram,
    /// How long the bench still chats, joining not counted, which nobody can foretell.
    pub left: Duration,
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = seconds(self.left.as_secs_f64().round());
        if self.owed == 0 {
            let (joined, wanted) = (whole(self.joined), whole(self.wanted));
            return write!(f, "{joined} of {wanted} in; {left} left");
        }
        write!(
            f,
            "{} received, {} under way; {}; {left} left",
            whole(self.received),
            whole(self.owed.saturating_sub(self.received)),
            Percentiles(self.latency),
        )
    }
}

/// What a turn that is over has shown: what was lost before how fast it was.
pub fn summary(turn: &Turn) -> String {
    let reach = &turn.reach;
    let rate = number(turn.deliveries_a_second());
    format!(
        "reach {}, {}, {rate} deliveries/s",
        share(reach.share()),
        Percentiles(&turn.latency)
    )
}

struct Percentiles<'a>(&'a Histogram);

impl fmt::Display for Percentiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most] = [0.5, 0.99].map(|share| micros(self.0.quantile(share)));
        write!(f, "p50 {half}, p99 {most}")
    }
}

#[cfg(test)]
mod tests {
    use chatspec_judge::bench::measured::Reach;

    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let plan = Plan::default();
        let mut latency = Histogram::new();
        let mut said = Said {
            joined: 640,
            wanted: 1_000,
            owed: 0,
            received: 0,
            latency: &Histogram::new(),
            left: Duration::from_millis(36_400),
        };
        let coming = said.to_string();
        latency.record_many(1_200, 98);
        latency.record_many(48_000, 2);
        (said.owed, said.received, said.latency) = (45_000, 44_100, &latency);
        let chatting = said.to_string();
        let turn = Turn {
            measured: 10.0,
            reach: Reach {
                owed: 45_000,
                received: 44_991,
                ..Reach::default()
            },
            latency,
            ..Turn::default()
        };
        let closed = Plan {
            pace: Pace::Outstanding(4),
            ..plan.clone()
        };
        let lines = [
            name("reference", Some((2, 3)), &plan),
            name("reference", None, &plan),
            name("reference", None, &closed),
            coming,
            chatting,
            summary(&turn),
        ];
        insta::assert_snapshot!(lines.join("\n"));
    }
}
