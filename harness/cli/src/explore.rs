//! `chatspec explore`

use std::path::PathBuf;
use std::time::Duration;

use chatspec_judge::explore::Size;
use chatspec_notation::ast::Transport;
use chatspec_report::explore::{Counterexample, Explored, write};
use chatspec_runner::clock::Clock;
use chatspec_runner::explore::{Options, Spectator, explore as try_chats};
use chatspec_runner::target::Target;
use indicatif::ProgressBar;

use crate::args::ExploreArgs;
use crate::run::{millis, seed};
use crate::{Error, suite, view};

/// Tries generated chats on a target; writes the one that shows a bug, and says what it shows.
pub(crate) async fn explore(args: ExploreArgs) -> Result<u8, Error> {
    let clock = Clock::start();
    let suite = suite::load(None)?;
    let target = Target::parse(&args.target)?;
    let seed = args.seed.unwrap_or_else(seed);
    let file = args
        .output
        .unwrap_or_else(|| PathBuf::from(format!("explored-{seed}.chat")));
    let options = Options {
        seed,
        time: Duration::from_secs(args.time),
        chats: args.cases,
        transports: if args.over.is_empty() {
            Transport::ALL.to_vec()
        } else {
            args.over
        },
        file: file.display().to_string(),
    };
    let bar = Bar(ProgressBar::new_spinner());
    let launcher = args.launch.launcher()?;
    let explored = try_chats(&target, &suite, &options, &launcher, &bar).await;
    bar.0.finish_and_clear();
    let mut told = Explored {
        target: target.name.clone(),
        seed,
        chats: 0,
        duration_ms: millis(clock.elapsed()),
        counterexample: None,
        guarantee: None,
        cut_short: None,
    };
    match explored {
        Err(error) => told.cut_short = Some(error.to_string()),
        Ok(explored) => {
            told.chats = explored.chats;
            told.cut_short = explored.cut_short;
            told.guarantee = explored.guarantee;
            if let Some(found) = explored.finding {
                view::to_file(&file, |out| out.write_all(found.text.as_bytes()))?;
                told.counterexample = Some(Counterexample {
                    number: found.number,
                    after_ms: millis(found.after),
                    found: found.found,
                    left: found.left,
                    text: found.text,
                    file: options.file,
                    report: found.report,
                });
            }
        }
    }
    view::to_stdout(|out| write(&told, &view::style(false), out))?;
    Ok(told.outcome().code())
}

/// How far it is, where standard error is a terminal.
struct Bar(ProgressBar);

impl Spectator for Bar {
    fn tried(&self, chats: u64) {
        self.0.set_message(format!("{chats} chats tried"));
        self.0.tick();
    }

    fn shows(&self, size: Size) {
        self.0.set_message(format!(
            "a bug shows with {} clients and {} steps",
            size.clients, size.steps
        ));
        self.0.tick();
    }
}
