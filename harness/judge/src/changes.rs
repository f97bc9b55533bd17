//! What has changed between two runs: verdicts by case, and cases that came or went.

use std::collections::BTreeMap;

use crate::ids::CaseId;
use crate::verdict::{CaseReport, RunReport, TargetReport, Verdict};

/// What differs between an earlier run and this one, target by target.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// Each target of this run that the earlier one had as well.
    pub targets: Vec<TargetChanges>,
    /// Targets of this run that the earlier one did not have.
    pub new_targets: Vec<String>,
    /// Targets that only the earlier one had.
    pub gone_targets: Vec<String>,
    /// The seed of the earlier run.
    pub seed: u64,
    /// The version of chatspec that it was made with.
    pub version: String,
}

/// What differs on one target, each in the order of the ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetChanges {
    /// Its name now.
    pub name: String,
    /// Broken now, and not before.
    pub broken: Vec<Change>,
    /// Passed now, and did not before.
    pub mended: Vec<Change>,
    /// Another verdict, neither of the two above.
    pub other: Vec<Change>,
    /// Cases that the earlier run did not have.
    pub added: Vec<Change>,
    /// Cases that only the earlier run had.
    pub removed: Vec<CaseId>,
    /// How many are broken as they were before.
    pub still_broken: usize,
}

/// A case whose verdict is another.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The case.
    pub case: CaseId,
    /// What it was; none where there was no such case.
    pub before: Option<Verdict>,
    /// What it is.
    pub now: Verdict,
}

impl Changes {
    /// What has changed from `before` to `now`. Targets are matched by name; where each run has one
    /// alone, these are matched whatever they are called.
    pub fn between(before: &RunReport, now: &RunReport) -> Self {
        let alone = before.targets.len() == 1 && now.targets.len() == 1;
        let earlier = |target: &TargetReport| {
            let mut earlier = before.targets.iter();
            earlier.find(|other| alone || other.name == target.name)
        };
        let mut changes = Self {
            targets: Vec::new(),
            new_targets: Vec::new(),
            gone_targets: Vec::new(),
            seed: before.seed,
            version: before.version.clone(),
        };
        for target in &now.targets {
            match earlier(target) {
                Some(before) => changes.targets.push(of_target(before, target)),
                None => changes.new_targets.push(target.name.clone()),
            }
        }
        let gone = before
            .targets
            .iter()
            .filter(|target| !alone && !now.targets.iter().any(|other| other.name == target.name));
        changes.gone_targets = gone.map(|target| target.name.clone()).collect();
        changes
    }
}

impl TargetChanges {
    /// Whether nothing differs.
    pub fn is_none(&self) -> bool {
        self.broken.is_empty()
            && self.mended.is_empty()
            && self.other.is_empty()
            && self.added.is_empty()
            && self.removed.is_empty()
    }
}

fn of_target(before: &TargetReport, now: &TargetReport) -> TargetChanges {
    let by_case = |target: &TargetReport| -> BTreeMap<CaseId, CaseReport> {
        let cases = target.cases.iter();
        cases
            .map(|case| (case.case.clone(), case.clone()))
            .collect()
    };
    let mut earlier = by_case(before);
    let mut changes = TargetChanges {
        name: now.name.clone(),
        ..TargetChanges::default()
    };
    for (id, case) in by_case(now) {
        let before = earlier.remove(&id).map(|case| case.verdict);
        let was = before.as_ref().map(standing);
        let is = standing(&case.verdict);
        let change = Change {
            case: id,
            before,
            now: case.verdict,
        };
        match (was, is) {
            (None, _) => changes.added.push(change),
            (Some(was), is) if was == is => {
                changes.still_broken += usize::from(is.is_broken());
            }
            (Some(was), is) if is.is_broken() && !was.is_broken() => changes.broken.push(change),
            (Some(_), Standing::Passes) => changes.mended.push(change),
            (Some(_), _) => changes.other.push(change),
        }
    }
    changes.removed = earlier.into_keys().collect();
    changes
}

/// A verdict without what it rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Passes,
    Fails,
    Warns,
    Informs,
    Skipped,
    Known,
    Unexpected,
    Open,
}

impl Standing {
    const fn is_broken(self) -> bool {
        matches!(self, Self::Fails | Self::Warns | Self::Unexpected)
    }
}

const fn standing(verdict: &Verdict) -> Standing {
    match verdict {
        Verdict::Pass => Standing::Passes,
        Verdict::Fail { .. } => Standing::Fails,
        Verdict::Warning { .. } => Standing::Warns,
        Verdict::Info { .. } => Standing::Informs,
        Verdict::Skipped { .. } => Standing::Skipped,
        Verdict::KnownFailure { .. } => Standing::Known,
        Verdict::UnexpectedPass { .. } => Standing::Unexpected,
        Verdict::Inconclusive { .. } => Standing::Open,
    }
}
