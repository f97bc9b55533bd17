//! Which load comes next: loads and verdicts, and nothing of where they come from.

use std::ops::RangeInclusive;

use super::super::measured::{Ended, Raised, StepVerdict};

/// How far apart the highest load that held and the lowest that did not may be: a tenth.
///
/// Members and rate alike. From one factor of two, three loads in the middle come to it. A twentieth
/// would take a fourth and say more than is known: close to its knee, the 99th percentile of a server
/// differs from turn to turn by more than the load does.
pub const WIDTH: f64 = 1.1;

/// The most steps of one search. Without noise it needs far fewer, even from a load that is wrong by
/// thousands; a search that comes this far has met a target that answers now this and now that.
pub const MOST_STEPS: usize = 60;

/// The loads that were tried, and what is to be tried because of them.
#[derive(Clone, Debug)]
pub(super) struct Course {
    raised: Raised,
    start: f64,
    range: RangeInclusive<f64>,
    tried: Vec<(f64, StepVerdict)>,
}

impl Course {
    /// A course that begins at `start` and stays in `range`.
    pub(super) const fn new(raised: Raised, start: f64, range: RangeInclusive<f64>) -> Self {
        Self {
            raised,
            start,
            range,
            tried: Vec::new(),
        }
    }

    /// Says what became of a load.
    pub(super) fn found(&mut self, load: f64, verdict: StepVerdict) {
        self.tried.push((load, verdict));
    }

    /// The load to try next, or why there is none.
    pub(super) fn next(&self) -> Result<f64, Ended> {
        let load = self.wanted()?;
        if self.tried.len() < MOST_STEPS {
            Ok(load)
        } else {
            Err(Ended::Unsteady)
        }
    }

    /// The load that should be tried next, however many were.
    fn wanted(&self) -> Result<f64, Ended> {
        let all = Tries::of(self.tried.iter().copied());
        if let Some(open) = all.iter().find(|tries| tries.is_open()) {
            return Ok(open.load);
        }
        // The wall is the lowest load that is known to be too much; what is above it does not matter.
        let wall = all.iter().position(|tries| tries.against().is_some());
        let (below, above) = all.split_at(wall.unwrap_or(all.len()));
        let wall = above.first();
        let wall = wall.and_then(|tries| Some((tries.load, tries.against()?)));
        let (least, ceiling) = (*self.range.start(), *self.range.end());
        match (below.last(), wall) {
            (None, None) => Ok(self.start),
            (None, Some((wall, against))) if wall <= least => Err(match against {
                Against::Broke => Ended::NothingHeld,
                Against::Doubtful => Ended::HarnessLimit,
            }),
            (None, Some((wall, _))) => Ok(self.whole(wall / 2.0).max(least)),
            (Some(held), None) if held.load >= ceiling => held.confirmed(Ended::Ceiling),
            (Some(held), None) => Ok((held.load * 2.0).min(ceiling)),
            (Some(held), Some((wall, against))) => match self.middle(held.load, wall) {
                Some(middle) => Ok(middle),
                None => held.confirmed(match against {
                    Against::Broke => Ended::Narrowed,
                    Against::Doubtful => Ended::HarnessLimit,
                }),
            },
        }
    }

    /// A load between the two, unless they are close enough.
    fn middle(&self, held: f64, wall: f64) -> Option<f64> {
        let middle = (held * wall).sqrt();
        let middle = match self.raised {
            Raised::Rate => three_digits(middle),
            Raised::Members => middle.round(),
        };
        (wall > held * WIDTH && held < middle && middle < wall).then_some(middle)
    }

    /// Members come one by one.
    fn whole(&self, load: f64) -> f64 {
        match self.raised {
            Raised::Rate => load,
            Raised::Members => load.floor(),
        }
    }
}

/// How often a load was tried, and what that said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tries {
    /// The load.
    pub(super) load: f64,
    held: u32,
    broke: u32,
    doubtful: u32,
}

/// What keeps a search below a load.
#[derive(Clone, Copy, Debug)]
enum Against {
    Broke,
    Doubtful,
}

impl Tries {
    /// The loads that were tried, the lowest first.
    pub(super) fn of(tried: impl IntoIterator<Item = (f64, StepVerdict)>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (load, verdict) in tried {
            let place = all.binary_search_by(|tries| tries.load.total_cmp(&load));
            let index = place.unwrap_or_else(|index| {
                all.insert(index, Self::none(load));
                index
            });
            match verdict {
                StepVerdict::Held => all[index].held += 1,
                StepVerdict::Broke => all[index].broke += 1,
                StepVerdict::Doubtful => all[index].doubtful += 1,
            }
        }
        all
    }

    const fn none(load: f64) -> Self {
        Self {
            load,
            held: 0,
            broke: 0,
            doubtful: 0,
        }
    }

    /// Whether it held, as far as is known.
    pub(super) fn has_held(&self) -> bool {
        self.held > self.broke.max(self.doubtful)
    }

    /// Whether it broke, as far as is known.
    pub(super) fn has_broken(&self) -> bool {
        self.broke > self.held.max(self.doubtful)
    }

    const fn against(&self) -> Option<Against> {
        if self.broke >= 2 {
            Some(Against::Broke)
        } else if self.doubtful >= 2 {
            Some(Against::Doubtful)
        } else {
            None
        }
    }

    /// Whether it is to be tried again at once: it has not held, and not failed to often enough.
    const fn is_open(&self) -> bool {
        self.held == 0 && self.against().is_none()
    }

    /// The end, or this load once more, if it held but once.
    const fn confirmed(&self, ended: Ended) -> Result<f64, Ended> {
        if self.held < 2 {
            Ok(self.load)
        } else {
            Err(ended)
        }
    }
}

/// A rate that people can read, and off by less than the search is wide. By way of its text, so that
/// it is the number that is printed.
fn three_digits(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests;
