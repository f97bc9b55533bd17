//! The binary: the library's command line, and its log on stderr.

use std::io::stderr;
use std::process::ExitCode;

use clap::Parser;
use reference_server::{LogFormat, cli};
use tracing_subscriber::EnvFilter;

/// The reference Socket.IO chat server
#[derive(Parser)]
#[command(name = "reference-server", version, after_help = cli::EXAMPLES)]
struct Command {
    #[command(flatten)]
    args: cli::Args,
}

#[tokio::main]
#[expect(
    clippy::print_stderr,
    reason = "a binary tells its user what went wrong"
)]
async fn main() -> ExitCode {
    match run(Command::parse().args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(args: cli::Args) -> Result<(), cli::Error> {
    let out = &mut std::io::stdout();
    if args.print_config || args.probe {
        return cli::run(args, out).await;
    }
    let config = args.config()?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        // A log that nobody reads any more is no reason to stop.
        .log_internal_errors(false);
    match config.log_format {
        LogFormat::Json => log.json().init(),
        _ => log.init(),
    }
    cli::run_with(config, out).await
}
