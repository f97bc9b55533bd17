//! What a target is known to fail, and why.

use chatspec_notation::names::Need;
use globset::{Glob, GlobMatcher};
use serde::{Deserialize, Serialize};

use crate::ids::CaseId;
use crate::verdict::{LedgerProblem, Verdict};

/// An entry as target.toml writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownFailure {
    /// A glob over case ids: `chat/acks/*`, `chat/acks/order@polling`.
    pub pattern: String,
    /// Why it fails, in words.
    pub reason: String,
    /// Where that is discussed.
    pub link: Option<String>,
}

impl KnownFailure {
    /// The verdict on a case that this entry is about. What could not be judged is never excused.
    pub fn apply(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Fail { violations }
            | Verdict::Warning { violations }
            | Verdict::Info { violations } => Verdict::KnownFailure {
                pattern: self.pattern.clone(),
                reason: self.reason.clone(),
                link: self.link.clone(),
                violations,
            },
            Verdict::Pass => Verdict::UnexpectedPass {
                pattern: self.pattern.clone(),
                reason: self.reason.clone(),
            },
            other => other,
        }
    }
}

/// A ledger: entries, each with its compiled pattern.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: Vec<(KnownFailure, GlobMatcher)>,
}

/// A ledger that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A pattern is no glob.
    #[error("the known failure `{pattern}` is not a pattern: {source}")]
    Pattern {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// An entry does not say why.
    #[error("the known failure `{0}` has no reason")]
    NoReason(String),
}

impl Ledger {
    /// A ledger of these entries.
    pub fn new(entries: Vec<KnownFailure>) -> Result<Self, LedgerError> {
        let compiled = entries.into_iter().map(|entry| {
            if entry.reason.trim().is_empty() {
                return Err(LedgerError::NoReason(entry.pattern));
            }
            match Glob::new(&entry.pattern) {
                Ok(glob) => Ok((entry, glob.compile_matcher())),
                Err(source) => Err(LedgerError::Pattern {
                    pattern: entry.pattern,
                    source,
                }),
            }
        });
        Ok(Self {
            entries: compiled.collect::<Result<_, _>>()?,
        })
    }

    /// Entries that no case of the whole suite answers to. `suite` is every case there is, chosen
    /// for this run or not, so that running a part of the suite makes no entry stale.
    pub fn problems(&self, suite: &[CaseId]) -> Vec<LedgerProblem> {
        let unmatched = self
            .entries
            .iter()
            .filter(|(_, glob)| !suite.iter().any(|case| matches(glob, case)));
        unmatched
            .map(|(entry, _)| LedgerProblem {
                pattern: entry.pattern.clone(),
                problem: "no case of the suite has such an id".to_owned(),
                mend: format!("remove the entry with pattern = \"{}\"", entry.pattern),
            })
            .collect()
    }

    /// The entry that is about a case: the first that matches.
    pub fn entry(&self, case: &CaseId) -> Option<&KnownFailure> {
        let found = self.entries.iter().find(|(_, glob)| matches(glob, case));
        found.map(|(entry, _)| entry)
    }
}

fn matches(glob: &GlobMatcher, case: &CaseId) -> bool {
    glob.is_match(case.to_string()) || glob.is_match(case.scenario.as_str())
}

/// The capabilities of `needs` that a target with `capabilities` lacks.
pub fn missing<'a>(needs: impl Iterator<Item = &'a Need>, capabilities: &[String]) -> Vec<String> {
    needs
        .filter(|need| !capabilities.iter().any(|has| satisfies(has, need.as_str())))
        .map(ToString::to_string)
        .collect()
}

/// `nodes 3` satisfies `nodes 2`.
fn satisfies(has: &str, need: &str) -> bool {
    let split = |text: &str| match text.split_once(' ') {
        Some((name, amount)) => (name.to_owned(), amount.trim().parse::<u32>().unwrap_or(1)),
        None => (text.to_owned(), 1),
    };
    let ((has, amount), (need, least)) = (split(has), split(need));
    has == need && amount >= least
}
