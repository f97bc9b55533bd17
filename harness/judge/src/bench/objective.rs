//! What latency is good enough: `p99<200ms`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::measured::{TargetTurns, Turn};

/// A number that a turn has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Metric {
    /// The latency, in microseconds, that so many in a hundred deliveries do not exceed.
    Percentile(Of, f64),
    /// The longest latency, in microseconds.
    Max(Of),
    /// The share of what was owed that arrived.
    Reach,
}

/// Latency of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Of {
    /// Each delivery.
    Delivery,
    /// The ack.
    Ack,
    /// The last member of the room: the room has it.
    Room,
}

/// What must hold: a metric below a limit, or, for the reach, above it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// What is held against the limit.
    pub metric: Metric,
    /// The limit: microseconds, or a share for the reach.
    pub limit: f64,
}

/// An objective that nobody can understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no objective: write a percentile and a limit, as in `p99<200ms`, `room-p99.9<1s`, `ack-max<50ms`, or `reach>99.9%`"
)]
pub struct ObjectiveError(String);

impl Metric {
    /// Its value in one turn.
    pub fn of(self, turn: &Turn) -> f64 {
        self.value(|of| of.part(turn), || turn.reach.share())
    }

    /// Its value in all turns of a target together.
    pub fn of_all(self, turns: &TargetTurns) -> f64 {
        match self {
            Self::Percentile(of, _) | Self::Max(of) => {
                let all = turns.all(|turn| of.part(turn));
                self.value(|_| &all, || 1.0)
            }
            Self::Reach => turns.reach().share(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "microseconds, fewer than 2^52")]
    fn value<'a>(
        self,
        part: impl FnOnce(Of) -> &'a super::Histogram,
        reach: impl FnOnce() -> f64,
    ) -> f64 {
        match self {
            Self::Percentile(of, percent) => part(of).quantile(percent / 100.0) as f64,
            Self::Max(of) => part(of).max() as f64,
            Self::Reach => reach(),
        }
    }

    /// Whether less of it is better.
    pub const fn is_better_low(self) -> bool {
        !matches!(self, Self::Reach)
    }
}

impl Of {
    pub(super) const fn part(self, turn: &Turn) -> &super::Histogram {
        match self {
            Self::Delivery => &turn.latency,
            Self::Ack => &turn.ack,
            Self::Room => &turn.last,
        }
    }
}

impl Objective {
    /// Whether a turn meets it. One that lost something never does, whatever its latency: what does
    /// not arrive has none.
    pub fn is_met_by(&self, turn: &Turn) -> bool {
        let value = self.metric.of(turn);
        if self.metric.is_better_low() {
            turn.reach.lost() == 0 && value < self.limit
        } else {
            value > self.limit
        }
    }
}

impl FromStr for Metric {
    type Err = ObjectiveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "reach" {
            return Ok(Self::Reach);
        }
        let (of, rest) = if let Some(rest) = text.strip_prefix("ack-") {
            (Of::Ack, rest)
        } else if let Some(rest) = text.strip_prefix("room-") {
            (Of::Room, rest)
        } else {
            (Of::Delivery, text)
        };
        if rest == "max" {
            return Ok(Self::Max(of));
        }
        let percent = rest.strip_prefix('p').and_then(|text| text.parse().ok());
        percent
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(|percent| Self::Percentile(of, percent))
            .ok_or_else(|| ObjectiveError(text.to_owned()))
    }
}

impl FromStr for Objective {
    type Err = ObjectiveError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || ObjectiveError(text.to_owned());
        let (metric, sign, limit) = comparison(text).ok_or_else(no)?;
        let limit = match (metric, sign) {
            (Metric::Reach, '>') => share(&limit),
            (Metric::Percentile(..) | Metric::Max(_), '<') => micros(&limit),
            _ => None,
        };
        let limit = limit.ok_or_else(no)?;
        Ok(Self { metric, limit })
    }
}

/// The metric, the sign and what is behind it, without its spaces, of `p99 < 200ms` or `p99 > 1.2x`.
pub(super) fn comparison(text: &str) -> Option<(Metric, char, String)> {
    let plain: String = text.split_whitespace().collect();
    let at = plain.find(['<', '>'])?;
    let (metric, rest) = plain.split_at(at);
    let mut rest = rest.chars();
    let sign = rest.next()?;
    Some((metric.parse().ok()?, sign, rest.as_str().to_owned()))
}

fn share(text: &str) -> Option<f64> {
    let percent: f64 = text.strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

/// Microseconds of `200ms`, `1.5s` or `800us`.
fn micros(text: &str) -> Option<f64> {
    let unit = text.find(|letter: char| letter.is_ascii_alphabetic() || letter == 'µ')?;
    let number: f64 = text[..unit].parse().ok()?;
    let factor = match &text[unit..] {
        "us" | "µs" => 1.0,
        "ms" => 1_000.0,
        "s" => 1_000_000.0,
        _ => return None,
    };
    (number > 0.0).then_some(number * factor)
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |of: &Of| match of {
            Of::Delivery => "",
            Of::Ack => "ack-",
            Of::Room => "room-",
        };
        match self {
            Self::Percentile(part, percent) => write!(f, "{}p{percent}", of(part)),
            Self::Max(part) => write!(f, "{}max", of(part)),
            Self::Reach => f.write_str("reach"),
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.metric {
            Metric::Reach => write!(f, "reach>{}%", self.limit * 100.0),
            metric if self.limit >= 1_000_000.0 => write!(f, "{metric}<{}s", self.limit / 1e6),
            metric if self.limit >= 1_000.0 => write!(f, "{metric}<{}ms", self.limit / 1e3),
            metric => write!(f, "{metric}<{}us", self.limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_understood() {
        for (text, metric, limit) in [
            (
                "p99<200ms",
                Metric::Percentile(Of::Delivery, 99.0),
                200_000.0,
            ),
            (
                "p99.9 < 1.5s",
                Metric::Percentile(Of::Delivery, 99.9),
                1_500_000.0,
            ),
            ("room-p50<800us", Metric::Percentile(Of::Room, 50.0), 800.0),
            ("ack-max<50ms", Metric::Max(Of::Ack), 50_000.0),
            ("reach>99.5%", Metric::Reach, 0.995),
        ] {
            let objective: Objective = text.parse().unwrap();
            assert_eq!(objective, Objective { metric, limit }, "{text}");
            let again: Objective = objective.to_string().parse().unwrap();
            assert_eq!(again, objective, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in [
            "",
            "p99",
            "p99<",
            "p99<200",
            "p99>200ms",
            "p101<1s",
            "reach<99%",
            "reach>1s",
            "p99<-1ms",
            "q99<1s",
            "p99<1h",
            "p99<0ms",
        ] {
            assert!(text.parse::<Objective>().is_err(), "{text}");
        }
    }

    #[test]
    fn who_loses_something_meets_no_latency() {
        let mut turn = Turn::default();
        turn.latency.record(1_000);
        turn.reach.owed = 2;
        turn.reach.received = 2;
        let objective: Objective = "p99<2ms".parse().unwrap();
        assert!(objective.is_met_by(&turn));
        turn.reach.received = 1;
        assert!(!objective.is_met_by(&turn));
        turn.reach.received = 2;
        turn.latency.record(3_000);
        assert!(!objective.is_met_by(&turn));
    }
}
