//! `chatspec`: arguments in, exit code out. What it does is done by the crates beside it.

mod args;
#[cfg(feature = "bench")]
mod bench;
#[cfg(feature = "bench")]
mod bench_view;
mod choose;
mod coverage;
mod diff;
mod doctor;
mod explain;
mod explore;
mod explored;
mod findings;
mod fmt;
mod init;
mod ledger;
mod merge;
mod mutants;
mod output;
mod replay;
mod run;
mod suite;
mod view;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Added to the number of a signal, it is the exit code of what the signal ended.
const SIGNALLED: u8 = 128;

/// Bad usage, a bad scenario, a file that cannot be read or written.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A log that nobody reads any more is no reason to stop.
        .log_internal_errors(false)
        .init();
    let done = match args.command {
        Command::Run(args) => unless_told_to_end(Box::pin(run::run(args))).await,
        Command::Explore(args) => unless_told_to_end(Box::pin(explore::explore(args))).await,
        Command::Diff(args) => unless_told_to_end(Box::pin(diff::diff(args))).await,
        Command::Mutants(args) => unless_told_to_end(Box::pin(mutants::mutants(args))).await,
        #[cfg(feature = "bench")]
        Command::Bench(args) => unless_told_to_end(Box::pin(bench::run(*args))).await,
        Command::Doctor(args) => unless_told_to_end(Box::pin(doctor::doctor(args))).await,
        // It hears the signals itself, and ends in good order.
        Command::Serve(args) => serve(args).await,
        // These are done at once, and die of a signal like any program.
        Command::Init(args) => init::init(*args),
        Command::Coverage(args) => coverage::coverage(&args),
        Command::Findings(args) => findings::findings(&args),
        Command::List(args) => explain::list(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Fmt(args) => fmt::fmt(&args),
        Command::Merge(args) => merge::merge(&args),
        #[cfg(feature = "bench")]
        Command::NullServer(args) => bench::null_server(&args),
        Command::Replay(args) => replay::replay(&args),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            view::complain(&error);
            ExitCode::from(USAGE)
        }
    }
}

/// Does `work`, or drops it when a signal says so, which ends every process and container that it
/// started. The exit code then tells of the signal, as shells have it.
async fn unless_told_to_end(work: impl Future<Output = Result<u8, Error>>) -> Result<u8, Error> {
    let told = |kind: SignalKind, name: &'static str| async move {
        let mut signals = signal(kind).map_err(Error::Signals)?;
        signals.recv().await;
        Ok::<_, Error>((kind, name))
    };
    let (kind, name) = tokio::select! {
        // Signals are heard before the work begins.
        biased;
        told = told(SignalKind::interrupt(), "SIGINT") => told?,
        told = told(SignalKind::terminate(), "SIGTERM") => told?,
        told = told(SignalKind::hangup(), "SIGHUP") => told?,
        done = work => return done,
    };
    view::say(&format!("ended by {name}, before there was a result"));
    Ok(SIGNALLED.saturating_add(u8::try_from(kind.as_raw_value()).unwrap_or_default()))
}

async fn serve(args: reference_server::cli::Args) -> Result<u8, Error> {
    match reference_server::cli::run(args, &mut std::io::stdout()).await {
        Ok(()) => Ok(0),
        Err(error) => {
            view::complain(&error);
            Ok(error.exit_code())
        }
    }
}

/// What ends a command before it has a result. The fault is the user's, or the file system's.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The scenarios are not usable.
    #[error(transparent)]
    Suite(suite::SuiteError),
    /// The chosen cases are not there.
    #[error(transparent)]
    Choice(choose::ChoiceError),
    /// A target is not usable.
    #[error(transparent)]
    Target(#[from] chatspec_runner::target::SpecError),
    /// A client is not usable.
    #[error(transparent)]
    Client(#[from] chatspec_runner::foreign::ClientError),
    /// A file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// Standard output cannot be written to, and not because its reader has seen enough.
    #[error("the report could not be written: {0}")]
    Output(std::io::Error),
    /// Standard input cannot be read.
    #[error("standard input: {0}")]
    Input(std::io::Error),
    /// The operating system does not say where this program is.
    #[error("this program cannot find itself, which it must to start the reference: {0}")]
    Myself(std::io::Error),
    /// The operating system refuses to report signals.
    #[error("signals cannot be heard: {0}")]
    Signals(std::io::Error),
    /// Scenario files have mistakes, which are already drawn.
    #[error("{}", files(.0.len()))]
    Mistakes(Vec<chatspec_notation::ParseError>),
    /// Files that should be histories are not.
    #[error(transparent)]
    Replay(#[from] replay::ReplayError),
    /// Reports say nothing of the servers that they should be about.
    #[error(transparent)]
    Findings(findings::FindingsError),
    /// A file is no report of a run.
    #[error(transparent)]
    Report(#[from] output::ReportError),
    /// Reports cannot be put together.
    #[error(transparent)]
    Merge(#[from] merge::MergeError),
    /// Targets cannot be compared.
    #[error(transparent)]
    Diff(#[from] diff::DiffError),
    /// Two targets cannot be told apart.
    #[error("two targets are called `{0}`: name each once")]
    SameName(String),
    /// Two targets would write into one ledger.
    #[error(
        "two targets have the ledger in {0}, and what fails on the one may pass on the other: write it \
         for one at a time"
    )]
    SameLedger(String),
    /// A ledger cannot be written.
    #[error(transparent)]
    Ledger(#[from] chatspec_runner::target::WriteLedgerError),
    /// A part of this program broke.
    #[error("this program broke while it judged a mutant, which is a bug of ours: {0}")]
    Task(tokio::task::JoinError),
    /// A bench cannot be done.
    #[cfg(feature = "bench")]
    #[error(transparent)]
    Bench(#[from] bench::BenchError),
    /// The drivers of other clients have no words for what a target.toml may say.
    #[error(
        "{0} is not spoken to as the seed contract has it ([connection], [events] or `lacks` in its \
         target.toml), and clients of others know nothing else; leave --client out"
    )]
    OneLanguage(String),
    /// A target.toml cannot be written.
    #[error(transparent)]
    Init(#[from] init::InitError),
    /// A mutant that cannot be asked for.
    #[error("{0}")]
    Mutant(String),
}

fn files(number: usize) -> String {
    match number {
        1 => "1 file has mistakes".to_owned(),
        many => format!("{many} files have mistakes"),
    }
}

impl From<suite::SuiteError> for Error {
    fn from(error: suite::SuiteError) -> Self {
        use chatspec_judge::suite::SuiteError::Scenarios;
        match error {
            suite::SuiteError::Mistakes(Scenarios(mistakes)) => Self::Mistakes(mistakes),
            other => Self::Suite(other),
        }
    }
}

impl From<choose::ChoiceError> for Error {
    fn from(error: choose::ChoiceError) -> Self {
        match error {
            choose::ChoiceError::Suite(error) => error.into(),
            other => Self::Choice(other),
        }
    }
}
