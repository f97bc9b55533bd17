//! Puts together what the parts of a plan have measured, each in a process of its own.
//!
//! Parts are `1/3`, `2/3` and `3/3` of one plan: each has some of the rooms, all join and write at the
//! same instants, and together they are the load that was asked for. The whole is as good as if one
//! process had measured it, if that is really what happened. Therefore nothing is put together unless
//! every part is there once, all measured the same, and **their turns overlapped in time**: parts that
//! came one after another would each have met a server with a part of the load. The clocks of the
//! machines are believed in this, so keep them in step (NTP); a latency has never two clocks.
//!
//! # Layout
//! - this file: what does not fit, and why.
//! - `add`: how turns are added.

mod add;

use std::collections::BTreeMap;

use super::measured::{Bench, FORMAT, Merged, Shard, TargetTurns, Turn};

use add::Servers;

/// The share of the shortest of its parts that a turn must have in all of them at once.
///
/// What is outside is measured under a part of the load, so that it is too fast by a little; processes
/// that begin at the same instant are apart by far less than this.
pub const OVERLAP: f64 = 0.9;

/// Parts that are not one bench.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MergeError {
    /// There are no parts.
    #[error(
        "there is nothing to put together: name the files that the parts have written, all of them"
    )]
    Nothing,
    /// The format is not ours.
    #[error(
        "the file at place {place} has format {found}, and this chatspec reads {FORMAT}: put the parts together with the version that measured them, or measure again"
    )]
    Format {
        /// At which place it was named, from 1.
        place: usize,
        /// Its format.
        found: u32,
    },
    /// A file is not a part.
    #[error(
        "the file at place {place} is a whole bench, and no part of one: name only files that were written with `--shard`"
    )]
    Whole {
        /// At which place it was named, from 1.
        place: usize,
    },
    /// A part that cannot be.
    #[error(
        "the file at place {place} says it is part {part} of {of}, which cannot be: measure it again"
    )]
    NoSuchPart {
        /// At which place it was named, from 1.
        place: usize,
        /// Which part it is said to be.
        part: u32,
        /// Of how many.
        of: u32,
    },
    /// The parts are of different wholes.
    #[error(
        "part {}/{} and part {}/{} are not of the same whole: name the files of one bench",
        .one.part, .one.of, .other.part, .other.of
    )]
    Wholes {
        /// The first part that was named.
        one: Shard,
        /// Another.
        other: Shard,
    },
    /// A part is there more than once.
    #[error("part {part} is there {times} times, and would count as often: name each file once")]
    Twice {
        /// Which.
        part: u32,
        /// How often.
        times: usize,
    },
    /// Parts are missing.
    #[error(
        "of {of} parts, {} missing: {}. Name the files of all; if a part has failed, measure all of them again",
        if parts.len() == 1 { "one is".to_owned() } else { format!("{} are", parts.len()) },
        listed(parts)
    )]
    Missing {
        /// Which.
        parts: Vec<u32>,
        /// Of how many.
        of: u32,
    },
    /// Two parts did not do the same.
    #[error(
        "part {part} was measured with {found}, and part 1 with {wanted}: measure all parts again, with the same chatspec and the same options but for `--shard`"
    )]
    Differs {
        /// The part that differs from the first.
        part: u32,
        /// In what.
        found: String,
        /// What the first part has instead.
        wanted: String,
    },
    /// A target has not been measured as often in all parts.
    #[error(
        "`{target}` was measured {} in part {part} and {} in part 1{}: measure all parts again",
        times(*found), times(*wanted),
        .why.as_ref().map_or_else(String::new, |why| format!(" ({why})"))
    )]
    Turns {
        /// Which target.
        target: String,
        /// The part in which it differs.
        part: u32,
        /// How many turns it has there.
        found: usize,
        /// How many it has in the first part.
        wanted: usize,
        /// What went wrong, where that is known.
        why: Option<String>,
    },
    /// A part has searched a limit.
    #[error(
        "part {part} has searched the limit of `{target}`: the parts cannot know of each other what held, and each raises its load on its own. Measure them without `--find-limit`, once for each load"
    )]
    Limits {
        /// Which part.
        part: u32,
        /// Which target.
        target: String,
    },
    /// A turn was not measured by all parts at once.
    #[error(
        "turn {turn} of `{target}` was not measured by all parts at once: together they measured {shared:.1} s of the {shortest:.1} s of the shortest, and it must be {:.0} %. Part {late} began {apart:.1} s after part {early}: give all of them the same `--start-at`, late enough for the slowest to be there, and set the clocks of the machines",
        OVERLAP * 100.0
    )]
    Apart {
        /// Which target.
        target: String,
        /// Which turn, from 1.
        turn: usize,
        /// How long all parts measured together, in seconds.
        shared: f64,
        /// How long the shortest measured, in seconds.
        shortest: f64,
        /// The first part to begin.
        early: u32,
        /// The last.
        late: u32,
        /// How long after the first it did, in seconds.
        apart: f64,
    },
}

/// The parts as one bench. They may come in any order.
///
/// - The machine is that of the first part. The whole began when the first part did, and took as long
///   as the longest.
/// - A null server was there for each part, and they are added as if they were one; so are those that
///   burned. All parts have them, or none.
/// - A target that failed in one part has failed.
pub fn merge(parts: Vec<Bench>) -> Result<Bench, MergeError> {
    let parts = sorted(parts)?;
    let ((_, first), others) = parts.split_first().ok_or(MergeError::Nothing)?;
    for (part, bench) in &parts {
        no_limits(*part, bench)?;
    }
    for (part, bench) in others {
        same(first, *part, bench)?;
    }
    let mut overlap = 1.0_f64;
    for index in 0..first.targets.len() {
        let parts: Vec<_> = parts
            .iter()
            .map(|(part, bench)| (*part, &bench.targets[index]))
            .collect();
        overlap = overlap.min(overlapping(&parts)?);
    }

    let mut whole = first.clone();
    whole.shard = None;
    whole.merged = Some(Merged {
        parts: first.shard.map_or(1, |shard| shard.of),
        overlap,
    });
    for (_, bench) in others {
        whole.began = whole.began.min(bench.began);
        whole.took = whole.took.max(bench.took);
    }
    let of = |target: fn(&Bench) -> Option<&TargetTurns>| {
        let numbered = parts.iter();
        let turns = numbered.filter_map(|(part, bench)| Some((*part, target(bench)?)));
        turns.collect::<Vec<_>>()
    };
    whole.null = add::target(&of(|bench| bench.null.as_ref()), Servers::OneEach);
    whole.contention = add::target(&of(|bench| bench.contention.as_ref()), Servers::OneEach);
    whole.targets = (0..first.targets.len())
        .filter_map(|index| {
            let numbered = parts.iter();
            let turns = numbered.map(|(part, bench)| (*part, &bench.targets[index]));
            add::target(&turns.collect::<Vec<_>>(), Servers::Shared)
        })
        .collect();
    Ok(whole)
}

/// The parts by their number, all of them.
fn sorted(parts: Vec<Bench>) -> Result<Vec<(u32, Bench)>, MergeError> {
    let mut numbered = Vec::new();
    for (place, bench) in (1..).zip(parts) {
        if bench.format != FORMAT {
            let found = bench.format;
            return Err(MergeError::Format { place, found });
        }
        let shard = bench.shard.ok_or(MergeError::Whole { place })?;
        let Shard { part, of } = shard;
        if !(1..=of).contains(&part) {
            return Err(MergeError::NoSuchPart { place, part, of });
        }
        numbered.push((shard, bench));
    }
    let Some(&(one, _)) = numbered.first() else {
        return Err(MergeError::Nothing);
    };
    let shards = || numbered.iter().map(|(shard, _)| *shard);
    if let Some(other) = shards().find(|other| other.of != one.of) {
        return Err(MergeError::Wholes { one, other });
    }
    let mut times = BTreeMap::<u32, usize>::new();
    for shard in shards() {
        *times.entry(shard.part).or_default() += 1;
    }
    if let Some((&part, &times)) = times.iter().find(|(_, times)| **times > 1) {
        return Err(MergeError::Twice { part, times });
    }
    let missing = (1..=one.of).filter(|part| !times.contains_key(part));
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        let (parts, of) = (missing, one.of);
        return Err(MergeError::Missing { parts, of });
    }
    numbered.sort_by_key(|(shard, _)| shard.part);
    let numbered = numbered.into_iter();
    Ok(numbered.map(|(shard, bench)| (shard.part, bench)).collect())
}

/// Refuses a part that has searched a limit.
fn no_limits(part: u32, bench: &Bench) -> Result<(), MergeError> {
    let searched = |target: &&TargetTurns| !target.limits.is_empty();
    match bench.targets.iter().find(searched) {
        Some(target) => Err(MergeError::Limits {
            part,
            target: target.name.clone(),
        }),
        None => Ok(()),
    }
}

/// Refuses a part that did something else than the first.
fn same(one: &Bench, part: u32, other: &Bench) -> Result<(), MergeError> {
    let described = described(one).into_iter().zip(described(other));
    for (wanted, found) in described {
        if wanted != found {
            return Err(MergeError::Differs {
                part,
                found,
                wanted,
            });
        }
    }
    for (one, other) in measured(one).zip(measured(other)) {
        if one.turns.len() != other.turns.len() {
            let why = |part: u32, turns: &TargetTurns| {
                let failed = turns.failed.as_ref();
                failed.map(|failed| format!("part {part}: {failed}"))
            };
            return Err(MergeError::Turns {
                target: one.name.clone(),
                part,
                found: other.turns.len(),
                wanted: one.turns.len(),
                why: why(1, one).or_else(|| why(part, other)),
            });
        }
    }
    Ok(())
}

/// All that was measured, the null servers too.
fn measured(bench: &Bench) -> impl Iterator<Item = &TargetTurns> {
    let null = bench.null.iter().chain(&bench.contention);
    bench.targets.iter().chain(null)
}

/// What must be the same in all parts, in words.
fn described(bench: &Bench) -> Vec<String> {
    let profile = bench.profile.as_ref();
    let targets = bench
        .targets
        .iter()
        .map(|target| format!("`{}`", target.name));
    let targets: Vec<_> = targets.collect();
    let mut all = vec![
        format!("chatspec {}", bench.chatspec),
        profile.map_or("no profile".to_owned(), |name| {
            format!("the profile `{name}`")
        }),
        format!("the targets {}", targets.join(", ")),
        match bench.null {
            Some(_) => "the null server".to_owned(),
            None => "no null server".to_owned(),
        },
        match bench.contention {
            Some(_) => "a null server that burns".to_owned(),
            None => "no null server that burns".to_owned(),
        },
    ];
    // As a profile has it: a key in each line.
    let plan = toml::to_string(&bench.plan).unwrap_or_else(|_| format!("{:?}", bench.plan));
    all.extend(plan.lines().map(|line| format!("`{line}`")));
    all
}

/// The smallest share of a turn of this target in which all parts measured it.
fn overlapping(parts: &[(u32, &TargetTurns)]) -> Result<f64, MergeError> {
    let mut overlap = 1.0_f64;
    let turns = parts.iter().map(|(_, target)| target.turns.len()).min();
    for index in 0..turns.unwrap_or(0) {
        let turns = || {
            let parts = parts.iter();
            parts.map(|(part, target)| (*part, &target.turns[index]))
        };
        let by_begin =
            |one: &(u32, &Turn), other: &(u32, &Turn)| one.1.began.total_cmp(&other.1.began);
        let (Some(early), Some(late)) = (turns().min_by(by_begin), turns().max_by(by_begin)) else {
            continue;
        };
        let end = turns().map(|(_, turn)| turn.began + turn.measured);
        let end = end.fold(f64::INFINITY, f64::min);
        let shared = (end - late.1.began).max(0.0);
        let shortest = turns().map(|(_, turn)| turn.measured);
        let shortest = shortest.fold(f64::INFINITY, f64::min);
        let share = if shortest > 0.0 {
            shared / shortest
        } else {
            0.0
        };
        if share < OVERLAP {
            return Err(MergeError::Apart {
                target: parts
                    .first()
                    .map(|(_, target)| target.name.clone())
                    .unwrap_or_default(),
                turn: index + 1,
                shared,
                shortest,
                early: early.0,
                late: late.0,
                apart: late.1.began - early.1.began,
            });
        }
        overlap = overlap.min(share);
    }
    Ok(overlap)
}

fn times(turns: usize) -> String {
    match turns {
        1 => "once".to_owned(),
        turns => format!("{turns} times"),
    }
}

fn listed(parts: &[u32]) -> String {
    let parts: Vec<_> = parts.iter().map(ToString::to_string).collect();
    parts.join(", ")
}
