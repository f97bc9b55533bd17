//! `chatspec replay`: the judgement of stored histories, without any server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chatspec_judge::ids::CaseId;
use chatspec_judge::stored::{HistoryError, Stored};
use chatspec_judge::verdict::{RunReport, ScenarioNote, TargetReport};
use chatspec_runner::clock::Clock;

use crate::args::ReplayArgs;
use crate::output::Output;
use crate::run::millis;
use crate::view::HISTORY;
use crate::{Error, suite};

/// Histories that cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    /// Files are no histories; every one of them is here.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Bad(Vec<BadHistory>),
    /// There are none in a folder.
    #[error(
        "{0}: no histories (files that end in .{HISTORY}) in this folder or below it; \
             `chatspec run --histories DIR` writes them"
    )]
    None(String),
    /// A report would have one case of one run twice.
    #[error(
        "{one} and {other} are both {case} on {target}, from the run with seed {seed}: replay \
             one of them"
    )]
    Twice {
        /// A file.
        one: String,
        /// Another.
        other: String,
        /// Their case.
        case: Box<CaseId>,
        /// Their target.
        target: String,
        /// Their seed.
        seed: u64,
    },
}

/// A file that is no history, and where it is not.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{}: {error}", place(error))]
pub(crate) struct BadHistory {
    file: String,
    error: Box<HistoryError>,
}

fn place(error: &HistoryError) -> String {
    match error.place() {
        (line, Some(column)) => format!("{line}:{column}"),
        (line, None) => line.to_string(),
    }
}

/// What was on one target in one run.
type Run = (String, u64);

/// Judges the histories and reports, as the run did that wrote them.
pub(crate) fn replay(args: &ReplayArgs) -> Result<u8, Error> {
    let clock = Clock::start();
    let mut runs: BTreeMap<Run, BTreeMap<CaseId, (String, Stored)>> = BTreeMap::new();
    let mut bad = Vec::new();
    for path in histories(&args.paths)? {
        let file = path.display().to_string();
        let text = suite::read(&path)?;
        let stored = match Stored::read(&text) {
            Ok(stored) => stored,
            Err(error) => {
                let error = Box::new(error);
                bad.push(BadHistory { file, error });
                continue;
            }
        };
        let run = (stored.header.target.clone(), stored.header.seed);
        let case = stored.header.case.clone();
        let cases = runs.entry(run.clone()).or_default();
        if let Some((earlier, _)) = cases.insert(case.clone(), (file.clone(), stored)) {
            return Err(Error::Replay(ReplayError::Twice {
                one: earlier,
                other: file,
                case: Box::new(case),
                target: run.0,
                seed: run.1,
            }));
        }
    }
    if !bad.is_empty() {
        return Err(Error::Replay(ReplayError::Bad(bad)));
    }
    // Not before: where the input is bad, no earlier report is written over.
    let output = Output::new(args.strict, &args.reports)?;
    let targets = runs.iter().map(|((name, seed), cases)| {
        let runs_of_it = runs.keys().filter(|(other, _)| other == name).count();
        let name = match runs_of_it {
            1 => name.clone(),
            _ => format!("{name} (seed {seed})"),
        };
        target(name, cases, args.reports.full)
    });
    let stored = runs.values().flat_map(BTreeMap::values);
    let scenarios = stored.map(|(_, stored)| {
        let note = ScenarioNote::from(stored.plan.source.as_ref());
        (stored.header.case.scenario.clone(), note)
    });
    let report = RunReport {
        shard: None,
        scenarios: scenarios.collect(),
        format: RunReport::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: runs.keys().next().map_or(0, |(_, seed)| *seed),
        targets: targets.collect(),
        duration_ms: millis(clock.elapsed()),
    };
    output.write(&report)?;
    Ok(report.outcome(args.strict).code())
}

fn target(name: String, cases: &BTreeMap<CaseId, (String, Stored)>, full: bool) -> TargetReport {
    let mut stored = cases.values().map(|(_, stored)| stored);
    TargetReport {
        name,
        calibration: stored
            .clone()
            .find_map(|stored| stored.header.calibration.clone()),
        unavailable: None,
        cases: stored.by_ref().map(|stored| stored.judge(full)).collect(),
        ledger_problems: Vec::new(),
    }
}

/// The files that were named, and those in folders, each once and in the order of their names.
fn histories(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            walk(path, &mut files)?;
            if files.len() == before {
                let folder = path.display().to_string();
                return Err(Error::Replay(ReplayError::None(folder)));
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::File {
        file: folder.display().to_string(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == HISTORY) {
            files.push(path);
        }
    }
    Ok(())
}
