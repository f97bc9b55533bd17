//! `chatspec mutants`: every scenario against every mutant.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chatspec_judge::expand::expand;
use chatspec_judge::ids::{CaseId, ScenarioId};
use chatspec_judge::plan::Source;
use chatspec_judge::suite::{Suite, transports};
use chatspec_judge::verdict::{CaseReport, TargetReport, Verdict};
use chatspec_mutants::Mutant;
use chatspec_report::mutants::{MutantMatrix, MutantRow, ScenarioRow, write, write_json};
use chatspec_runner::clock::Clock;
use chatspec_runner::conduct::{Audience, Options, Record, judge_target};
use chatspec_runner::target::{Launcher, Target};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use indicatif::ProgressBar;

use crate::args::MutantsArgs;
use crate::explored::explored;
use crate::run::{launcher, millis, seed};
use crate::{Error, suite, view};

/// Mutants mostly have their cases wait for what never comes, so many may wait at once; but two
/// cores are soon full of those that do not.
const MUTANTS_AT_ONCE: usize = 8;
const JOBS: usize = 24;

/// A scenario of more operations than this is a long one: a crowd, a burst, many rounds. The few of
/// them cost more than all others together, and on a mutant that is silent where it should speak they
/// wait for half a minute.
const LONG: usize = 100;

/// Runs the matrix and says what is wrong about it.
pub(crate) async fn mutants(args: MutantsArgs) -> Result<u8, Error> {
    let clock = Clock::start();
    let loaded = suite::load(args.scenarios.as_deref())?;
    let cases: Arc<[CaseId]> = loaded.cases().collect();
    let chosen = chosen(&args.mutants)?;
    if let Some(seconds) = args.explore {
        let seed = args.seed.unwrap_or_else(seed);
        return explored(&loaded, &chosen, seconds, seed).await;
    }
    if let Some(file) = &args.json {
        view::to_file(file, |_| Ok(()))?;
    }
    let bench = Arc::new(Bench {
        suite: loaded,
        seed: args.seed.unwrap_or_else(seed),
        launcher: launcher()?,
        bar: Quiet(ProgressBar::new(cases.len() as u64)),
    });
    // The right server runs alone: it must not be disturbed into failing.
    let clean = bench.clean(&cases).await?;
    let long = long(&bench.suite);
    let mut reports: BTreeMap<_, _> = futures_util::stream::iter(chosen.iter().copied())
        .map(|mutant| {
            let cases = if args.strict {
                Arc::clone(&cases)
            } else {
                telling(&bench.suite, &long, mutant.name())
            };
            bench.bar.0.inc_length(cases.len() as u64);
            let bench = Arc::clone(&bench);
            // A task for each, so that they share the cores.
            tokio::spawn(async move { bench.judge(mutant, &cases, JOBS).await })
                .map(move |report| Ok::<_, Error>((mutant.name(), report.map_err(Error::Task)??)))
        })
        .buffer_unordered(MUTANTS_AT_ONCE)
        .try_collect()
        .await?;
    // A bug of timing hides where everything is late. So what a scenario claims and the crowd did
    // not show is looked at again in quiet, as `chatspec run` would see it.
    for mutant in &chosen {
        let Some(report) = reports.get_mut(mutant.name()) else {
            continue;
        };
        let cases = unproven(&bench.suite, report, mutant.name());
        if !cases.is_empty() {
            bench.bar.0.inc_length(cases.len() as u64);
            let again = bench.judge(*mutant, &cases, 1).await?;
            report.cases.extend(again.cases);
        }
    }
    bench.bar.0.finish_and_clear();
    let matrix = MutantMatrix {
        scenarios: rows(&bench.suite, &reports, args.mutants.is_empty(), &chosen),
        mutants: chosen
            .iter()
            .map(|mutant| MutantRow {
                name: mutant.name().to_owned(),
                summary: mutant.summary().to_owned(),
            })
            .collect(),
        clean,
        strict: args.strict,
        duration_ms: millis(clock.elapsed()),
    };
    view::to_stdout(|out| write(&matrix, &view::style(false), out))?;
    if let Some(file) = &args.json {
        view::to_file(file, |out| write_json(&matrix, out))?;
    }
    Ok(matrix.code())
}

fn chosen(names: &[String]) -> Result<Vec<Mutant>, Error> {
    if names.is_empty() {
        return Ok(Mutant::all().collect());
    }
    let parse = |name: &String| {
        let mutant: Mutant = name
            .parse()
            .map_err(|error: chatspec_mutants::UnknownMutant| Error::Mutant(error.to_string()))?;
        if mutant.is_right() {
            let why =
                format!("`{mutant}` is the server without a bug: it is always run, and must pass");
            return Err(Error::Mutant(why));
        }
        Ok(mutant)
    };
    names.iter().map(parse).collect()
}

/// What judging a mutant takes.
struct Bench {
    suite: Suite,
    seed: u64,
    launcher: Launcher,
    bar: Quiet,
}

impl Bench {
    /// The cases that a right server does not pass: as it is, and with its extensions what needs those.
    async fn clean(&self, cases: &[CaseId]) -> Result<Vec<String>, Error> {
        let plain = self.judge(Mutant::NONE, cases, JOBS).await?;
        let skipped = |case: &&CaseReport| matches!(case.verdict, Verdict::Skipped { .. });
        let left = plain.cases.iter().filter(skipped);
        let left: Vec<_> = left.map(|case| case.case.clone()).collect();
        let extended = self.judge(Mutant::EXTENDED, &left, JOBS).await?;
        let mut broken = broken(&plain);
        broken.extend(self::broken(&extended));
        Ok(broken)
    }

    async fn judge(
        &self,
        mutant: Mutant,
        cases: &[CaseId],
        jobs: usize,
    ) -> Result<TargetReport, Error> {
        let target = Target::parse(&format!("mutant:{}", mutant.name()))?;
        let options = Options {
            full: false,
            jobs,
            seed: self.seed,
            retries: 0,
            client: None,
            again: Vec::new(),
        };
        let (suite, launcher) = (&self.suite, &self.launcher);
        Ok(judge_target(&target, suite, cases, &options, launcher, &self.bar).await)
    }
}

/// The cases that tell enough of `mutant`: each scenario on one of its transports, for few bugs hide
/// on one of them, and those are named; and of the long scenarios those that name it.
fn telling(suite: &Suite, long: &BTreeSet<ScenarioId>, mutant: &str) -> Arc<[CaseId]> {
    let cases = suite.scenarios().filter_map(|(id, source)| {
        let transport = *transports(source).first()?;
        (names(source, mutant) || !long.contains(id)).then(|| CaseId {
            scenario: id.clone(),
            transport,
        })
    });
    cases.collect()
}

/// The scenarios that are long, on the first of their transports.
fn long(suite: &Suite) -> BTreeSet<ScenarioId> {
    let long = suite.scenarios().filter(|(id, source)| {
        transports(source).first().is_some_and(|transport| {
            let case = CaseId {
                scenario: (*id).clone(),
                transport: *transport,
            };
            expand(Arc::clone(source), case, 0, 0).ops.len() > LONG
        })
    });
    long.map(|(id, _)| id.clone()).collect()
}

fn names(source: &Source, mutant: &str) -> bool {
    let mut catches = source.scenario.catches.iter();
    catches.any(|name| name.value.as_str() == mutant)
}

/// The cases of the scenarios that name `mutant` and did not catch it.
fn unproven(suite: &Suite, report: &TargetReport, mutant: &str) -> Vec<CaseId> {
    let names = |case: &CaseId| {
        let source = suite.scenario(&case.scenario);
        source.is_some_and(|source| names(source, mutant))
    };
    suite
        .cases()
        .filter(|case| names(case) && !catches(report, &case.scenario))
        .collect()
}

/// Whether a scenario failed, on one transport or more.
fn catches(report: &TargetReport, scenario: &ScenarioId) -> bool {
    let mut cases = report.cases.iter();
    cases.any(|case| case.case.scenario == *scenario && is_caught(case))
}

/// A row for each scenario. When only some mutants were run, the others are not asked about.
fn rows(
    suite: &Suite,
    reports: &BTreeMap<&str, TargetReport>,
    all: bool,
    chosen: &[Mutant],
) -> Vec<ScenarioRow> {
    let asked = |name: &str| all || chosen.iter().any(|mutant| mutant.name() == name);
    let rows = suite.scenarios().map(|(id, source)| ScenarioRow {
        id: id.to_string(),
        catches: source
            .scenario
            .catches
            .iter()
            .map(|mutant| mutant.value.to_string())
            .filter(|name| asked(name))
            .collect(),
        caught: reports
            .iter()
            .filter(|(_, report)| catches(report, id))
            .map(|(name, _)| (*name).to_owned())
            .collect(),
    });
    rows.filter(|row| all || !row.catches.is_empty()).collect()
}

fn is_caught(case: &CaseReport) -> bool {
    !case.verdict.violations().is_empty()
}

/// The cases of the right server that are anything but a pass.
fn broken(report: &TargetReport) -> Vec<String> {
    if let Some(cause) = &report.unavailable {
        return vec![cause.clone()];
    }
    let broken = report
        .cases
        .iter()
        .filter(|case| !matches!(case.verdict, Verdict::Pass | Verdict::Skipped { .. }));
    broken.map(|case| case.case.to_string()).collect()
}

/// A bar, and nothing else.
struct Quiet(ProgressBar);

impl Audience for Quiet {
    fn judged(&self, _target: &str, _report: &CaseReport, _record: &Record<'_>) {
        self.0.inc(1);
    }
}
