//! `chatspec diff`: two targets on the same cases, or two reports.

use std::collections::BTreeSet;
use std::path::Path;

use chatspec_judge::ids::CaseId;
use chatspec_judge::suite::Suite;
use chatspec_judge::verdict::RunReport;
use chatspec_report::diff::{self, Comparison};
use chatspec_runner::conduct::{Options, judge_target};
use chatspec_runner::target::Target;

use crate::args::diff::DiffArgs;
use crate::choose::choose;
use crate::output::read;
use crate::{Error, suite, view};

/// Something was different.
const DIFFERENT: u8 = 1;

/// Something could not be judged.
const OPEN: u8 = 3;

/// What cannot be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiffError {
    /// A report has not exactly one target, and none was named.
    #[error("{file} has {number} targets; name one of them: {names}")]
    Which {
        /// The report.
        file: String,
        /// How many it has.
        number: usize,
        /// How each would be named.
        names: String,
    },
    /// A report has no target of that name.
    #[error("{file} has no target `{target}`; it has {names}")]
    NoTarget {
        /// The report.
        file: String,
        /// The name.
        target: String,
        /// Those that it has.
        names: String,
    },
}

/// One of both.
enum Side {
    Report(Box<RunReport>),
    Target(Box<Target>),
}

/// Compares, and says what differs.
pub(crate) async fn diff(args: DiffArgs) -> Result<u8, Error> {
    let sides = [side(&args.one)?, side(&args.other)?];
    let loaded = suite::load(args.scenarios.as_deref())?;
    let (loaded, cases) = choose(loaded, &args.patterns, args.over)?;
    let seed = args.seed.or_else(|| {
        sides.iter().find_map(|side| match side {
            Side::Report(report) => Some(report.seed),
            Side::Target(_) => None,
        })
    });
    let options = Options {
        client: None,
        jobs: usize::from(args.jobs),
        seed: seed.unwrap_or_else(crate::run::seed),
        retries: 0,
        full: true,
        again: Vec::new(),
    };
    let launcher = args.launch.launcher()?;
    let style = view::style(false);
    let is_chosen = !args.patterns.is_empty() || args.over.is_some();
    let mut reports = Vec::new();
    for side in sides {
        reports.push(match side {
            Side::Report(report) => of_cases(*report, &cases, is_chosen),
            Side::Target(target) => {
                let progress = view::Progress::new(cases.len(), style, None, None);
                let judged =
                    judge_target(&target, &loaded, &cases, &options, &launcher, &progress).await;
                progress.finish();
                run_of(judged, &loaded, &cases, options.seed)
            }
        });
    }
    let targets = reports
        .iter()
        .filter_map(|report| Some((report, report.targets.first()?)));
    let targets: Vec<_> = targets.collect();
    let [one, other] = targets.as_slice() else {
        return Ok(OPEN); // a side always has its target
    };
    let comparison = Comparison::new(*one, *other);
    view::to_stdout(|out| diff::write(&comparison, &style, out))?;
    Ok(match (comparison.is_different(), comparison.is_open()) {
        (true, _) => DIFFERENT,
        (false, true) => OPEN,
        (false, false) => 0,
    })
}

/// A report where there is such a file, else a target.
fn side(words: &str) -> Result<Side, Error> {
    let (file, name) = words
        .split_once(".json#")
        .map_or((words.to_owned(), None), |(file, name)| {
            (format!("{file}.json"), Some(name))
        });
    let path = Path::new(&file);
    let is_report = path.extension().is_some_and(|ending| ending == "json");
    if !is_report {
        return Ok(Side::Target(Box::new(Target::parse(words)?)));
    }
    let mut report = read(path)?;
    let names: Vec<String> = report
        .targets
        .iter()
        .map(|target| target.name.clone())
        .collect();
    match name {
        Some(name) => {
            report.targets.retain(|target| target.name == name);
            if report.targets.is_empty() {
                let target = name.to_owned();
                let names = names.join(", ");
                return Err(DiffError::NoTarget {
                    file,
                    target,
                    names,
                }
                .into());
            }
        }
        None if names.len() != 1 => {
            let number = names.len();
            let names: Vec<String> = names.iter().map(|name| format!("{file}#{name}")).collect();
            let names = names.join(", ");
            return Err(DiffError::Which {
                file,
                number,
                names,
            }
            .into());
        }
        None => {}
    }
    Ok(Side::Report(Box::new(report)))
}

/// The report with the chosen cases alone, where some were chosen.
fn of_cases(mut report: RunReport, cases: &[CaseId], is_chosen: bool) -> RunReport {
    let chosen: BTreeSet<&CaseId> = cases.iter().collect();
    for target in &mut report.targets {
        target
            .cases
            .retain(|case| !is_chosen || chosen.contains(&case.case));
    }
    report
}

fn run_of(
    judged: chatspec_judge::verdict::TargetReport,
    loaded: &Suite,
    cases: &[CaseId],
    seed: u64,
) -> RunReport {
    RunReport {
        format: RunReport::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed,
        duration_ms: 0,
        shard: None,
        scenarios: loaded.notes(cases),
        targets: vec![judged],
    }
}
