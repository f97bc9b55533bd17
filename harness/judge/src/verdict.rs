//! What a run found, as data for the reporters.

use std::collections::BTreeMap;

use chatspec_notation::ast;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anomalies::Guarantee;
use crate::ids::{CaseId, ScenarioId, Seq};
use crate::plan::Source;
use crate::shard::Shard;

/// Everything that one `chatspec run` found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RunReport {
    /// The version of this report's form; it changes when a reader would have to.
    pub format: u32,
    /// The version of chatspec that ran.
    pub version: String,
    /// The seed that every generated name and choice came from.
    pub seed: u64,
    /// Wall-clock time of the whole run, in milliseconds, without building anything.
    pub duration_ms: u64,
    /// Which part of a run this is, where it is not the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The scenarios that were run, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scenarios: BTreeMap<ScenarioId, ScenarioNote>,
    /// What was judged, in the order asked for.
    pub targets: Vec<TargetReport>,
}

/// A scenario as a report shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ScenarioNote {
    /// Its file, as the user knows it.
    pub file: String,
    /// Its text, in the notation.
    pub text: String,
}

impl From<&Source> for ScenarioNote {
    fn from(source: &Source) -> Self {
        Self {
            file: source.file.clone(),
            text: source.text.clone(),
        }
    }
}

/// What the run found on one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TargetReport {
    /// Its name, as on the command line or in its target.toml.
    pub name: String,
    /// What was measured before the first case; absent when the target never answered.
    pub calibration: Option<Calibration>,
    /// The reason why no case could be run, when none could.
    pub unavailable: Option<String>,
    /// Its cases, in the order of their ids.
    pub cases: Vec<CaseReport>,
    /// Entries of its ledger that no longer say the truth; each fails the run.
    pub ledger_problems: Vec<LedgerProblem>,
}

impl TargetReport {
    /// How the run would have ended with this target alone.
    pub fn outcome(&self, strict: bool) -> Outcome {
        outcome(std::slice::from_ref(self), strict)
    }

    /// The guarantee that the order of messages kept in every case that tells, and how many those
    /// are.
    pub fn guarantee(&self) -> Option<(Guarantee, usize)> {
        let told = self.cases.iter().filter_map(|case| case.guarantee);
        Some((told.clone().min()?, told.count()))
    }
}

/// What was measured on a target before the first case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    /// Median round trip of a fence (CONNECT to a namespace that cannot exist, and its answer), in
    /// microseconds.
    pub round_trip_us: u64,
    /// The worst of those round trips, in microseconds; deadlines scale with it.
    pub worst_round_trip_us: u64,
    /// Whether the target handles the events of one client concurrently: acknowledgements or relays
    /// of pipelined messages came in another order, or an effect came after flush and fence.
    pub concurrent: bool,
    /// How long a concurrent target may still owe an effect after flush and fence, in microseconds:
    /// proofs of absence wait this long in addition. Zero for others.
    pub quiet_window_us: u64,
    /// What was measured between the nodes, where the target has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub across_nodes: Option<AcrossNodes>,
}

/// What was measured between the nodes of a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AcrossNodes {
    /// How many there are.
    pub nodes: u32,
    /// Median time from a message's emit on one node to its arrival at a client of another, in
    /// microseconds.
    pub crossing_us: u64,
    /// The worst of those times, in microseconds.
    pub worst_crossing_us: u64,
    /// How long an effect may still be on its way to another node after flush and fence, in
    /// microseconds: proofs of absence across nodes wait this long.
    pub quiet_window_us: u64,
}

/// One case on one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CaseReport {
    /// Which case.
    pub case: CaseId,
    /// The sentence that says why the case exists.
    pub reason: String,
    /// How binding the case is.
    pub level: Level,
    /// The clauses it checks, with their sentences.
    pub clauses: Vec<ClauseNote>,
    /// Wall-clock time, in milliseconds.
    pub duration_ms: u64,
    /// How late the harness's own clock ticked while this case ran, all ticks together, in
    /// microseconds: time in which it could not look.
    pub harness_lag_us: u64,
    /// How absence was proven, in words, each kind once.
    pub proofs: Vec<Proof>,
    /// What was decided.
    pub verdict: Verdict,
    /// What the history as a whole shows to be wrong, whatever the lines expect, a sentence each that
    /// begins with the name of the anomaly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anomalies: Vec<String>,
    /// The strongest guarantee that the order of its messages kept, where clients received several
    /// that can be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarantee: Option<Guarantee>,
    /// How often it was broken, where it was run again because it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// What happened, in the notation, one line an element; where the case passed, only if that was
    /// asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transcript: Vec<String>,
    /// The lines of the transcript that show what was broken, counted from 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marked: Vec<usize>,
    /// What the lines of the transcript were on the wire, in their order; a line that is no client's
    /// has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wire: Vec<WireNote>,
    /// The command that runs this one case again.
    pub again: String,
}

/// What a line of a transcript was on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct WireNote {
    /// The line, counted from 0.
    pub line: usize,
    /// The client, as transcripts name it (`ana`, `crowd.7`, `ana#2`).
    pub who: String,
    /// Which way it went.
    pub way: Way,
    /// Its Engine.IO packets, bytes as `bytes 00 ff`; none where they were not recorded. They are
    /// those of the wire, except where another client library sent or got them: encoded again from what it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packets: Vec<String>,
}

/// Which way something went between a client and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    FromServer,
    /// A request and its answer.
    Both,
    /// Something that the client does by itself, or that is done for it.
    Neither,
}

/// How often a case was broken. The verdict is that of the first run, whatever the others say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Rate {
    /// In so many runs something was broken.
    pub broken: u32,
    /// Of so many that could be judged.
    pub runs: u32,
}

/// A clause as a report shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ClauseNote {
    /// Its id (`seed.welcome`).
    pub id: String,
    /// Its sentence.
    pub sentence: String,
    /// Where it comes from.
    pub source: String,
}

/// How binding something is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The contract is silent; the report says what the server does.
    May,
    /// Breaking it is a warning.
    Should,
    /// Breaking it is a failure.
    Must,
}

impl From<ast::Level> for Level {
    fn from(level: ast::Level) -> Self {
        match level {
            ast::Level::May => Self::May,
            ast::Level::Should => Self::Should,
            ast::Level::Must => Self::Must,
        }
    }
}

/// What was decided about a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "is",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum Verdict {
    /// Everything held.
    Pass,
    /// A `must` was broken.
    Fail {
        /// What was broken, worst first.
        violations: Vec<Violation>,
    },
    /// A `should` was broken, and no `must`.
    Warning {
        /// What was broken.
        violations: Vec<Violation>,
    },
    /// A `may` was not met: the server does something else.
    Info {
        /// What it does instead.
        violations: Vec<Violation>,
    },
    /// The target says that it lacks a capability the case needs.
    Skipped {
        /// The capabilities that are missing.
        missing: Vec<String>,
    },
    /// It failed, as the target's ledger says that it does.
    KnownFailure {
        /// The ledger's pattern.
        pattern: String,
        /// The ledger's reason.
        reason: String,
        /// The ledger's link.
        link: Option<String>,
        /// What was broken.
        violations: Vec<Violation>,
    },
    /// It passed, although the target's ledger says that it fails: a failure of the run.
    UnexpectedPass {
        /// The ledger's pattern.
        pattern: String,
        /// The ledger's reason.
        reason: String,
    },
    /// Nothing can be said about the target: it was not there, or the harness was starved. Never
    /// excused by a ledger, never a failure of the target.
    Inconclusive {
        /// Why.
        cause: String,
    },
}

/// One thing that was broken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Violation {
    /// The rule, by name.
    pub rule: Rule,
    /// How binding the broken thing is.
    pub level: Level,
    /// One sentence that says what happened: "ben received `new_message` of `Ana: 1` twice".
    pub summary: String,
    /// The line of the scenario that was broken.
    pub line: Option<SourceLine>,
    /// What the line allows, in the notation; several lines where several things were allowed.
    pub expected: Vec<String>,
    /// What came instead, in the notation; empty when nothing came.
    pub actual: Vec<String>,
    /// Further facts, a sentence each: how long was waited, which proof, what the server printed.
    pub notes: Vec<String>,
    /// The events of the history that show it.
    pub evidence: Vec<Seq>,
}

/// The rules a server can break, by name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The next item of the inbox is not what the line says.
    Mismatch,
    /// What the line says did not arrive before its deadline.
    Missing,
    /// The item was there, but only after the fence that it had to precede.
    Late,
    /// Something arrived that no line takes.
    Unexpected,
    /// The connection ended although no line ends it.
    Closed,
    /// A packet that breaks the Engine.IO or Socket.IO protocol.
    BrokenPacket,
    /// The connection could not be opened.
    ConnectFailed,
    /// A flush or a fence was not answered, so that absence could not be proven.
    ProofFailed,
    /// The server died while this case ran.
    ServerDied,
    /// An HTTP answer is not what the line says.
    HttpAnswer,
    /// Every line holds, and yet the history as a whole shows what no right server does.
    Anomaly,
}

/// A line of a scenario file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SourceLine {
    /// The file, as the user knows it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The line's text, without its indent.
    pub text: String,
}

/// How the absence of anything further was proven.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// Every client that had acted had a message to an empty room acknowledged, then every
    /// observer's connection answered a fence.
    FlushAndFence,
    /// As above, but some client that had acted was gone and could not be asked.
    FenceOnly,
    /// As above, then a wait as long as this target's effects were measured to lag.
    QuietWindow,
    /// A wait as long as this target's effects were measured to lag, and then fences: not everybody who had
    /// acted could be asked.
    Window,
    /// A message that had to arrive on the same path arrived first.
    Sentinel,
}

/// An entry of the ledger that does not say the truth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LedgerProblem {
    /// The entry's pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub problem: String,
    /// What mends it.
    pub mend: String,
}

/// How a run ended, with the exit code of `chatspec run`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every case passed, or failed as its ledger says.
    Conformant,
    /// A `must` was broken (under `--strict`: a `should`), or a ledger is stale.
    NotConformant,
    /// Some case, or a whole target, could not be judged.
    Inconclusive,
    /// No case was run.
    NothingRun,
}

impl Outcome {
    /// The exit code: 0, 1, 3 or 4 (2 is bad usage, which never gets this far).
    pub const fn code(self) -> u8 {
        match self {
            Self::Conformant => 0,
            Self::NotConformant => 1,
            Self::Inconclusive => 3,
            Self::NothingRun => 4,
        }
    }
}

impl RunReport {
    /// The form of the report that this version writes.
    pub const FORMAT: u32 = 1;

    /// How the run ended. A failure outranks what could not be judged: it is certain.
    pub fn outcome(&self, strict: bool) -> Outcome {
        outcome(&self.targets, strict)
    }
}

fn outcome(targets: &[TargetReport], strict: bool) -> Outcome {
    let cases = || targets.iter().flat_map(|target| &target.cases);
    let failed = cases().any(|case| match case.verdict {
        Verdict::Fail { .. } | Verdict::UnexpectedPass { .. } => true,
        Verdict::Warning { .. } => strict,
        _ => false,
    });
    let stale = (targets.iter()).any(|target| !target.ledger_problems.is_empty());
    let open = targets.iter().any(|target| target.unavailable.is_some())
        || cases().any(|case| matches!(case.verdict, Verdict::Inconclusive { .. }));
    if failed || stale {
        Outcome::NotConformant
    } else if open {
        Outcome::Inconclusive
    } else if cases().all(|case| matches!(case.verdict, Verdict::Skipped { .. })) {
        Outcome::NothingRun
    } else {
        Outcome::Conformant
    }
}

impl Verdict {
    /// Whether nobody asks what happened: the case passed, or was not run.
    pub const fn is_quiet(&self) -> bool {
        matches!(self, Self::Pass | Self::Skipped { .. })
    }

    /// What was broken, where something was.
    pub fn violations(&self) -> &[Violation] {
        match self {
            Self::Fail { violations }
            | Self::Warning { violations }
            | Self::Info { violations }
            | Self::KnownFailure { violations, .. } => violations,
            Self::Pass
            | Self::Skipped { .. }
            | Self::UnexpectedPass { .. }
            | Self::Inconclusive { .. } => &[],
        }
    }

    /// The verdict that these violations earn, before any ledger: the highest level broken decides.
    pub fn of(mut violations: Vec<Violation>) -> Self {
        violations.sort_by_key(|violation| std::cmp::Reverse(violation.level));
        match violations.first().map(|violation| violation.level) {
            None => Self::Pass,
            Some(Level::Must) => Self::Fail { violations },
            Some(Level::Should) => Self::Warning { violations },
            Some(Level::May) => Self::Info { violations },
        }
    }
}
