//! The binary: the library's command line, and its log on stderr.

use std::io::stderr;
use std::process::ExitCode;

use clap::Parser;
use reference_server::cli;
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
    let command = Command::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .init();
    match cli::run(command.args, &mut std::io::stdout()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
