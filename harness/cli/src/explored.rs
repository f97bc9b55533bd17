//! `chatspec mutants --explore`: each mutant without a scenario.

use std::time::Duration;

use chatspec_judge::explore::Size;
use chatspec_judge::suite::Suite;
use chatspec_judge::verdict::Rate;
use chatspec_mutants::Mutant;
use chatspec_notation::ast::Transport;
use chatspec_report::mutants::explored::{ExploredMutant, ExploredMutants, Shown, write};
use chatspec_runner::explore::{Finding, Options, Spectator, explore};
use chatspec_runner::target::{Launcher, Target};
use indicatif::ProgressBar;

use crate::run::{launcher, millis};
use crate::{Error, view};

/// Explores each of `mutants`, and the server without a bug, one after the other: each must have the
/// time that it is said to have had.
pub(crate) async fn explored(
    suite: &Suite,
    mutants: &[Mutant],
    seconds: u64,
    seed: u64,
) -> Result<u8, Error> {
    let bench = Bench {
        suite,
        seed,
        time: Duration::from_secs(seconds),
        launcher: launcher()?,
        bar: Bar(ProgressBar::new(mutants.len() as u64 + 1)),
    };
    let clean = bench.explore(Mutant::NONE).await?;
    let mut told = ExploredMutants {
        seconds,
        mutants: Vec::new(),
        accused: clean.map(|finding| {
            let violations = finding.report.verdict.violations().iter();
            let said = violations.map(|violation| violation.summary.as_str());
            said.collect::<Vec<_>>().join("; ")
        }),
    };
    for mutant in mutants {
        let found = bench.explore(*mutant).await?;
        told.mutants.push(ExploredMutant {
            name: mutant.name().to_owned(),
            chapter: mutant.chapter().to_owned(),
            shown: found.map(|found| Shown {
                after_ms: millis(found.after),
                left: found.left,
                rate: found.report.rate.unwrap_or(Rate { broken: 1, runs: 1 }),
            }),
        });
    }
    bench.bar.0.finish_and_clear();
    view::to_stdout(|out| write(&told, &view::style(false), out))?;
    Ok(told.code())
}

struct Bench<'a> {
    suite: &'a Suite,
    seed: u64,
    time: Duration,
    launcher: Launcher,
    bar: Bar,
}

impl Bench<'_> {
    async fn explore(&self, mutant: Mutant) -> Result<Option<Finding>, Error> {
        self.bar.0.inc(1);
        self.bar.0.set_message(mutant.name());
        let target = Target::parse(&format!("mutant:{}", mutant.name()))?;
        let options = Options {
            seed: self.seed,
            time: self.time,
            chats: None,
            transports: Transport::ALL.to_vec(),
            file: format!("{}.chat", mutant.name()),
        };
        let explored = explore(&target, self.suite, &options, &self.launcher, &self.bar).await;
        // It runs in this very process.
        Ok(explored
            .map_err(|error| Error::Mutant(error.to_string()))?
            .finding)
    }
}

/// A bar, and nothing else.
struct Bar(ProgressBar);

impl Spectator for Bar {
    fn tried(&self, _chats: u64) {
        self.0.tick();
    }

    fn shows(&self, _size: Size) {
        self.0.tick();
    }
}
