//! A run in parts on several machines, and the proof that the parts are the whole.
//!
//! Each part knows all cases of the whole. Whoever puts the parts together can therefore say which
//! case is missing, whatever has become of the part that should have run it.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use crate::ids::{CaseId, ScenarioId};
use crate::verdict::{CaseReport, RunReport, ScenarioNote, TargetReport};

/// Which part of a run a report is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Shard {
    /// Which part, from 1.
    pub part: u32,
    /// Of how many.
    pub of: u32,
    /// All cases of the whole, in the order of their ids.
    pub whole: Vec<CaseId>,
    /// Sixteen hex digits that go with the scenarios of the whole alone.
    pub suite: String,
    /// How often a broken case was run again.
    pub retries: u32,
}

impl Shard {
    /// The part `part` of `of` of these cases.
    pub fn new(
        (part, of): (u32, u32),
        cases: &[CaseId],
        scenarios: &BTreeMap<ScenarioId, ScenarioNote>,
        retries: u32,
    ) -> Self {
        let whole: BTreeSet<&CaseId> = cases.iter().collect();
        let mut hasher = SipHasher13::new();
        for (id, note) in scenarios {
            for text in [id.as_str(), &note.text] {
                hasher.write_usize(text.len());
                hasher.write(text.as_bytes());
            }
        }
        Self {
            part,
            of,
            whole: whole.into_iter().cloned().collect(),
            suite: format!("{:016x}", hasher.finish()),
            retries,
        }
    }

    /// The cases of this part: dealt out in turn, in the order of their ids, so that every part has
    /// some of each chapter. The same wherever it is asked for.
    pub fn cases(&self) -> Vec<CaseId> {
        let of = usize::try_from(self.of).unwrap_or(usize::MAX).max(1);
        let part = usize::try_from(self.part).unwrap_or(usize::MAX);
        let mine = self.whole.iter().skip(part.saturating_sub(1)).step_by(of);
        mine.cloned().collect()
    }
}

/// Reports that are not the parts of one run.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// There are none.
    #[error("there is nothing to put together")]
    Nothing,
    /// One of them is a whole run.
    #[error("report {0} is of a whole run, and no part that `chatspec run --shard` wrote")]
    Whole(usize),
    /// Parts of different runs.
    #[error("parts {one} and {other} are not of one run: their {what} differ")]
    Differ {
        /// What.
        what: &'static str,
        /// A part.
        one: u32,
        /// Another.
        other: u32,
    },
    /// A part is there more than once.
    #[error("part {part} of {of} is there twice")]
    TwiceThere {
        /// Which.
        part: u32,
        /// Of how many.
        of: u32,
    },
    /// Parts are not there.
    #[error("of {of} parts these are missing: {}", numbers(.parts))]
    MissingParts {
        /// Which.
        parts: Vec<u32>,
        /// Of how many.
        of: u32,
    },
    /// A case was run in no part.
    #[error("on {target} {} lost: {}", count(.cases.len(), "is", "are"), ids(.cases))]
    Lost {
        /// On which target.
        target: String,
        /// The cases.
        cases: Vec<CaseId>,
    },
    /// A case was run in a part that is not its own, or twice.
    #[error(
        "on {target} {} run twice, or in a part whose they are not: {}",
        count(.cases.len(), "was", "were"),
        ids(.cases)
    )]
    Misplaced {
        /// On which target.
        target: String,
        /// The cases.
        cases: Vec<CaseId>,
    },
}

fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 case {one}"),
        number => format!("{number} cases {many}"),
    }
}

fn ids(cases: &[CaseId]) -> String {
    const NAMED: usize = 12;
    let mut words: Vec<String> = cases.iter().take(NAMED).map(ToString::to_string).collect();
    if let Some(more @ 1..) = cases.len().checked_sub(NAMED) {
        words.push(format!("and {more} more"));
    }
    words.join(", ")
}

fn numbers(parts: &[u32]) -> String {
    let words: Vec<String> = parts.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// Puts the parts of a run together. Every case of the whole is in it once, on every target that
/// could be judged.
pub fn merge(parts: Vec<RunReport>) -> Result<RunReport, MergeError> {
    let mut by_part: BTreeMap<u32, (Shard, RunReport)> = BTreeMap::new();
    for (index, mut report) in parts.into_iter().enumerate() {
        let shard = report.shard.take().ok_or(MergeError::Whole(index + 1))?;
        let (part, of) = (shard.part, shard.of);
        if let Some((_, (known, other))) = by_part.first_key_value()
            && let Some(what) = difference((known, other), (&shard, &report))
        {
            let one = known.part;
            return Err(MergeError::Differ {
                what,
                one,
                other: part,
            });
        }
        if by_part.insert(part, (shard, report)).is_some() {
            return Err(MergeError::TwiceThere { part, of });
        }
    }
    let Some((_, (first, whole))) = by_part.first_key_value() else {
        return Err(MergeError::Nothing);
    };
    let (of, whole) = (first.of, whole.clone());
    let missing: Vec<u32> = (1..=of)
        .filter(|part| !by_part.contains_key(part))
        .collect();
    if !missing.is_empty() {
        return Err(MergeError::MissingParts { parts: missing, of });
    }
    let mut targets = Vec::new();
    for index in 0..whole.targets.len() {
        let parts = by_part.values();
        let parts = parts.filter_map(|(shard, report)| Some((shard, report.targets.get(index)?)));
        targets.push(target(parts)?);
    }
    let mut scenarios = BTreeMap::new();
    for (_, report) in by_part.values() {
        scenarios.extend(report.scenarios.clone());
    }
    let durations = by_part.values().map(|(_, report)| report.duration_ms);
    Ok(RunReport {
        duration_ms: durations.max().unwrap_or_default(),
        scenarios,
        targets,
        ..whole
    })
}

/// What tells two parts of one run from parts of two.
fn difference(
    (one, of_one): (&Shard, &RunReport),
    (other, of_other): (&Shard, &RunReport),
) -> Option<&'static str> {
    let names = |report: &RunReport| -> Vec<String> {
        let targets = report.targets.iter();
        targets.map(|target| target.name.clone()).collect()
    };
    [
        ("numbers of parts", one.of != other.of),
        ("versions of chatspec", of_one.version != of_other.version),
        ("formats", of_one.format != of_other.format),
        ("seeds", of_one.seed != of_other.seed),
        ("targets", names(of_one) != names(of_other)),
        ("retries", one.retries != other.retries),
        ("scenarios", one.suite != other.suite),
        ("cases", one.whole != other.whole),
    ]
    .into_iter()
    .find_map(|(what, differ)| differ.then_some(what))
}

/// What the parts found on one target.
fn target<'a>(
    parts: impl Iterator<Item = (&'a Shard, &'a TargetReport)>,
) -> Result<TargetReport, MergeError> {
    let mut whole = TargetReport {
        name: String::new(),
        calibration: None,
        unavailable: None,
        cases: Vec::new(),
        ledger_problems: Vec::new(),
    };
    let mut cases: BTreeMap<CaseId, CaseReport> = BTreeMap::new();
    let (mut lost, mut misplaced, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for (shard, part) in parts {
        whole.name.clone_from(&part.name);
        whole.calibration = whole.calibration.or_else(|| part.calibration.clone());
        for problem in &part.ledger_problems {
            if !whole.ledger_problems.contains(problem) {
                whole.ledger_problems.push(problem.clone());
            }
        }
        let mut mine: BTreeSet<CaseId> = shard.cases().into_iter().collect();
        for case in &part.cases {
            if !mine.remove(&case.case) {
                misplaced.push(case.case.clone());
            }
            cases.insert(case.case.clone(), case.clone());
        }
        match &part.unavailable {
            // Its cases are not lost: the whole says that they could not be judged.
            Some(reason) => gone.push(format!("part {} of {}: {reason}", shard.part, shard.of)),
            None => lost.extend(mine),
        }
    }
    let target = whole.name.clone();
    if !misplaced.is_empty() {
        misplaced.sort();
        let cases = misplaced;
        return Err(MergeError::Misplaced { target, cases });
    }
    if !lost.is_empty() {
        lost.sort();
        let cases = lost;
        return Err(MergeError::Lost { target, cases });
    }
    whole.unavailable = (!gone.is_empty()).then(|| gone.join("\n"));
    whole.cases = cases.into_values().collect();
    Ok(whole)
}
