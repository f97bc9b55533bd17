//! What was measured: one turn on one target, and all turns of all targets.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::histogram::Histogram;
use super::plan::Plan;

/// The version of the format in which [`Bench`] is written.
pub const FORMAT: u32 = 1;

/// Everything that one `chatspec bench` has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bench {
    /// The version of this format.
    pub format: u32,
    /// The version of chatspec that measured.
    pub chatspec: String,
    /// The name of the profile, where it was one of ours, and nothing in it was changed.
    pub profile: Option<String>,
    /// The load.
    pub plan: Plan,
    /// What it was measured on.
    pub machine: Machine,
    /// Which part of a plan this is, where it was not all of it.
    pub shard: Option<Shard>,
    /// When the first turn began, in seconds since 1970 (UTC). Not for latencies: those have one
    /// monotonic clock.
    pub began: f64,
    /// How long everything took, in seconds.
    pub took: f64,
    /// The null server, measured in between: what the harness can do here. None where nobody asked.
    pub null: Option<TargetTurns>,
    /// The null server once more, burning as much processor time as the busiest target took: what it
    /// costs that both share their cores. None where they do not.
    pub contention: Option<TargetTurns>,
    /// What shows that the parts of a plan were measured together, where it is put together from parts.
    pub merged: Option<Merged>,
    /// What was measured, in the order in which it was named.
    pub targets: Vec<TargetTurns>,
}

/// One part of a plan whose rooms are spread over several processes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Shard {
    /// Which part, from 1.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

/// How the parts of a plan fit together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Merged {
    /// How many parts there were.
    pub parts: u32,
    /// The smallest share of a turn in which all parts measured at once.
    pub overlap: f64,
}

/// What a bench ran on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Machine {
    /// The processor, as the system calls it.
    pub processor: String,
    /// How many cores may be used.
    pub cores: u32,
    /// Memory, in bytes.
    pub memory: u64,
    /// The operating system and its version.
    pub system: String,
    /// How many files may be open at once.
    pub open_files: u64,
    /// Which cores the harness had for itself; empty where it shared them with the target.
    pub harness_cores: Vec<u32>,
}

/// All turns of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetTurns {
    /// What it is called.
    pub name: String,
    /// Its turns, in order.
    pub turns: Vec<Turn>,
    /// What it can hold, where that was asked: one for each way in which the load was raised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// Why it could not be measured, or not to the end.
    pub failed: Option<String>,
}

/// Where an objective breaks when the load is raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limit {
    /// What had to hold, as it was asked: `p99<200ms`.
    pub objective: String,
    /// What was raised.
    pub raised: Raised,
    /// Every load that was tried, in the order in which it was.
    pub steps: Vec<Step>,
    /// Why no more were.
    pub ended: Ended,
}

/// What is raised in the search for a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Raised {
    /// Messages a second, with as many members as in the plan.
    Rate,
    /// Members of each room, with the rate of the plan.
    Members,
}

/// One load that was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// Messages a second over all rooms.
    pub rate: f64,
    /// Members of each room.
    pub members: u32,
    /// What it said of the objective.
    pub verdict: StepVerdict,
    /// What was measured.
    pub turn: Turn,
}

/// Whether an objective held under a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepVerdict {
    /// It held.
    Held,
    /// It did not.
    Broke,
    /// The harness was the bottleneck, so that nobody knows.
    Doubtful,
}

/// Why a search for the limit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// What held and what broke are close together.
    Narrowed,
    /// Even the smallest load broke it.
    NothingHeld,
    /// The harness could ask for no more: the limit is at least what held.
    HarnessLimit,
    /// The plan allows no more (members of a room, open files): the limit is at least what held.
    Ceiling,
    /// The target could not be measured any more.
    TargetFailed,
    /// The target held and broke the same loads by turns, until there had been too many steps.
    Unsteady,
}

impl Raised {
    /// How much of it a step had.
    pub fn of(self, step: &Step) -> f64 {
        match self {
            Self::Rate => step.rate,
            Self::Members => f64::from(step.members),
        }
    }
}

/// One turn: everybody joins, chats and leaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Turn {
    /// When the first measured message was due, in seconds since 1970 (UTC): what proves that the
    /// parts of a plan overlapped.
    pub began: f64,
    /// How long messages were measured, in seconds; without joining, warm-up and waiting for the last.
    pub measured: f64,
    /// How everybody came in.
    pub joined: Joined,
    /// What reached whom. Read this first: a server that drops looks fast.
    pub reach: Reach,
    /// From when a message was due to its arrival at each member, in microseconds.
    pub latency: Histogram,
    /// From when it was really sent: what a tool that forgets the schedule would say.
    pub uncorrected: Histogram,
    /// From when a message was due to its ack.
    pub ack: Histogram,
    /// From when a message was due to the first member who had it.
    pub first: Histogram,
    /// To the one in the middle.
    pub median: Histogram,
    /// To the last: the room has it. A message that somebody never got is not in here.
    pub last: Histogram,
    /// The same second by second.
    pub seconds: Vec<Second>,
    /// What the guests met, where there were any.
    pub guests: Option<Guests>,
    /// What the harness itself did meanwhile.
    pub harness: Harness,
    /// What the server did, where it is ours to look at.
    pub server: Option<Server>,
}

/// How the members came in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Joined {
    /// How many were to come.
    pub wanted: u64,
    /// How many are in their rooms: their `enter_room` was acked.
    pub members: u64,
    /// How long it took until the last of them was, in seconds.
    pub took: f64,
    /// From the ask for a connection to the ack of `enter_room`, in microseconds.
    pub latency: Histogram,
    /// How many welcomes were owed to those who had come before.
    pub welcomes_owed: u64,
    /// How many of them arrived.
    pub welcomes: u64,
    /// Why others did not come in; each reason once, with how often it was met.
    pub failures: Vec<(String, u64)>,
}

/// What reached whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reach {
    /// How many messages were due.
    pub due: u64,
    /// How many were sent.
    pub sent: u64,
    /// How many were acked.
    pub acked: u64,
    /// How many deliveries were owed: one to each other member for each message.
    pub owed: u64,
    /// How many of them arrived.
    pub received: u64,
    /// How many arrived again.
    pub duplicates: u64,
    /// How many came after a later one of the same sender.
    pub misordered: u64,
    /// How many came to a member of another room, back to their sender, or were sent by nobody.
    pub misdirected: u64,
    /// How many members were cut off while messages were measured.
    pub cut_off: u64,
}

impl Reach {
    /// The share of what was owed that arrived; 1 where nothing was.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of fewer than 2^52 deliveries"
    )]
    pub fn share(&self) -> f64 {
        match self.owed {
            0 => 1.0,
            owed => self.received as f64 / owed as f64,
        }
    }

    /// How many never arrived.
    pub const fn lost(&self) -> u64 {
        self.owed.saturating_sub(self.received)
    }

    /// Whether everything that was due was sent, and everything owed arrived, once, in order, and
    /// nothing else did.
    pub const fn is_whole(&self) -> bool {
        self.sent == self.due
            && self.acked == self.sent
            && self.received == self.owed
            && self.duplicates == 0
            && self.misordered == 0
            && self.misdirected == 0
            && self.cut_off == 0
    }

    /// Counts what `other` has counted as well.
    pub const fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.sent += other.sent;
        self.acked += other.acked;
        self.owed += other.owed;
        self.received += other.received;
        self.duplicates += other.duplicates;
        self.misordered += other.misordered;
        self.misdirected += other.misdirected;
        self.cut_off += other.cut_off;
    }
}

/// One second of a turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Second {
    /// How many messages were due in it.
    pub due: u64,
    /// How many deliveries arrived in it, whenever their message was due.
    pub arrived: u64,
    /// The latencies of the messages that were due in it.
    pub latency: Histogram,
}

/// Guests enter, listen and leave while the members chat.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Guests {
    /// How many came in.
    pub entered: u64,
    /// How many did not.
    pub failed: u64,
    /// From the ask for a connection to the ack of `enter_room`, in microseconds.
    pub latency: Histogram,
    /// How many deliveries they were owed: messages sent after their ack came, and acked before they
    /// left. What raced their coming or going is neither owed nor counted.
    pub owed: u64,
    /// How many of those arrived.
    pub received: u64,
}

/// What the harness itself did while messages were measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Harness {
    /// How many workers there were, each a thread with its rooms.
    pub workers: u32,
    /// The share of the time in which the busiest of them was on the processor.
    pub busy: f64,
    /// Processor time of all of them, in seconds.
    pub cpu: f64,
    /// How long after it was due a message was really sent, in microseconds.
    pub send_lag: Histogram,
    /// How long what had arrived at this machine waited until it was read, in microseconds, where the
    /// kernel says when that was. It is not part of the latencies: those end at the arrival.
    pub read_lag: Option<Histogram>,
    /// Resident memory of the harness before anybody came, in bytes.
    pub memory_before: u64,
    /// The same when everybody was in.
    pub memory_joined: u64,
}

/// What the server did while messages were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Server {
    /// Processor time of it and all that it started, in seconds.
    pub cpu: f64,
    /// Resident memory before anybody came, in bytes.
    pub memory_before: u64,
    /// The same when everybody was in.
    pub memory_joined: u64,
    /// The most that was seen.
    pub memory_peak: u64,
}

impl Joined {
    /// Counts what `other` has counted as well, which happened at the same time.
    pub fn add(&mut self, other: &Self) {
        self.wanted += other.wanted;
        self.members += other.members;
        self.took = self.took.max(other.took);
        self.latency.add(&other.latency);
        self.welcomes_owed += other.welcomes_owed;
        self.welcomes += other.welcomes;
        let mut failures: IndexMap<String, u64> = self.failures.drain(..).collect();
        for (reason, times) in &other.failures {
            *failures.entry(reason.clone()).or_default() += times;
        }
        self.failures = failures.into_iter().collect();
    }
}

impl Second {
    /// Counts what `other` has counted in the same second as well.
    pub fn add(&mut self, other: &Self) {
        self.due += other.due;
        self.arrived += other.arrived;
        self.latency.add(&other.latency);
    }
}

impl Guests {
    /// Counts what `other` has counted as well.
    pub fn add(&mut self, other: &Self) {
        self.entered += other.entered;
        self.failed += other.failed;
        self.latency.add(&other.latency);
        self.owed += other.owed;
        self.received += other.received;
    }
}

impl TargetTurns {
    /// Nothing yet, of a target with this name.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            turns: Vec::new(),
            limits: Vec::new(),
            failed: None,
        }
    }

    /// What reached whom, in all turns together.
    pub fn reach(&self) -> Reach {
        let mut all = Reach::default();
        for turn in &self.turns {
            all.add(&turn.reach);
        }
        all
    }

    /// One histogram of all turns.
    pub fn all(&self, part: impl Fn(&Turn) -> &Histogram) -> Histogram {
        self.turns.iter().map(part).collect()
    }
}

impl Harness {
    /// Counts what `other` has counted as well, which ran beside it. The busiest worker of all is what
    /// tells whether to believe them.
    pub fn add(&mut self, other: &Self) {
        self.workers += other.workers;
        self.busy = self.busy.max(other.busy);
        self.cpu += other.cpu;
        self.send_lag.add(&other.send_lag);
        // Where the kernel did not say when something arrived, latencies have this lag in them. Where
        // there is such a part, it cannot be said of the whole that they have not.
        self.read_lag = match (self.read_lag.take(), &other.read_lag) {
            (Some(one), Some(other)) => Some([&one, other].into_iter().collect()),
            _ => None,
        };
        self.memory_before += other.memory_before;
        self.memory_joined += other.memory_joined;
    }
}

impl Turn {
    /// Counts what `other` has counted as well, which happened beside it: other rooms of the same plan.
    /// The server is left as it is: whether there was one or two, the caller knows.
    pub fn add(&mut self, other: &Self) {
        self.began = self.began.min(other.began);
        self.measured = self.measured.max(other.measured);
        self.joined.add(&other.joined);
        self.reach.add(&other.reach);
        self.latency.add(&other.latency);
        self.uncorrected.add(&other.uncorrected);
        self.ack.add(&other.ack);
        self.first.add(&other.first);
        self.median.add(&other.median);
        self.last.add(&other.last);
        // Second by second: all of it began at the same instant.
        let longest = self.seconds.len().max(other.seconds.len());
        self.seconds.resize_with(longest, Second::default);
        for (one, other) in self.seconds.iter_mut().zip(&other.seconds) {
            one.add(other);
        }
        // There may be fewer guests than parts.
        if let Some(guests) = &other.guests {
            self.guests.get_or_insert_default().add(guests);
        }
        self.harness.add(&other.harness);
    }

    /// Deliveries a second that arrived while messages were measured.
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 deliveries")]
    pub fn deliveries_a_second(&self) -> f64 {
        if self.measured > 0.0 {
            self.reach.received as f64 / self.measured
        } else {
            0.0
        }
    }
}
