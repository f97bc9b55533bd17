//! What a run says that a ledger should be.

use std::collections::{BTreeMap, BTreeSet};

use super::{Day, KnownFailure, Ledger, matches};
use crate::ids::{CaseId, ScenarioId};
use crate::verdict::{CaseReport, Rate, Verdict};

/// What a run says that a ledger should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// What is to be written, in the order of the ledger, with what is new at the end.
    pub changes: Vec<Change>,
    /// What is left as it is, although the run is not content with it.
    pub left: Vec<Left>,
}

/// A change of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The entry excuses nothing any more.
    Remove {
        /// Its pattern.
        pattern: String,
        /// Why it goes.
        why: Stale,
    },
    /// Some of what the entry excuses passes now; the rest of it stays excused.
    Narrow {
        /// Its pattern.
        pattern: String,
        /// The pattern that takes its place.
        to: String,
    },
    /// Something fails that no entry excuses.
    Add(KnownFailure),
}

/// Why an entry is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// What it excuses passes now.
    Passes,
    /// No case of the suite answers to it.
    NoCase,
}

/// Something that only a person can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// The entry has expired, and what it excuses is not known to pass.
    Expired {
        /// Its pattern.
        pattern: String,
        /// Its last day.
        on: Day,
    },
    /// The case fails in some runs and not in others, which no ledger can say.
    NowAndThen {
        /// Which case.
        case: CaseId,
        /// How often it fails.
        rate: Rate,
    },
    /// The case could not be judged.
    Open {
        /// Which case.
        case: CaseId,
    },
}

impl Ledger {
    /// What this ledger should be after a run that found `cases`. `suite` is every case there is,
    /// chosen for the run or not; what was not run stays excused. `strict` is for a run that a broken
    /// `should` fails.
    pub fn revised(
        &self,
        cases: &[CaseReport],
        suite: &[CaseId],
        today: &Day,
        strict: bool,
    ) -> Revision {
        let found: Found<'_> = cases.iter().map(|report| (&report.case, report)).collect();
        let mut revision = Revision::default();
        for (index, (entry, glob)) in self.entries.iter().enumerate() {
            let answers: Vec<_> = suite.iter().filter(|case| matches(glob, case)).collect();
            // As in a run, the first entry that matches is the one that excuses.
            let earlier = |case: &&CaseId| {
                let mut before = self.entries[..index].iter();
                before.any(|(_, glob)| matches(glob, case))
            };
            let excused: Vec<_> = answers
                .iter()
                .copied()
                .filter(|case| !earlier(case))
                .collect();
            let change = if answers.is_empty() {
                let (pattern, why) = (entry.pattern.clone(), Stale::NoCase);
                Some(Change::Remove { pattern, why })
            } else {
                changed(entry, &excused, &found, suite)
            };
            if !matches!(change, Some(Change::Remove { .. }))
                && let Some(on) = entry.expires.clone().filter(|day| day < today)
            {
                let pattern = entry.pattern.clone();
                revision.left.push(Left::Expired { pattern, on });
            }
            revision.changes.extend(change);
        }
        revision.add(&found, suite, strict);
        revision
    }
}

/// What becomes of an entry that excuses these cases, if it does not stay.
fn changed(
    entry: &KnownFailure,
    excused: &[&CaseId],
    found: &Found<'_>,
    suite: &[CaseId],
) -> Option<Change> {
    let passes = |case: &CaseId| {
        let report = found.get(case);
        report.is_some_and(|report| matches!(report.verdict, Verdict::UnexpectedPass { .. }))
    };
    if !excused.iter().any(|case| passes(case)) {
        return None;
    }
    let stays =
        |case: &CaseId| excused.contains(&case) && !passes(case) && !is_skipped(found, case);
    let rest = excused.iter().copied().filter(|case| stays(case));
    let rest = patterns(rest, |scenario| whole(suite, found, scenario, stays));
    let pattern = entry.pattern.clone();
    Some(match one_of(rest) {
        Some(to) => Change::Narrow { pattern, to },
        None => Change::Remove {
            pattern,
            why: Stale::Passes,
        },
    })
}

/// What a run found, by case.
type Found<'a> = BTreeMap<&'a CaseId, &'a CaseReport>;

impl Revision {
    fn add(&mut self, found: &Found<'_>, suite: &[CaseId], strict: bool) {
        let mut failed = BTreeSet::new();
        for (&case, report) in found {
            let fails = match &report.verdict {
                Verdict::Fail { .. } => true,
                Verdict::Warning { .. } => strict,
                Verdict::Inconclusive { .. } => {
                    self.left.push(Left::Open { case: case.clone() });
                    false
                }
                _ => false,
            };
            match report.rate {
                Some(rate) if fails && rate.broken < rate.runs => {
                    let case = case.clone();
                    self.left.push(Left::NowAndThen { case, rate });
                }
                _ if fails => {
                    failed.insert(case);
                }
                _ => {}
            }
        }
        let fails = |case: &CaseId| failed.contains(case);
        let added = patterns(failed.iter().copied(), |scenario| {
            whole(suite, found, scenario, fails)
        });
        for (pattern, case) in added {
            let violations = found.get(case).map(|report| report.verdict.violations());
            let first = violations.and_then(<[_]>::first);
            let reason = first
                .and_then(|violation| violation.summary.lines().next())
                .unwrap_or("fails");
            self.changes.push(Change::Add(KnownFailure {
                pattern,
                reason: reason.to_owned(),
                link: None,
                expires: None,
            }));
        }
    }
}

/// Whether `all` holds for every case of the scenario that the target has the transport for.
fn whole(
    suite: &[CaseId],
    found: &Found<'_>,
    scenario: &ScenarioId,
    all: impl Fn(&CaseId) -> bool,
) -> bool {
    suite
        .iter()
        .filter(|case| case.scenario == *scenario && !is_skipped(found, case))
        .all(all)
}

fn is_skipped(found: &Found<'_>, case: &CaseId) -> bool {
    let report = found.get(case);
    report.is_some_and(|report| matches!(report.verdict, Verdict::Skipped { .. }))
}

/// Patterns for `cases`, which are in their order, each with the first case that it stands for: one
/// for a whole scenario, one for each case of others.
fn patterns<'a>(
    cases: impl Iterator<Item = &'a CaseId>,
    is_whole: impl Fn(&ScenarioId) -> bool,
) -> Vec<(String, &'a CaseId)> {
    let mut patterns: Vec<(String, &CaseId)> = Vec::new();
    for case in cases {
        let pattern = if is_whole(&case.scenario) {
            literally(case.scenario.as_str())
        } else {
            literally(&case.to_string())
        };
        if patterns.last().is_none_or(|(last, _)| *last != pattern) {
            patterns.push((pattern, case));
        }
    }
    patterns
}

/// The pattern for what any of these stands for; none for none.
fn one_of(patterns: Vec<(String, &CaseId)>) -> Option<String> {
    let mut patterns: Vec<_> = patterns.into_iter().map(|(pattern, _)| pattern).collect();
    match patterns.len() {
        0 => None,
        1 => patterns.pop(),
        _ => Some(format!("{{{}}}", patterns.join(","))),
    }
}

/// The glob that matches `id` and nothing else. A comma parts the members of a brace.
fn literally(id: &str) -> String {
    globset::escape(id).replace(',', "[,]")
}

#[cfg(test)]
mod tests;
