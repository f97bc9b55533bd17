//! What can be wrong about a matrix.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MutantMatrix, ScenarioRow};

/// A reason not to trust the suite, or the server that it is tried on.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    thiserror::Error,
)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Problem {
    /// The server without a bug fails a case, so the case, or the server, is wrong.
    #[error("the server without a bug fails {case}")]
    NoneFailed {
        /// The case.
        case: String,
    },
    /// No scenario fails this mutant.
    #[error("the mutant {mutant} survives: no scenario fails on it")]
    Survived {
        /// The mutant.
        mutant: String,
    },
    /// A scenario does not say what it catches.
    #[error("{scenario} names no mutant that it catches")]
    NamesNone {
        /// The scenario.
        scenario: String,
    },
    /// A scenario names a mutant that there is not.
    #[error("{scenario} names the mutant {mutant}, which does not exist")]
    NoSuchMutant {
        /// The scenario.
        scenario: String,
        /// What it names.
        mutant: String,
    },
    /// A scenario catches none of the mutants it names: it checks nothing that it claims to.
    #[error("{scenario} passes on every mutant that it names")]
    CatchesNone {
        /// The scenario.
        scenario: String,
    },
    /// A scenario catches some of the mutants it names, but not this one.
    #[error("{scenario} passes on {mutant}, which it names")]
    Misses {
        /// The scenario.
        scenario: String,
        /// The mutant.
        mutant: String,
    },
    /// A scenario catches mutants that it does not name; asked for by `--strict`.
    #[error("{scenario} also catches {}", .mutants.join(" "))]
    Unnamed {
        /// The scenario.
        scenario: String,
        /// The mutants, as a `catches` line has them.
        mutants: Vec<String>,
    },
}

impl Problem {
    /// What mends it.
    pub const fn mend(&self) -> &'static str {
        match self {
            Self::NoneFailed { .. } => {
                "run the case on mutant:none, or on mutant:extended if it needs bye or room_change; either the case refuses what the contract allows, or the server is wrong"
            }
            Self::Survived { .. } => "write a scenario that fails on it, and name it there",
            Self::NamesNone { .. } => {
                "add a `catches` line; if nothing fails it, the scenario checks nothing"
            }
            Self::NoSuchMutant { .. } => {
                "correct the name in its `catches` line, or add the mutant"
            }
            Self::Unnamed { .. } => "add them to its `catches` line",
            Self::CatchesNone { .. } | Self::Misses { .. } => {
                "sharpen the scenario until it fails there, or take the name from its `catches` line"
            }
        }
    }
}

impl MutantMatrix {
    /// What is wrong, gravest first: the server without a bug, then survivors, then scenario by
    /// scenario. Nothing, for a suite that proves itself.
    pub fn problems(&self) -> Vec<Problem> {
        let clean = self
            .clean
            .iter()
            .map(|case| Problem::NoneFailed { case: case.clone() });
        let survivors = self
            .mutants
            .iter()
            .filter(|mutant| !self.scenarios.iter().any(|row| row.caught(&mutant.name)))
            .map(|mutant| Problem::Survived {
                mutant: mutant.name.clone(),
            });
        let claims = self.scenarios.iter().flat_map(|row| self.claims(row));
        let unnamed = self.scenarios.iter().filter(|_| self.strict);
        let unnamed = unnamed.filter_map(unnamed_by);
        let found = clean.chain(survivors).chain(claims);
        found.chain(unnamed).collect()
    }

    /// What is wrong about one scenario's claims.
    fn claims(&self, row: &ScenarioRow) -> Vec<Problem> {
        let scenario = || row.id.clone();
        if row.catches.is_empty() {
            return vec![Problem::NamesNone {
                scenario: scenario(),
            }];
        }
        let exists = |name: &&String| self.mutants.iter().any(|mutant| mutant.name == **name);
        let (known, unknown): (Vec<_>, Vec<_>) = row.catches.iter().partition(exists);
        let missed: Vec<_> = known.iter().filter(|name| !row.caught(name)).collect();
        let mut problems: Vec<Problem> = unknown
            .into_iter()
            .map(|mutant| Problem::NoSuchMutant {
                scenario: scenario(),
                mutant: mutant.clone(),
            })
            .collect();
        if !known.is_empty() && missed.len() == known.len() {
            problems.push(Problem::CatchesNone {
                scenario: scenario(),
            });
        } else {
            problems.extend(missed.into_iter().map(|mutant| Problem::Misses {
                scenario: scenario(),
                mutant: (*mutant).clone(),
            }));
        }
        problems
    }
}

fn unnamed_by(row: &ScenarioRow) -> Option<Problem> {
    let unnamed = row.caught.iter().filter(|mutant| !row.names(mutant));
    let mutants: Vec<_> = unnamed.cloned().collect();
    (!mutants.is_empty()).then(|| Problem::Unnamed {
        scenario: row.id.clone(),
        mutants,
    })
}

#[cfg(test)]
mod tests {
    use super::super::MutantRow;
    use super::*;

    fn matrix(scenarios: &[(&str, &[&str], &[&str])], mutants: &[&str]) -> MutantMatrix {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        MutantMatrix {
            scenarios: scenarios
                .iter()
                .map(|(id, catches, caught)| ScenarioRow {
                    id: (*id).to_owned(),
                    catches: own(catches),
                    caught: own(caught),
                })
                .collect(),
            mutants: mutants
                .iter()
                .map(|name| MutantRow {
                    name: (*name).to_owned(),
                    summary: String::new(),
                })
                .collect(),
            clean: Vec::new(),
            strict: false,
            duration_ms: 0,
        }
    }

    #[test]
    fn a_catch_that_is_not_named_is_a_problem_where_that_is_asked_for() {
        let mut matrix = matrix(
            &[
                ("a", &["x"], &["x", "y", "z"]),
                ("b", &["y", "z"], &["y", "z"]),
            ],
            &["x", "y", "z"],
        );
        assert_eq!(matrix.code(), 0);
        matrix.strict = true;
        let unnamed = Problem::Unnamed {
            scenario: "a".to_owned(),
            mutants: vec!["y".to_owned(), "z".to_owned()],
        };
        assert_eq!(unnamed.to_string(), "a also catches y z");
        assert_eq!(matrix.problems(), [unnamed]);
        assert_eq!(matrix.code(), 1);
    }

    #[test]
    fn a_suite_that_catches_what_it_names_has_no_problem() {
        let matrix = matrix(
            &[("a", &["x"], &["x", "y"]), ("b", &["y"], &["y"])],
            &["x", "y"],
        );
        assert_eq!(matrix.problems(), []);
        assert_eq!(matrix.code(), 0);
    }

    #[test]
    fn each_problem_is_found_once_and_fails_the_run() {
        let mut matrix = matrix(
            &[
                ("misses-one", &["x", "y"], &["x"]),
                ("misses-all", &["x", "y"], &["z"]),
                ("names-none", &[], &["x"]),
                ("names-nobody", &["ghost"], &["y"]),
            ],
            &["x", "y", "z", "survivor"],
        );
        matrix.clean.push("misses-one@polling".to_owned());
        let own = ToOwned::to_owned;
        assert_eq!(
            matrix.problems(),
            [
                Problem::NoneFailed {
                    case: own("misses-one@polling")
                },
                Problem::Survived {
                    mutant: own("survivor")
                },
                Problem::Misses {
                    scenario: own("misses-one"),
                    mutant: own("y")
                },
                Problem::CatchesNone {
                    scenario: own("misses-all")
                },
                Problem::NamesNone {
                    scenario: own("names-none")
                },
                Problem::NoSuchMutant {
                    scenario: own("names-nobody"),
                    mutant: own("ghost")
                },
            ]
        );
        assert_eq!(matrix.code(), 1);
    }
}
