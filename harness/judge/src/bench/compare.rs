//! Whether one target is faster than another, or than it was, or whether nobody can tell.
//!
//! A noisy machine makes every figure a little different each time. What is compared is therefore a
//! ratio with an interval around it, from a bootstrap: the turns of each side are drawn again with
//! replacement, and the seconds within each turn, a thousand times, and the ratio is taken of each
//! draw. Turns and not only seconds, because the seconds of one turn are more alike than two turns are.

use std::fmt;
use std::str::FromStr;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use super::measured::{TargetTurns, Turn};
use super::objective::{Metric, Of, comparison};

/// How many draws an interval is made of.
const DRAWS: usize = 1_000;

/// How much of the draws lies within the interval.
pub const CONFIDENCE: f64 = 0.95;

/// One side divided by the other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// The ratio of what was measured.
    pub value: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// `metric` of `other` divided by that of `base`. None where one of them has no such figure.
///
/// The same seed gives the same interval.
pub fn ratio(metric: Metric, base: &TargetTurns, other: &TargetTurns, seed: u64) -> Option<Ratio> {
    let (below, above) = (metric.of_all(base), metric.of_all(other));
    if base.turns.is_empty() || other.turns.is_empty() || below <= 0.0 || above <= 0.0 {
        return None;
    }
    let mut random = SmallRng::seed_from_u64(seed);
    let sides = [Side::new(metric, base), Side::new(metric, other)];
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let [below, above] = sides.each_ref().map(|side| side.draw(&mut random));
            above / below
        })
        .filter(|ratio| ratio.is_finite())
        .collect();
    draws.sort_by(f64::total_cmp);
    let value = above / below;
    let at = |share: f64| quantile(&draws, share).unwrap_or(value);
    Some(Ratio {
        value,
        low: at((1.0 - CONFIDENCE) / 2.0),
        high: at(f64::midpoint(1.0, CONFIDENCE)),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an index into a thousand draws"
)]
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let index = ((sorted.len() as f64 - 1.0) * share).round() as usize;
    sorted.get(index).copied()
}

/// What is drawn from.
enum Side {
    /// Latencies: each with the block that it is from and how often it was met there, the shortest
    /// first; and the blocks of each turn.
    Latencies {
        /// The share of them that the figure does not exceed.
        share: f64,
        counts: Vec<(u64, usize, u64)>,
        turns: Vec<std::ops::Range<usize>>,
    },
    /// What was owed and what arrived in each turn.
    Reach(Vec<(u64, u64)>),
}

impl Side {
    fn new(metric: Metric, turns: &TargetTurns) -> Self {
        let (of, share) = match metric {
            Metric::Percentile(of, percent) => (of, percent / 100.0),
            Metric::Max(of) => (of, 1.0),
            Metric::Reach => {
                let reach = turns.turns.iter().map(|turn| turn.reach);
                return Self::Reach(reach.map(|reach| (reach.owed, reach.received)).collect());
            }
        };
        let mut counts = Vec::new();
        let mut blocks = 0;
        let ranges = turns.turns.iter().map(|turn| {
            let first = blocks;
            for block in blocks_of(of, turn) {
                let met = block.counts().map(|(value, times)| (value, blocks, times));
                counts.extend(met);
                blocks += 1;
            }
            first..blocks
        });
        let turns = ranges.filter(|range| !range.is_empty()).collect();
        counts.sort_unstable();
        Self::Latencies {
            share,
            counts,
            turns,
        }
    }

    /// The figure of one draw.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "counts below 2^52, and a share of one of them"
    )]
    fn draw(&self, random: &mut SmallRng) -> f64 {
        match self {
            Self::Reach(turns) => {
                let drawn = (0..turns.len()).map(|_| turns[random.random_range(..turns.len())]);
                let (owed, received) = drawn.fold((0, 0), |(owed, received), turn| {
                    (owed + turn.0, received + turn.1)
                });
                received as f64 / owed as f64
            }
            Self::Latencies {
                share,
                counts,
                turns,
            } => {
                let blocks = turns.last().map_or(0, |turn| turn.end);
                let mut weights = vec![0_u64; blocks];
                for _ in 0..turns.len() {
                    let turn = turns[random.random_range(..turns.len())].clone();
                    for _ in turn.clone() {
                        weights[random.random_range(turn.clone())] += 1;
                    }
                }
                let weighted = |&(_, block, times): &(u64, usize, u64)| times * weights[block];
                let all: u64 = counts.iter().map(weighted).sum();
                let wanted = ((all as f64 * share).ceil() as u64).max(1);
                let mut seen = 0;
                let reached = counts.iter().find(|count| {
                    seen += weighted(count);
                    seen >= wanted
                });
                reached.map_or(f64::NAN, |&(value, ..)| value as f64)
            }
        }
    }
}

/// What is drawn as a whole within a turn: its seconds, where they are told apart.
fn blocks_of(of: Of, turn: &Turn) -> Vec<&super::Histogram> {
    match of {
        Of::Delivery if !turn.seconds.is_empty() => {
            let seconds = turn.seconds.iter();
            seconds.map(|second| &second.latency).collect()
        }
        Of::Delivery | Of::Ack | Of::Room => vec![of.part(turn)],
    }
}

/// How much worse than before is too bad: `p99 > 1.2x`, or `reach < 0.99x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// What is compared.
    pub metric: Metric,
    /// The ratio of now to before from which on it fails.
    pub factor: f64,
}

/// A gate that nobody can understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no limit of a change: write what may not grow, or shrink, to what, as in `p99 > 1.2x`, `room-p50 > 2x` or `reach < 0.99x`"
)]
pub struct GateError(String);

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The whole interval is on the good side.
    Fine,
    /// The whole interval is on the bad side.
    TooBad,
    /// The limit is within the interval: the noise is larger than the change.
    CannotTell,
}

impl Gate {
    /// Whether a change of this ratio passes.
    pub fn judge(&self, ratio: Ratio) -> Change {
        let (good, bad) = if self.metric.is_better_low() {
            (ratio.high <= self.factor, ratio.low > self.factor)
        } else {
            (ratio.low >= self.factor, ratio.high < self.factor)
        };
        match (good, bad) {
            (true, _) => Change::Fine,
            (_, true) => Change::TooBad,
            _ => Change::CannotTell,
        }
    }
}

/// On which side of a limit this metric is worse.
const fn worse(metric: Metric) -> char {
    if metric.is_better_low() { '>' } else { '<' }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no = || GateError(text.to_owned());
        let (metric, sign, factor) = comparison(text).ok_or_else(no)?;
        let factor = factor.strip_suffix('x').and_then(|text| text.parse().ok());
        let factor: f64 = factor.ok_or_else(no)?;
        if sign != worse(metric) || !factor.is_finite() || factor <= 0.0 {
            return Err(no());
        }
        Ok(Self { metric, factor })
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let worse = worse(self.metric);
        write!(f, "{} {worse} {}x", self.metric, self.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Histogram;
    use super::super::measured::{Reach, Second};
    use super::*;

    const P99: Metric = Metric::Percentile(Of::Delivery, 99.0);

    /// Turns of seconds, each of a hundred latencies around its own figure.
    fn target(turns: &[&[u64]]) -> TargetTurns {
        let second = |&around: &u64| {
            let mut latency = Histogram::new();
            for step in 0..100 {
                latency.record(around + around * step / 1_000);
            }
            Second {
                latency,
                ..Second::default()
            }
        };
        let turns = turns.iter().map(|seconds| {
            let seconds: Vec<_> = seconds.iter().map(second).collect();
            Turn {
                latency: seconds.iter().map(|second| &second.latency).collect(),
                seconds,
                reach: Reach {
                    owed: 100,
                    received: 99,
                    ..Reach::default()
                },
                ..Turn::default()
            }
        });
        TargetTurns {
            name: "some".to_owned(),
            turns: turns.collect(),
            limits: Vec::new(),
            failed: None,
        }
    }

    fn judged(gate: &str, base: &TargetTurns, other: &TargetTurns) -> Change {
        let gate: Gate = gate.parse().unwrap();
        gate.judge(ratio(gate.metric, base, other, 7).unwrap())
    }

    #[test]
    fn a_change_larger_than_the_noise_is_seen() {
        let calm = target(&[
            &[1_000, 1_010, 990],
            &[1_005, 995, 1_000],
            &[990, 1_000, 1_010],
        ]);
        let slow = target(&[
            &[1_500, 1_510, 1_490],
            &[1_505, 1_495, 1_500],
            &[1_490, 1_500, 1_510],
        ]);
        let seen = ratio(P99, &calm, &slow, 7).unwrap();
        assert!(seen.low > 1.4 && seen.high < 1.6, "{seen:?}");
        assert!(
            seen.low <= seen.value && seen.value <= seen.high,
            "{seen:?}"
        );
        assert_eq!(judged("p99 > 1.2x", &calm, &slow), Change::TooBad);
        assert_eq!(judged("p99 > 1.2x", &calm, &calm), Change::Fine);
        assert_eq!(judged("p99 > 1.2x", &slow, &calm), Change::Fine);
    }

    #[test]
    fn a_change_smaller_than_the_noise_is_not() {
        let wild = target(&[
            &[1_000, 3_000, 500],
            &[2_000, 600, 900],
            &[700, 4_000, 1_000],
        ]);
        let slower = target(&[
            &[1_300, 3_900, 650],
            &[2_600, 780, 1_170],
            &[910, 5_200, 1_300],
        ]);
        assert_eq!(judged("p50 > 1.2x", &wild, &slower), Change::CannotTell);
    }

    #[test]
    fn reach_is_better_high() {
        let some = target(&[&[1_000], &[1_000]]);
        let mut less = some.clone();
        for turn in &mut less.turns {
            turn.reach.received = 50;
        }
        assert_eq!(judged("reach < 0.99x", &some, &less), Change::TooBad);
        assert_eq!(judged("reach < 0.99x", &some, &some), Change::Fine);
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_and_nothing_gives_none() {
        let wild = target(&[&[1_000, 3_000, 500], &[2_000, 600, 900]]);
        assert_eq!(ratio(P99, &wild, &wild, 3), ratio(P99, &wild, &wild, 3));
        assert_eq!(ratio(P99, &target(&[]), &wild, 3), None);
        let ack = Metric::Percentile(Of::Ack, 99.0);
        assert_eq!(ratio(ack, &wild, &wild, 3), None);
    }

    #[test]
    fn what_is_written_is_understood_and_what_makes_no_sense_is_not() {
        for text in [
            "p99 > 1.2x",
            "room-p50 > 2x",
            "ack-max > 1.5x",
            "reach < 0.99x",
        ] {
            assert_eq!(text.parse::<Gate>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "p99",
            "p99 > 1.2",
            "p99 < 1.2x",
            "reach > 1x",
            "p99 > -1x",
            "p99 > x",
        ] {
            assert!(text.parse::<Gate>().is_err(), "{text}");
        }
    }
}
