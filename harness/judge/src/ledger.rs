//! What a target is known to fail, and why.

mod revise;

use chatspec_notation::names::Need;
use globset::{Glob, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::CaseId;
use crate::verdict::{LedgerProblem, Verdict};

pub use revise::{Change, Left, Revision, Stale};

/// An entry as target.toml writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownFailure {
    /// A glob over case ids: `chat/acks/*`, `chat/acks/order@polling`.
    pub pattern: String,
    /// Why it fails, in words.
    pub reason: String,
    /// Where that is discussed.
    pub link: Option<String>,
    /// The last day on which it excuses anything; without it, it never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Day>,
}

/// A day, as `2027-03-01`. The order of the texts is the order of the days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Day(String);

/// A text that is not a day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day; write it as `2027-03-01`")]
pub struct NoDay(String);

impl Day {
    /// A day that a calendar gave.
    pub fn of(year: i16, month: i8, day: i8) -> Self {
        Self(format!("{year:04}-{month:02}-{day:02}"))
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Self, NoDay> {
        // TOML knows which days there are.
        let read: Result<toml::value::Datetime, _> = text.parse();
        match read {
            Ok(read) if read.date.is_some() && read.time.is_none() => Ok(Self(text)),
            _ => Err(NoDay(text)),
        }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
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

    /// Its entries, as they were written.
    pub fn entries(&self) -> impl Iterator<Item = &KnownFailure> {
        self.entries.iter().map(|(entry, _)| entry)
    }

    /// Entries that no case of the whole suite answers to, and those whose day is over `today`.
    /// `suite` is every case there is, chosen for this run or not, so that running a part of the
    /// suite makes no entry stale.
    pub fn problems(&self, suite: &[CaseId], today: &Day) -> Vec<LedgerProblem> {
        let problem = |(entry, glob): &(KnownFailure, GlobMatcher)| {
            let pattern = &entry.pattern;
            let (problem, mend) = if !suite.iter().any(|case| matches(glob, case)) {
                let mend = format!("remove the entry with pattern = \"{pattern}\"");
                ("no case of the suite has such an id".to_owned(), mend)
            } else if let Some(day) = entry.expires.as_ref().filter(|day| *day < today) {
                let mend = format!(
                    "mend the server and remove the entry with pattern = \"{pattern}\", or give \
                     it another `expires`"
                );
                (format!("it expired on {day}"), mend)
            } else {
                return None;
            };
            Some(LedgerProblem {
                pattern: pattern.clone(),
                problem,
                mend,
            })
        };
        self.entries.iter().filter_map(problem).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn an_entry_holds_until_its_day_is_over() {
        let entry = KnownFailure {
            pattern: "chat/*".to_owned(),
            reason: "a bug".to_owned(),
            link: None,
            expires: Some(day("2027-03-01")),
        };
        let ledger = Ledger::new(vec![entry]).unwrap();
        let suite = ["chat/relay@polling".parse().unwrap()];
        assert_eq!(ledger.problems(&suite, &day("2026-12-31")), []);
        assert_eq!(ledger.problems(&suite, &day("2027-03-01")), []);
        let over = ledger.problems(&suite, &day("2027-03-02"));
        assert_eq!(over.len(), 1);
        assert_eq!(over[0].problem, "it expired on 2027-03-01");
    }

    #[test]
    fn a_day_is_one_that_there_is() {
        for text in [
            "2027-02-29",
            "2027-3-1",
            "tomorrow",
            "2027-03-01T10:00:00Z",
            "",
        ] {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(Day::of(2028, 2, 29), day("2028-02-29"));
    }
}
