//! `chatspec run`

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::shard::Shard;
use chatspec_judge::verdict::RunReport;
use chatspec_runner::clock::Clock;
use chatspec_runner::conduct::{Options, judge_target};
use chatspec_runner::foreign::{Driver, ForeignClient};
use chatspec_runner::target::{Launcher, Patience, Target};

use crate::args::RunArgs;
use crate::choose::choose;
use crate::output::Output;
use crate::{Error, ledger, suite, view};

/// Judges every target, one after the other, and reports.
pub(crate) async fn run(args: RunArgs) -> Result<u8, Error> {
    let clock = Clock::start();
    let loaded = suite::load(args.scenarios.as_deref())?;
    let (loaded, cases) = choose(loaded, &args.patterns, args.over)?;
    let mut targets = targets(&args.targets)?;
    if let (true, Some(over)) = (cases.is_empty(), args.over) {
        view::say(&format!("no case that was chosen runs over {over}"));
        targets.clear(); // they would be started for nothing
    }
    // What cannot be written is said before the work, not after it.
    let ledgers = if args.write_ledger {
        ledger::files(&targets)?
    } else {
        Vec::new()
    };
    let output = Output::new(args.strict, &args.reports)?;
    let scenarios = loaded.notes(&cases);
    let shard = args
        .shard
        .map(|part| Shard::new(part, &cases, &scenarios, args.retries));
    let cases = shard.as_ref().map_or(cases, Shard::cases);
    for folder in [&args.transcripts, &args.histories].into_iter().flatten() {
        view::folder(folder)?;
    }
    let client = args
        .client
        .as_deref()
        .map(ForeignClient::read)
        .transpose()?;
    if client.is_some()
        && let Some(target) = targets.iter().find(|target| !target.manners.are_plain())
    {
        return Err(Error::OneLanguage(target.name.clone()));
    }
    let through = client
        .iter()
        .flat_map(|client| ["--client".to_owned(), client.argument.clone()]);
    if let Some(client) = client.as_ref().filter(|_| args.launch.setup) {
        client.set_up().await?;
    }
    let options = Options {
        jobs: usize::from(args.jobs),
        seed: args.seed.unwrap_or_else(seed),
        retries: args.retries,
        full: args.reports.full,
        again: args
            .scenarios
            .iter()
            .flat_map(|folder| ["--scenarios".to_owned(), folder.display().to_string()])
            .chain(through)
            .collect(),
        client: client.map(|client| Arc::new(Driver::new(client))),
    };
    let launcher = args.launch.launcher()?;
    let total = cases.len() * targets.len();
    let progress = view::Progress::new(total, output.style(), args.transcripts, args.histories);
    let mut report = RunReport {
        format: RunReport::FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: options.seed,
        duration_ms: 0,
        scenarios: loaded.notes(&cases),
        shard,
        targets: Vec::new(),
    };
    for target in &targets {
        if let Some(setup) = target.setup().filter(|_| launcher.setup) {
            progress.preparing(target, setup);
        }
        let judged = judge_target(target, &loaded, &cases, &options, &launcher, &progress).await;
        progress.target(&judged);
        report.targets.push(judged);
    }
    report.duration_ms = millis(clock.elapsed());
    progress.finish();
    output.write(&report)?;
    ledger::write(&ledgers, &targets, &report, &loaded, &output.style())?;
    progress.lost()?;
    Ok(report.outcome(args.strict).code())
}

/// The targets that were named, each by a name of its own.
pub(crate) fn targets(arguments: &[String]) -> Result<Vec<Target>, Error> {
    let mut targets: Vec<Target> = Vec::new();
    for argument in arguments {
        let target = Target::parse(argument)?;
        if targets.iter().any(|other| other.name == target.name) {
            return Err(Error::SameName(target.name));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// How the reference is started: this very program, as a process of its own.
pub(crate) fn launcher() -> Result<Launcher, Error> {
    let program = std::env::current_exe().map_err(Error::Myself)?;
    Ok(Launcher {
        reference: vec![program.clone().into(), "serve".into()],
        null: vec![program.into(), "null-server".into()],
        patience: Patience::default(),
        setup: false,
    })
}

/// A seed that differs from run to run; short, because people copy it.
pub(crate) fn seed() -> u64 {
    const SHORT: u64 = 1_000_000;
    RandomState::new().hash_one(std::process::id()) % SHORT
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
