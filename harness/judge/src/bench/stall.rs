//! Whether a server stood still for a while, and for how long.

use super::measured::TargetTurns;

/// How many times as long as usual it must take.
///
/// A second whose load is uneven is five times as slow as another on a busy machine; one in which
/// nobody was served for a tenth of it, a hundred times.
const FACTOR: u64 = 20;

/// How much longer than usual it must take, in microseconds: shorter pauses, such as those of a
/// collector of garbage, are what the percentiles are there for.
const LEAST: u64 = 50_000;

/// Seconds in which a server stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// How many seconds there were of which a tenth or more of the deliveries were that late.
    pub seconds: usize,
    /// Of how many.
    pub of: usize,
    /// The longest latency in them, in microseconds.
    pub longest: u64,
    /// What is usual: the median latency of the median second, in microseconds.
    pub usual: u64,
}

/// Whether `target` stood still in some seconds of its turns.
///
/// Seen by when messages were due, so that those count that came due while nobody was served.
pub fn stall(target: &TargetTurns) -> Option<Stall> {
    let seconds = target.turns.iter().flat_map(|turn| &turn.seconds);
    let seconds = seconds
        .map(|second| &second.latency)
        .filter(|latency| !latency.is_empty());
    let seconds: Vec<_> = seconds.collect();
    let mut medians: Vec<u64> = seconds
        .iter()
        .map(|latency| latency.quantile(0.5))
        .collect();
    medians.sort_unstable();
    let usual = *medians.get(medians.len() / 2)?;
    let late = |late: u64| late > usual * FACTOR && late > usual + LEAST;
    let stalled = seconds.iter().filter(|latency| late(latency.quantile(0.9)));
    let (count, longest) = stalled.fold((0, 0), |(count, longest), latency| {
        (count + 1, latency.max().max(longest))
    });
    (count > 0).then_some(Stall {
        seconds: count,
        of: seconds.len(),
        longest,
        usual,
    })
}

#[cfg(test)]
mod tests {
    use super::super::measured::{Second, Turn};
    use super::*;

    /// Seconds, each of ten latencies in milliseconds.
    fn target(seconds: &[[u64; 10]]) -> TargetTurns {
        let second = |latencies: &[u64; 10]| {
            let mut second = Second::default();
            for ms in latencies {
                second.latency.record(ms * 1_000);
            }
            second
        };
        let turn = Turn {
            seconds: seconds.iter().map(second).collect(),
            ..Turn::default()
        };
        TargetTurns {
            turns: vec![turn],
            ..TargetTurns::new("some")
        }
    }

    const USUAL: [u64; 10] = [1, 1, 1, 1, 1, 1, 1, 1, 2, 9];

    #[test]
    fn a_second_in_which_nobody_was_served_is_seen() {
        let stalled = [1, 1, 1, 1, 1, 1, 300, 200, 100, 400];
        let found = stall(&target(&[USUAL, USUAL, stalled, USUAL])).unwrap();
        assert_eq!((found.seconds, found.of), (1, 4));
        assert!((399_000..402_000).contains(&found.longest), "{found:?}");
        assert!((990..1_010).contains(&found.usual), "{found:?}");
    }

    #[test]
    fn a_slow_server_does_not_stand_still() {
        assert_eq!(stall(&target(&[USUAL, USUAL])), None);
        let slow = [400; 10];
        assert_eq!(stall(&target(&[slow, [900; 10], slow])), None);
        // One late delivery in ten is what the percentiles show.
        let one = [1, 1, 1, 1, 1, 1, 1, 1, 1, 500];
        assert_eq!(stall(&target(&[USUAL, one])), None);
        assert_eq!(stall(&TargetTurns::new("none")), None);
    }
}
