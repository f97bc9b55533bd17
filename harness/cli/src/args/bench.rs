//! The command line of `chatspec bench` and what belongs to it.

use std::path::PathBuf;

use chatspec_judge::bench::compare::Gate;
use chatspec_judge::bench::measured::{Raised, Shard};
use chatspec_judge::bench::{Objective, Plan};
use jiff::Timestamp;

use super::launch::LaunchArgs;

const EXAMPLES: &str = "\
Examples:
  chatspec bench                                       the reference, with the profile small-talk
  chatspec bench --target http://10.0.0.7:3000 --profile town-hall
                                                       a server that runs already
  chatspec bench --target reference --target ci/servers/node-async
                                                       two, in turns, with the ratio of one to the other
  chatspec bench --rooms 10 --members 50 --senders 5 --rate 400 --payload 256
                                                       a load of your own; or --profile my.toml
  chatspec bench --find-limit 'p99<200ms'              how much it can hold
  chatspec bench --json new.json --baseline old.json --fail-if 'p99 > 1.2x'
                                                       a gate for a change
  chatspec bench --html bench.html --markdown summary.md --histograms logs/
                                                       pictures, a step summary, HdrHistogram logs
  chatspec bench --target http://10.0.0.7:3000 --shard 2/3 --start-at 2030-01-31T12:00:00Z --json 2.json
                                                       one part of a load from three machines

Profiles:
  small-talk   100 rooms of 10 members, all of whom write (the default)
  town-hall    1 room of 1,000 members and one speaker
  stadium      1 room of 10,000 members and one speaker
  storm        20 rooms of 25 members, and 50 guests a second who enter and leave
  mixed        50 rooms of 10 members, of whom three in ten are on long-polling
  FILE.toml    one of your own; what it does not say is as in small-talk

Targets:
  those of `chatspec run`, and `null`: the server that does next to nothing, with a flaw of known
  size where one is asked for (null:delay=50ms, null:stall=1s/10s, null:drop=1%, null:burn=0.5)

Exit codes:
  0  measured            1  something was lost, or a gate says that it is too bad     2  bad usage
  3  the figures are not to be believed, and the report says why; or a target was not there";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct BenchArgs {
    /// What to measure; may be given several times
    #[arg(long = "target", value_name = "T", default_value = "reference")]
    pub(crate) targets: Vec<String>,
    /// The load: the name of a profile, or a TOML file
    #[arg(long, value_name = "P", default_value = "small-talk")]
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) launch: LaunchArgs,
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) limit: LimitArgs,
    #[command(flatten)]
    pub(crate) gate: GateArgs,
    #[command(flatten)]
    pub(crate) harness: HarnessArgs,
    #[command(flatten)]
    pub(crate) part: PartArgs,
    #[command(flatten)]
    pub(crate) output: BenchOutput,
}

/// What the load is, in place of what the profile says.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Load, in place of what the profile says")]
pub(crate) struct LoadArgs {
    /// How many rooms
    #[arg(long, value_name = "N")]
    pub(crate) rooms: Option<u32>,
    /// How many members in each room
    #[arg(long, value_name = "N")]
    pub(crate) members: Option<u32>,
    /// How many members of each room write; as many as in the profile, or all where that is more
    #[arg(long, value_name = "N")]
    pub(crate) senders: Option<u32>,
    /// Open loop: messages a second over all rooms, on a schedule that waits for nobody
    #[arg(long, value_name = "A_SECOND", conflicts_with = "outstanding")]
    pub(crate) rate: Option<f64>,
    /// Closed loop: so many messages of each sender are under way at once, never more
    #[arg(long, value_name = "N")]
    pub(crate) outstanding: Option<u32>,
    /// How long the text of a message is, in bytes
    #[arg(long, value_name = "BYTES")]
    pub(crate) payload: Option<u32>,
    /// How many members in a hundred are on long-polling
    #[arg(long, value_name = "PERCENT")]
    pub(crate) polling: Option<u8>,
    /// How many guests enter and leave in a second, over all rooms
    #[arg(long, value_name = "A_SECOND")]
    pub(crate) guests: Option<f64>,
    /// How long messages are sent before they are measured, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) warm_up: Option<f64>,
    /// How long they are measured, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) duration: Option<f64>,
    /// How often all of it is done
    #[arg(long, value_name = "N")]
    pub(crate) repeats: Option<u32>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "The most that it can hold")]
pub(crate) struct LimitArgs {
    /// Raise the load until this breaks, and narrow that down: `p99<200ms`, `room-p99<1s`,
    /// `ack-p99.9<50ms`, `reach>99.9%`
    #[arg(long, value_name = "OBJECTIVE")]
    pub(crate) find_limit: Option<Objective>,
    /// What is raised: `rate`, `members`, or both, one after the other
    #[arg(long, value_name = "WHAT", value_delimiter = ',', default_value = "rate,members", requires = "find_limit", value_parser = raised)]
    pub(crate) raise: Vec<Raised>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Gates")]
pub(crate) struct GateArgs {
    /// What was measured before, as --json wrote it; the target with the same name is compared
    #[arg(long, value_name = "FILE", requires = "fail_if")]
    pub(crate) baseline: Option<PathBuf>,
    /// Fail if this holds for certain: `p99 > 1.2x`, `room-p99 > 1.5x`; may be given several times
    #[arg(long, value_name = "GATE", requires = "baseline")]
    pub(crate) fail_if: Vec<Gate>,
    /// Fail too if nobody can tell, because the noise is larger than the change
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "The harness")]
pub(crate) struct HarnessArgs {
    /// Do not measure the null server in between, which shows what the harness itself can do here
    #[arg(long)]
    pub(crate) no_null: bool,
    /// How many cores the harness has for itself, and the servers that it starts do not; 0 for none.
    /// A quarter of them, where there are four or more, unless stated
    #[arg(long, value_name = "N")]
    pub(crate) harness_cores: Option<u32>,
    /// How many threads share the rooms; one for each core of the harness unless stated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) workers: Option<u32>,
}

#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "A load from several machines")]
pub(crate) struct PartArgs {
    /// Which part of the load this is, of how many: `2/3`
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "start_at")]
    pub(crate) shard: Option<Shard>,
    /// When all parts begin: 2030-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", requires = "shard")]
    pub(crate) start_at: Option<Timestamp>,
    /// How long everybody has to come in before the first message is due, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30.0,
        requires = "shard"
    )]
    pub(crate) join_time: f64,
}

/// Where a report on a bench goes besides the terminal.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Reports")]
pub(crate) struct BenchOutput {
    /// Write JSON (schemas/bench.schema.json)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a page with pictures, in one file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write Markdown, as for a step summary
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    #[expect(clippy::doc_markdown, reason = "clap prints it as it is")]
    /// Write HdrHistogram logs, one file for each target
    #[arg(long, value_name = "DIR")]
    pub(crate) histograms: Option<PathBuf>,
}

/// The null server. `chatspec bench` starts it; its port is in `PORT`.
#[derive(Debug, clap::Args)]
pub(crate) struct NullArgs {
    /// Its flaws: delay=50ms,stall=1s/10s,drop=1%,burn=0.5
    #[arg(value_name = "OPTIONS", default_value = "")]
    pub(crate) options: chatspec_load::null::Options,
}

impl LoadArgs {
    /// The plan with what is said here in its place.
    pub(crate) fn over(&self, plan: &Plan) -> Plan {
        use chatspec_judge::bench::Pace;
        let members = self.members.unwrap_or(plan.members);
        let pace = self
            .rate
            .map(Pace::Rate)
            .or(self.outstanding.map(Pace::Outstanding));
        Plan {
            rooms: self.rooms.unwrap_or(plan.rooms),
            members,
            senders: self.senders.unwrap_or_else(|| plan.senders.min(members)),
            pace: pace.unwrap_or(plan.pace),
            payload: self.payload.unwrap_or(plan.payload),
            polling: self.polling.unwrap_or(plan.polling),
            guests: self.guests.unwrap_or(plan.guests),
            warm_up: self.warm_up.unwrap_or(plan.warm_up),
            duration: self.duration.unwrap_or(plan.duration),
            repeats: self.repeats.unwrap_or(plan.repeats),
        }
    }
}

fn raised(word: &str) -> Result<Raised, String> {
    match word {
        "rate" => Ok(Raised::Rate),
        "members" => Ok(Raised::Members),
        _ => Err("write `rate`, `members`, or `rate,members`".to_owned()),
    }
}

fn shard(word: &str) -> Result<Shard, String> {
    let (part, of) = super::shard(word)?;
    Ok(Shard { part, of })
}
