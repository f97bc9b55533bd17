//! The command line of `chatspec diff`.

use std::path::PathBuf;

use chatspec_notation::ast::Transport;

use super::launch::LaunchArgs;
use super::transport;

const EXAMPLES: &str = "\
Examples:
  chatspec diff reference http://127.0.0.1:3000        both are run on the same cases
  chatspec diff ci/servers/node-original reference chat/acks
                                                       a chapter only
  chatspec diff old.json new.json                      two reports that `run --full --json` wrote
  chatspec diff both.json#reference both.json#mine     two targets of one report

What a client got is compared as a bag: where the contract gives an order, a wrong one is a
verdict already. Times, session ids and the names of rooms are told alike. A difference in which
neither breaks anything that binds is a gap in the contract.

Exit codes:
  0  no difference     1  some     2  bad usage
  3  no difference, but something could not be judged";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DiffArgs {
    /// A target, in the words of `chatspec run`, or a report (FILE.json, FILE.json#TARGET)
    #[arg(value_name = "A")]
    pub(crate) one: String,
    /// The other
    #[arg(value_name = "B")]
    pub(crate) other: String,
    /// Which cases: globs over ids, chapters, or .chat files; all unless stated
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// A folder of scenarios that are added, or put in place of those with the same ids
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// Only this transport: websocket, polling or upgrade; all that a scenario names unless stated
    #[arg(long, value_name = "TRANSPORT", value_parser = transport)]
    pub(crate) over: Option<Transport>,
    #[command(flatten)]
    pub(crate) launch: LaunchArgs,
    /// How many cases run side by side
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) jobs: u16,
    /// Where generated names come from; another one for each run unless stated
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}
