//! The scenarios and clauses there are. A file's path is its id; nothing is registered.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chatspec_notation::ast::Transport;
use chatspec_notation::suggest::closest;
use chatspec_notation::{ParseError, place};
use serde::Deserialize;

use crate::coverage::{CATALOGUE_FILE, Catalogue};
use crate::ids::{CaseId, ScenarioId};
use crate::plan::Source;
use crate::verdict::{ClauseNote, ScenarioNote};

/// The name of the file that explains the clauses, at the top of the scenarios' folder.
pub const CLAUSES_FILE: &str = "clauses.toml";

/// Scenarios by id, the clauses they cite, and the behaviours that those stand for.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    scenarios: BTreeMap<ScenarioId, Arc<Source>>,
    clauses: BTreeMap<String, Clause>,
    catalogue: Catalogue,
}

/// A clause of the contract, as clauses.toml writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clause {
    /// The rule, one sentence.
    pub sentence: String,
    /// How binding it is: `must`, `should` or `may`.
    pub level: ClauseLevel,
    /// The document it comes from.
    pub source: String,
}

/// How binding a clause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClauseLevel {
    /// Binding.
    Must,
    /// Advised.
    Should,
    /// Open.
    May,
}

/// Files that are no suite.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// Some scenarios have mistakes; every one of them is here.
    #[error("{} scenario files have mistakes", .0.len())]
    Scenarios(Vec<ParseError>),
    /// clauses.toml or catalogue.toml is not what it should be.
    #[error("{file}:{line}:{column}: {problem}")]
    Clauses {
        /// The file, as the user knows it.
        file: String,
        /// Where in it, from 1.
        line: usize,
        /// Where in the line, in characters, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Scenarios cite clauses that clauses.toml does not explain.
    #[error("{}", .0.join("\n"))]
    UnknownClauses(Vec<String>),
}

/// A file of a suite.
#[derive(Clone, Debug)]
pub struct SuiteFile {
    /// Its path below the scenarios' folder, with slashes.
    pub path: String,
    /// Its path as the user knows it, for messages.
    pub shown: String,
    /// Its text.
    pub text: String,
}

impl Suite {
    /// The suite in `files`. Other files than `.chat`, clauses.toml and catalogue.toml are passed
    /// over.
    pub fn read(files: impl IntoIterator<Item = SuiteFile>) -> Result<Self, SuiteError> {
        let mut suite = Self::default();
        let mut mistakes = Vec::new();
        for file in files {
            if file.path == CLAUSES_FILE {
                suite.clauses = table(&file)?;
            } else if file.path == CATALOGUE_FILE {
                suite.catalogue = table(&file)?;
            } else if Path::new(&file.path)
                .extension()
                .is_some_and(|ending| ending == "chat")
            {
                match chatspec_notation::parse(&file.shown, &file.text) {
                    Ok(scenario) => {
                        let source = Source {
                            file: file.shown,
                            text: file.text,
                            scenario,
                        };
                        suite
                            .scenarios
                            .insert(ScenarioId::from_path(&file.path), Arc::new(source));
                    }
                    Err(error) => mistakes.push(error),
                }
            }
        }
        if mistakes.is_empty() {
            Ok(suite)
        } else {
            Err(SuiteError::Scenarios(mistakes))
        }
    }

    /// This suite with the scenarios and clauses of `other` added, or put in place of its own where
    /// the ids are the same.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.scenarios.extend(other.scenarios);
        self.clauses.extend(other.clauses);
        self.catalogue.extend(other.catalogue);
        self
    }

    /// Every clause that a scenario cites must be explained.
    pub fn check_clauses(&self) -> Result<(), SuiteError> {
        let unknown: Vec<_> = self
            .scenarios
            .values()
            .flat_map(|source| {
                source
                    .scenario
                    .clauses
                    .iter()
                    .map(move |clause| (source, clause))
            })
            .filter(|(_, clause)| !self.clauses.contains_key(clause.value.as_str()))
            .map(|(source, clause)| {
                let (line, column) = place(&source.text, clause.span.start);
                let id = clause.value.as_str();
                let known = self.clauses.keys().map(String::as_str);
                let instead = match closest(id, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add it there, with its sentence, level and source".to_owned(),
                };
                let file = &source.file;
                format!(
                    "{file}:{line}:{column}: the clause `{id}` is not in {CLAUSES_FILE}: {instead}"
                )
            })
            .collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(SuiteError::UnknownClauses(unknown))
        }
    }

    /// The scenarios, in the order of their ids.
    pub fn scenarios(&self) -> impl Iterator<Item = (&ScenarioId, &Arc<Source>)> {
        self.scenarios.iter()
    }

    /// One scenario.
    pub fn scenario(&self, id: &ScenarioId) -> Option<&Arc<Source>> {
        self.scenarios.get(id)
    }

    /// The behaviours that the suite is to check.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Every case: each scenario on each of its transports.
    pub fn cases(&self) -> impl Iterator<Item = CaseId> + '_ {
        self.scenarios.iter().flat_map(|(id, source)| {
            transports(source).into_iter().map(|transport| CaseId {
                scenario: id.clone(),
                transport,
            })
        })
    }

    /// The scenarios of `cases`, as a report shows them.
    pub fn notes<'c>(
        &self,
        cases: impl IntoIterator<Item = &'c CaseId>,
    ) -> BTreeMap<ScenarioId, ScenarioNote> {
        let known = |case: &CaseId| {
            let source = self.scenarios.get(&case.scenario)?;
            Some((case.scenario.clone(), ScenarioNote::from(source.as_ref())))
        };
        cases.into_iter().filter_map(known).collect()
    }

    /// The clauses that a scenario cites, explained.
    pub fn clause_notes(&self, source: &Source) -> Vec<ClauseNote> {
        let cited = source
            .scenario
            .clauses
            .iter()
            .map(|clause| clause.value.as_str());
        cited.map(|id| self.clause_note(id)).collect()
    }

    /// A clause, explained; without words if the suite does not know it.
    pub fn clause_note(&self, id: &str) -> ClauseNote {
        let clause = self.clauses.get(id);
        ClauseNote {
            id: id.to_owned(),
            sentence: clause
                .map(|clause| clause.sentence.clone())
                .unwrap_or_default(),
            source: clause
                .map(|clause| clause.source.clone())
                .unwrap_or_default(),
        }
    }
}

/// What a TOML file of the suite says.
fn table<T: serde::de::DeserializeOwned>(file: &SuiteFile) -> Result<T, SuiteError> {
    toml::from_str(&file.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let (line, column) = place(&file.text, at);
        SuiteError::Clauses {
            file: file.shown.clone(),
            line,
            column,
            problem: error.message().trim().replace('\n', ", "),
        }
    })
}

/// The transports that a scenario runs on.
pub fn transports(source: &Source) -> Vec<Transport> {
    let stated = &source.scenario.over;
    let runs_on = |transport: &Transport| {
        stated.is_empty() || stated.iter().any(|over| over.value == *transport)
    };
    Transport::ALL.iter().copied().filter(runs_on).collect()
}
