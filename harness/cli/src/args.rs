//! The command line.

use std::path::PathBuf;

use chatspec_notation::ast::Transport;
use clap::{Parser, Subcommand};
use launch::LaunchArgs;

#[cfg(feature = "bench")]
pub(crate) mod bench;
pub(crate) mod diff;
#[cfg(test)]
mod docs;
mod launch;
pub(crate) mod merge;

/// Conformance suite for Socket.IO chat servers
///
/// Simulated clients join rooms, are welcomed, write and read, and everything the server sends is
/// held against the contract. Without a target, the reference server that is built in is judged.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge chat servers
    Run(RunArgs),
    /// Judge histories that a run has stored, without any server
    Replay(ReplayArgs),
    /// Look at a chat server before judging it: what it speaks, and what its target.toml still lacks
    Doctor(DoctorArgs),
    /// Write a target.toml from flags, or from a few questions
    Init(Box<InitArgs>),
    /// Run the reference server
    #[command(after_help = reference_server::cli::EXAMPLES)]
    Serve(reference_server::cli::Args),
    /// Show the scenarios there are
    List(ListArgs),
    /// Explain one scenario: why it exists, what it checks, what it says
    Explain(ExplainArgs),
    /// Write scenario files in their canonical form
    Fmt(FmtArgs),
    /// Try chats that nobody wrote, until one shows a bug; write the smallest that still shows it
    Explore(ExploreArgs),
    /// Prove that the scenarios can fail: run them on servers with a bug each
    Mutants(MutantsArgs),
    /// Measure how long a message takes to everyone in its room, and how much a server can hold
    #[cfg(feature = "bench")]
    Bench(Box<bench::BenchArgs>),
    /// Put together what the parts of a run, or of a bench, have found on several machines
    Merge(merge::MergeArgs),
    /// Show where two targets do different things in the same cases
    Diff(diff::DiffArgs),
    /// Run the server that does next to nothing
    #[command(hide = true)]
    #[cfg(feature = "bench")]
    NullServer(bench::NullArgs),
    /// Show which behaviours of a chat the scenarios check, and why not the others
    #[command(after_help = COVERAGE_EXIT_CODES)]
    Coverage(CoverageArgs),
    /// Tell what was found on several servers, as a page in Markdown
    #[command(after_help = FINDINGS_EXAMPLES)]
    Findings(FindingsArgs),
}

const RUN_EXAMPLES: &str = "\
Examples:
  chatspec run                                         judge the reference
  chatspec run --target http://127.0.0.1:3000          a server that runs already
  chatspec run --target cmd:'node server.js'           one to be started; it listens on $PORT
  chatspec run --target image:my/chat#8080             one in a container
  chatspec run --target reference --target ci/servers/node-original
                                                       two, side by side in one report
  chatspec run --setup --target ci/servers/nestjs      installs first what its target.toml says
  chatspec run chat/acks --over polling                a chapter, on one transport
  chatspec run 'chat/*/once*@websocket' --seed 7       chosen cases, with given names
  chatspec run my-case.chat                            a scenario of your own
  chatspec run --junit junit.xml --html report.html    for your CI
  chatspec run --markdown \"$GITHUB_STEP_SUMMARY\"       a step summary; annotations come by themselves
  chatspec run --baseline old.json --json new.json     what has changed since
  chatspec run --seed 7 --shard 2/3 --json 2.json      a third of it; `chatspec merge` has the whole
  chatspec run --target my/target.toml --write-ledger --retries 5
                                                       excuse what fails each time

Targets:
  reference           the reference server (the default)
  mutant:NAME         the self-test server with one bug, with `none`, or `extended` (none,
                      and it also says who leaves and which rooms there are)
  http://host:port    a running server; a path other than /socket.io/ may follow
  cmd:COMMAND         a command, started with PORT in its environment
  image:NAME          a container image; its server listens on 3000, or image:NAME#PORT
  PATH                a target.toml or its folder; PATH#image takes its container

Exit codes:
  0  conformant        1  not conformant       2  bad usage or a bad scenario
  3  inconclusive      4  nothing was run";

#[derive(Debug, clap::Args)]
#[command(after_help = RUN_EXAMPLES)]
pub(crate) struct RunArgs {
    /// Which cases: globs over ids, chapters, or .chat files; all unless stated
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// What to judge; may be given several times
    #[arg(long = "target", value_name = "T", default_value = "reference")]
    pub(crate) targets: Vec<String>,
    /// The folder of a client that takes part in place of our own (ci/clients has some); what it cannot do
    /// is skipped
    #[arg(long, value_name = "DIR", conflicts_with = "write_ledger")]
    pub(crate) client: Option<PathBuf>,
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
    /// Where generated names come from; another one for each run unless stated, and printed with
    /// the report
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How often a broken case is run again, alone, to tell how often it is broken; it stays broken
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) retries: u32,
    /// Which part of the cases, of how many: `2/3`; `chatspec merge` puts the reports together
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "seed")]
    pub(crate) shard: Option<(u32, u32)>,
    /// Let a broken `should` fail the run
    #[arg(long)]
    pub(crate) strict: bool,
    /// Write what fails into the ledger in the target's target.toml, and take out what passes now;
    /// the exit code is that of the run all the same
    #[arg(long)]
    pub(crate) write_ledger: bool,
    #[command(flatten)]
    pub(crate) reports: ReportArgs,
    /// Write what happened in each case, as a scenario that can be run, below DIR/TARGET
    #[arg(long, value_name = "DIR")]
    pub(crate) transcripts: Option<PathBuf>,
    /// Write the history of each case below DIR/TARGET; `chatspec replay DIR` judges it again. Each
    /// line is of schemas/history.schema.json
    #[arg(long, value_name = "DIR")]
    pub(crate) histories: Option<PathBuf>,
}

/// Where a report on cases goes besides the terminal.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct ReportArgs {
    /// Write a page with every failure in full, in one file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write Markdown, as for a step summary
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    #[expect(clippy::doc_markdown, reason = "clap prints it as it is")]
    /// Write JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write JSON (schemas/report.schema.json)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Keep in JSON and HTML what happened in cases that passed, too; `chatspec diff` compares it
    #[arg(long)]
    pub(crate) full: bool,
    /// Write the JSON of a badge, as shields.io reads it from an endpoint
    #[arg(long, value_name = "FILE")]
    pub(crate) badge: Option<PathBuf>,
    /// Show what has changed since a report that --json wrote before; the exit code is that of this run
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    #[expect(clippy::doc_markdown, reason = "clap prints it as it is")]
    /// Print GitHub annotations behind the report; auto is where GITHUB_ACTIONS is `true`
    #[arg(long, value_name = "WHEN", default_value = "auto", default_missing_value = "always", num_args = 0..=1, require_equals = true)]
    pub(crate) annotations: When,
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  chatspec doctor http://127.0.0.1:3000       a server that runs already
  chatspec doctor my/target.toml              one that is described

Exit codes:
  0  it can be judged        1  something is to be mended first        2  bad usage
  3  it is not there, or is no Socket.IO server";

#[derive(Debug, clap::Args)]
#[command(after_help = DOCTOR_EXAMPLES)]
pub(crate) struct DoctorArgs {
    /// What to look at; the words are those of `chatspec run --target`
    #[arg(value_name = "T")]
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) launch: LaunchArgs,
}

const INIT_EXAMPLES: &str = "\
Examples:
  chatspec init                                        asks, on a terminal
  chatspec init --command 'node server.js'             a chat that has the seed's own events
  chatspec init --url https://chat.example --namespace /chat --auth '{\"token\": \"let-me-in\"}' \\
    --enter '[\"join\", {\"name\": \"$nickname\", \"room\": \"$room\"}]' --enter-answer '[\"joined\"]' \\
    --welcome '[\"user joined\", {\"name\": \"$nickname\"}]' \\
    --say '[\"message\", \"$text\"]' --say-answer echo \\
    --relay '[\"message\", {\"from\": \"$nickname\", \"text\": \"$text\"}]'

Events are JSON, as a browser shows them: a list with the name in front. $nickname, $room and $text stand for
what differs from time to time, and $_ for whatever is there. An answer is ack, none, echo, or an event.";

#[derive(Debug, clap::Args)]
#[command(after_help = INIT_EXAMPLES)]
pub(crate) struct InitArgs {
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "target.toml")]
    pub(crate) output: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// What it is called; the name of its folder unless stated
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// A command that starts it; it listens on the port in PORT
    #[arg(long, conflicts_with_all = ["url", "image"])]
    pub(crate) command: Option<String>,
    /// What has to be done once before
    #[arg(long, value_name = "COMMAND", requires = "command")]
    pub(crate) setup: Option<String>,
    /// Where it runs already
    #[arg(long, conflicts_with = "image")]
    pub(crate) url: Option<String>,
    /// A container image
    #[arg(long)]
    pub(crate) image: Option<String>,
    /// The port that it listens on in the container
    #[arg(long, requires = "image", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// The path of its Engine.IO endpoint
    #[arg(long)]
    pub(crate) path: Option<String>,
    /// The namespace of the chat
    #[arg(long)]
    pub(crate) namespace: Option<String>,
    /// What the query of each request has besides; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) query: Vec<String>,
    /// A header of each request; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) header: Vec<String>,
    /// A cookie; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) cookie: Vec<String>,
    /// The payload of the CONNECT packet
    #[arg(long, value_name = "JSON")]
    pub(crate) auth: Option<String>,
    /// Certificates of an authority of your own, in PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<String>,
    /// What a client emits to enter a room; [] if it need only connect
    #[arg(long, value_name = "EVENT")]
    pub(crate) enter: Option<String>,
    /// What answers that
    #[arg(long, value_name = "ANSWER")]
    pub(crate) enter_answer: Option<String>,
    /// What the others hear of it
    #[arg(long, value_name = "EVENT")]
    pub(crate) welcome: Option<String>,
    /// What a client emits to say something
    #[arg(long, value_name = "EVENT")]
    pub(crate) say: Option<String>,
    /// What answers that
    #[arg(long, value_name = "ANSWER")]
    pub(crate) say_answer: Option<String>,
    /// What the others hear of it
    #[arg(long, value_name = "EVENT")]
    pub(crate) relay: Option<String>,
    /// What they hear when somebody leaves
    #[arg(long, value_name = "EVENT")]
    pub(crate) bye: Option<String>,
    /// An event of the chat's own; may be given several times
    #[arg(long, value_name = "EVENT")]
    pub(crate) ignore: Vec<String>,
    /// What the chat lacks (ci/servers/DIALECTS.md); may be given several times
    #[arg(long, value_name = "ABILITY")]
    pub(crate) lacks: Vec<String>,
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  chatspec run --target http://127.0.0.1:3000 --histories histories
  chatspec replay histories                            the same report, without the server
  chatspec replay histories/*/chat/acks/*.jsonl        some of it

Ledger entries that no case answers to are no part of a history, and are not told again.

Exit codes are those of `chatspec run`; 2 is also for files that are no histories.";

#[derive(Debug, clap::Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub(crate) struct ReplayArgs {
    /// Histories (.jsonl), or folders of them
    #[arg(value_name = "FILE", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Let a broken `should` fail the replay
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) reports: ReportArgs,
}

const EXPLORE_EXAMPLES: &str = "\
Examples:
  chatspec explore                                     half a minute on the reference
  chatspec explore --target http://127.0.0.1:3000 --time 600
  chatspec explore --target ci/servers/mine --seed 7 --cases 500
                                                       the same chats again, as far as the 500th
  chatspec run explored-7.chat --retries 9             what was found, ten times

Exit codes:
  0  no chat showed a bug     1  one did, and is written to a file     2  bad usage
  3  the target was not there, or not to the end";

#[derive(Debug, clap::Args)]
#[command(after_help = EXPLORE_EXAMPLES)]
pub(crate) struct ExploreArgs {
    /// What to judge; the words are those of `chatspec run`
    #[arg(long, value_name = "T", default_value = "reference")]
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) launch: LaunchArgs,
    /// Where every choice comes from; another one for each run unless stated
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How long to look, in seconds; to make smaller what was found takes up to half a minute more
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) time: u64,
    /// How many chats to try at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) cases: Option<u64>,
    /// Only this transport: websocket, polling or upgrade; may be given several times
    #[arg(long, value_name = "TRANSPORT", value_parser = transport)]
    pub(crate) over: Vec<Transport>,
    /// Where to write what was found; explored-SEED.chat unless stated
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Which scenarios: globs over ids, chapters, or .chat files; all unless stated
    #[arg(value_name = "PATTERN")]
    pub(crate) patterns: Vec<String>,
    /// A folder of scenarios that are added, or put in place of those with the same ids
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const COVERAGE_EXIT_CODES: &str = "\
Exit codes:
  0  every behaviour has its scenarios or its reason       1  some has neither
  2  bad usage or a bad scenario";

const FINDINGS_EXAMPLES: &str = "\
Examples:
  chatspec run --target ci/servers/nestjs --json reports/nestjs.json
  chatspec findings --reports reports ci/servers/nestjs > FINDINGS.md

Exit codes:
  0  the page is written       2  bad usage, or a report that is missing";

#[derive(Debug, clap::Args)]
pub(crate) struct FindingsArgs {
    /// Folders of servers, each with its target.toml, in the order in which they are told of
    #[arg(value_name = "FOLDER", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// The folder of their reports: NAME.json for each, as `chatspec run --json` writes it
    #[arg(long, value_name = "DIR")]
    pub(crate) reports: PathBuf,
    /// Tell of the client in this folder instead, whose runs are in CLIENT/NAME.json there; may be given
    /// several times
    #[arg(long = "client", value_name = "DIR")]
    pub(crate) clients: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CoverageArgs {
    /// A folder of scenarios that are added, or put in place of those with the same ids
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The scenario's id, as `chatspec list` shows it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// A folder of scenarios that are added, or put in place of those with the same ids
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// Instead, the scenario as plain JavaScript on socket.io-client, to see a bug without chatspec
    #[arg(long)]
    pub(crate) javascript: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FmtArgs {
    /// Files, or folders of them; `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Change nothing; name the files that would change, and exit with 1 if there are any
    #[arg(long)]
    pub(crate) check: bool,
}

const MUTANTS_EXAMPLES: &str = "\
Exit codes:
  0  every mutant is caught, every scenario catches what it names, the right server passes
  1  something of that does not hold       2  bad usage or a bad scenario";

#[derive(Debug, clap::Args)]
#[command(after_help = MUTANTS_EXAMPLES)]
pub(crate) struct MutantsArgs {
    /// Only these mutants; all unless stated
    #[arg(value_name = "MUTANT")]
    pub(crate) mutants: Vec<String>,
    /// A folder of scenarios that are added, or put in place of those with the same ids
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Option<PathBuf>,
    /// Where generated names come from; another one for each run unless stated
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Let a catch that a scenario does not name fail the run. Such catches are then looked for with
    /// every scenario on all its transports; without it, on one, and not with the long ones
    #[arg(long)]
    pub(crate) strict: bool,
    /// Instead of the scenarios, explore each mutant for so long, one after the other: which show
    /// themselves to chats that nobody wrote?
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["strict", "json"], value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) explore: Option<u64>,
    /// Write the matrix as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

pub(crate) fn transport(word: &str) -> Result<Transport, String> {
    word.parse()
        .map_err(|error: chatspec_notation::words::UnknownTransport| {
            format!("{error}; {}", error.help())
        })
}

/// `2/3`: which part, from 1, and of how many.
pub(crate) fn shard(word: &str) -> Result<(u32, u32), String> {
    let parts = word.split_once('/').and_then(|(part, of)| {
        let (part, of) = (part.parse().ok()?, of.parse().ok()?);
        (1..=of).contains(&part).then_some((part, of))
    });
    parts.ok_or_else(|| "write which part it is, from 1, and of how many: `2/3`".to_owned())
}
