//! Where two targets do different things in the same cases.
//!
//! What a client got is compared as a bag, not as a sequence: where the contract orders two things, a
//! wrong order is a verdict already, and any other order is luck. What differs from run to run
//! anyway (times, session ids, the names of rooms) is told alike.
//!
//! # Layout
//! - here: the comparison; `heard`: what a client got, without what is volatile.
//! - `words`: how it is told.

use std::collections::BTreeMap;

use chatspec_judge::ids::CaseId;
use chatspec_judge::verdict::{CaseReport, RunReport, TargetReport, Verdict};

use crate::tally::Kind;

mod heard;
mod words;

use heard::Heard;
pub use words::write;

/// Two targets, case by case.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// What the targets are called.
    names: [&'a str; 2],
    /// Why a target could not be judged.
    unavailable: Vec<String>,
    /// Cases that end differently, or in which clients got different things.
    differences: Vec<Difference<'a>>,
    /// Cases that only one of them has.
    alone: [Vec<&'a CaseId>; 2],
    /// How many cases both have.
    both: usize,
    /// How many of those say only how they ended, not what happened.
    without: usize,
    /// Whether some case could not be judged.
    inconclusive: bool,
}

/// One case that differs.
#[derive(Clone, Debug)]
struct Difference<'a> {
    cases: [&'a CaseReport; 2],
    /// What only one of both got, by client.
    got: BTreeMap<String, [Vec<String>; 2]>,
}

impl<'a> Comparison<'a> {
    /// The target `one` of a report against the target `other` of another.
    pub fn new(
        (one_report, one): (&'a RunReport, &'a TargetReport),
        (other_report, other): (&'a RunReport, &'a TargetReport),
    ) -> Self {
        let mut comparison = Self {
            names: [&one.name, &other.name],
            unavailable: Vec::new(),
            differences: Vec::new(),
            alone: [Vec::new(), Vec::new()],
            both: 0,
            without: 0,
            inconclusive: false,
        };
        for target in [one, other] {
            if let Some(reason) = &target.unavailable {
                let why = format!("{} could not be judged: {reason}", target.name);
                comparison.unavailable.push(why);
            }
        }
        let mut alone = [Vec::new(), Vec::new()];
        let mut others: BTreeMap<&CaseId, &CaseReport> =
            other.cases.iter().map(|case| (&case.case, case)).collect();
        for case in &one.cases {
            let Some(counterpart) = others.remove(&case.case) else {
                alone[0].push(&case.case);
                continue;
            };
            let scenario = one_report.scenarios.get(&case.case.scenario);
            let scenario = scenario.or_else(|| other_report.scenarios.get(&case.case.scenario));
            comparison.case([case, counterpart], &Heard::of(scenario));
        }
        alone[1].extend(others.into_keys());
        // Where one was not there, that is the reason, and it is said.
        if comparison.unavailable.is_empty() {
            comparison.alone = alone;
        }
        comparison
    }

    fn case(&mut self, cases: [&'a CaseReport; 2], heard: &Heard) {
        self.both += 1;
        self.inconclusive |= cases
            .iter()
            .any(|case| matches!(case.verdict, Verdict::Inconclusive { .. }));
        let ran = |case: &CaseReport| !matches!(case.verdict, Verdict::Skipped { .. });
        let told = cases.iter().all(|case| !case.transcript.is_empty());
        let mut got = BTreeMap::new();
        if told {
            let [one, other] = cases.map(|case| heard.by_client(case));
            got = heard::apart(one, other);
        } else if cases.iter().all(|case| ran(case)) {
            self.without += 1;
        }
        let [one, other] = cases.map(|case| Kind::of(&case.verdict));
        if one != other || !got.is_empty() {
            self.differences.push(Difference { cases, got });
        }
    }

    /// Whether a difference was found, so that the exit code tells.
    pub fn is_different(&self) -> bool {
        !self.differences.is_empty() || self.alone.iter().any(|alone| !alone.is_empty())
    }

    /// Whether something could not be judged, so that "no difference" would say too much.
    pub fn is_open(&self) -> bool {
        self.inconclusive || !self.unavailable.is_empty()
    }
}

impl Difference<'_> {
    /// Whether no clause says who of both is right: neither has broken anything that binds.
    fn is_gap(&self) -> bool {
        let fine =
            |case: &&CaseReport| matches!(case.verdict, Verdict::Pass | Verdict::Info { .. });
        self.cases.iter().all(fine)
    }
}
