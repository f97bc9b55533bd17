//! The cases that a user chooses.

use std::path::Path;
use std::sync::Arc;

use chatspec_judge::ids::{CaseId, ScenarioId};
use chatspec_judge::plan::Source;
use chatspec_judge::suite::Suite;
use chatspec_notation::ast::Transport;
use globset::{Glob, GlobMatcher};

use crate::suite::{SuiteError, is_scenario, with_file};

/// A choice that cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChoiceError {
    /// A file that was named cannot be used.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The pattern chooses nothing.
    #[error("no case matches `{pattern}`{}", question(.near.as_deref()))]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// A folder stands in the place of a pattern.
    #[error("no case matches `{0}`, which is a folder; --scenarios {0} adds the scenarios in it")]
    Folder(String),
    /// The pattern is none.
    #[error("`{pattern}` is not a pattern: {}", .source.kind())]
    Pattern {
        /// What was written.
        pattern: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// There is no such scenario.
    #[error("there is no scenario `{id}`{}; `chatspec list` shows them all", question(.near.as_deref()))]
    NoScenario {
        /// What was asked for.
        id: String,
        /// What may have been meant.
        near: Option<String>,
    },
}

fn question(near: Option<&str>) -> String {
    near.map(|near| format!(" (did you mean `{near}`?)"))
        .unwrap_or_default()
}

/// What one argument chooses.
enum Choice {
    /// A scenario, by its file; on one transport alone if that was said.
    File(ScenarioId, Option<Transport>),
    /// Whatever the glob matches, and the chapter of this name.
    Glob(GlobMatcher, String),
}

impl Choice {
    fn takes(&self, case: &CaseId) -> bool {
        match self {
            Self::File(id, over) => {
                case.scenario == *id && over.is_none_or(|over| over == case.transport)
            }
            Self::Glob(glob, chapter) => {
                let scenario = case.scenario.as_str();
                glob.is_match(case.to_string())
                    || glob.is_match(scenario)
                    || scenario
                        .strip_prefix(chapter)
                        .is_some_and(|rest| rest.starts_with('/'))
            }
        }
    }
}

/// The cases that `patterns` choose, on `over` alone if that is given; all without a pattern. The
/// suite comes back with the files among the patterns in it.
pub(crate) fn choose(
    mut suite: Suite,
    patterns: &[String],
    over: Option<Transport>,
) -> Result<(Suite, Vec<CaseId>), ChoiceError> {
    let mut choices = Vec::new();
    for pattern in patterns {
        let choice = match file(pattern) {
            Some((path, over)) => {
                suite = with_file(suite, &path)?;
                Choice::File(ScenarioId::from_path(&path), over)
            }
            None => glob(&suite, pattern)?,
        };
        choices.push(choice);
    }
    let chosen = suite.cases().filter(|case| {
        over.is_none_or(|over| case.transport == over)
            && (choices.is_empty() || choices.iter().any(|choice| choice.takes(case)))
    });
    let chosen = chosen.collect();
    Ok((suite, chosen))
}

/// The scenario that is called `id`, which may be the id of a case or the name of its file.
pub(crate) fn one<'s>(
    suite: &'s Suite,
    id: &str,
) -> Result<(ScenarioId, &'s Arc<Source>), ChoiceError> {
    let scenario = id.rsplit_once('@').map_or(id, |(scenario, _)| scenario);
    let wanted = ScenarioId::from_path(scenario.strip_prefix(ROOT).unwrap_or(scenario));
    match suite.scenario(&wanted) {
        Some(source) => Ok((wanted, source)),
        None => Err(ChoiceError::NoScenario {
            id: id.to_owned(),
            near: nearest(wanted.as_str(), suite, false),
        }),
    }
}

/// Where the suite stands in its repository; people complete file names with their shell.
const ROOT: &str = "scenarios/";

/// The file that `pattern` names, as such (`my.chat`) or as a report names its cases
/// (`my@polling`), and the transport that it is to run on.
fn file(pattern: &str) -> Option<(String, Option<Transport>)> {
    let path = Path::new(pattern);
    if is_scenario(path) && path.is_file() {
        return Some((pattern.to_owned(), None));
    }
    let case: CaseId = pattern.parse().ok()?;
    let path = format!("{}.chat", case.scenario);
    Path::new(&path)
        .is_file()
        .then_some((path, Some(case.transport)))
}

fn glob(suite: &Suite, pattern: &str) -> Result<Choice, ChoiceError> {
    let written = |pattern: &str| -> Result<_, ChoiceError> {
        let chapter = pattern.trim_end_matches('/');
        let glob = Glob::new(chapter.strip_suffix(".chat").unwrap_or(chapter));
        let glob = glob.map_err(|source| ChoiceError::Pattern {
            pattern: pattern.to_owned(),
            source,
        })?;
        Ok(Choice::Glob(glob.compile_matcher(), chapter.to_owned()))
    };
    let mut choices = vec![written(pattern)?];
    if let Some(below) = pattern.strip_prefix(ROOT) {
        choices.push(written(below)?);
    }
    for choice in choices {
        if suite.cases().any(|case| choice.takes(&case)) {
            return Ok(choice);
        }
    }
    let path = Path::new(pattern);
    if path.is_dir() {
        return Err(ChoiceError::Folder(pattern.to_owned()));
    }
    let is_file_name = is_scenario(path) && !pattern.contains(['*', '?', '[', '{']);
    if is_file_name && let Err(source) = std::fs::metadata(path) {
        // A file was meant, and it is not there.
        return Err(SuiteError::Read {
            file: pattern.to_owned(),
            source,
        }
        .into());
    }
    Err(ChoiceError::NoMatch {
        pattern: pattern.to_owned(),
        near: nearest(pattern, suite, true),
    })
}

/// The id, or chapter if those count, that is most like `text`, if any is much like it.
fn nearest(text: &str, suite: &Suite, chapters: bool) -> Option<String> {
    /// Below it, two paths have little more in common than their first folder.
    const ALIKE: f64 = 0.8;
    let text = text.rsplit_once('@').map_or(text, |(scenario, _)| scenario);
    let ids = suite.scenarios().flat_map(|(id, _)| {
        let chapter = chapters.then(|| id.chapter().to_owned());
        std::iter::once(id.as_str().to_owned()).chain(chapter)
    });
    ids.map(|id| (strsim::jaro_winkler(text, &id), id))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, id)| id)
}
