//! A server under test, and what a run leaves of it: what has to be known before its first plan, one
//! plan undisturbed, and the way back when it has died.

use std::collections::BTreeSet;
use std::fmt;

use chatspec_judge::check::check;
use chatspec_judge::history::{Event, Header, History, Kind};
use chatspec_judge::ids::Seq;
use chatspec_judge::plan::Plan;
use chatspec_judge::verdict::ClauseNote;
use chatspec_judge::ways::Ability;
use chatspec_notation::ast::Transport;

use crate::calibrate::{Strangers, calibrate};
use crate::clock::{Allowance, LagMeter};
use crate::execute::{Execution, Ground, execute};
use crate::target::{Launcher, ProbeError, Running, Target, other_parser, refused};

/// Why a server that died is not there again.
pub(crate) enum Gone {
    /// Somebody else started it.
    NotOurs,
    /// It does not start again, for this reason.
    ForGood(String),
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("the server died in an earlier case"),
            Self::ForGood(error) => write!(f, "the server died and did not start again: {error}"),
        }
    }
}

/// What has to be known of a server before its first plan, and the transports that target.toml gives it
/// and that it does not refuse itself.
///
/// # Errors
///
/// That it speaks a parser that we do not.
pub(crate) async fn survey(
    running: &Running,
    target: &Target,
    seed: u64,
    launcher: &Launcher,
) -> Result<(Ground, BTreeSet<Transport>), ProbeError> {
    let lag = LagMeter::start();
    let tag = format!("{:08x}-calibration", seed & 0xffff_ffff);
    let patience = Allowance::new(launcher.patience.answers, lag.clone());
    let refused = refused(running.endpoint(), &patience).await;
    let offered: BTreeSet<_> = target.transports.difference(&refused).copied().collect();
    // In the order of preference; a server that has none is asked all the same, and answers for it.
    let over = offered.first().copied().unwrap_or(Transport::Websocket);
    let mut manners = target.manners.clone();
    let (calibration, strangers) = calibrate(running.nodes(), over, &tag, &lag, &manners).await;
    if calibration.worst_round_trip_us == 0 {
        // Nothing was measured: our CONNECT was not answered.
        other_parser(running.endpoint(), over, &patience).await?;
    }
    if strangers != Strangers::Heard {
        manners.ways.lacks.insert(Ability::Outside);
    }
    let ground = Ground {
        nodes: running.nodes().clone(),
        calibration,
        lag,
        manners,
        flushes: strangers != Strangers::Ignored,
        driver: None,
    };
    Ok((ground, offered))
}

/// Runs one plan, and brings the server back if it has killed it; why it is not back, if so.
pub(crate) async fn undisturbed(
    ground: &mut Ground,
    plan: &Plan,
    running: &mut Running,
) -> (Execution, Option<Gone>) {
    let before = ground.clone();
    let mut execution = execute(plan, &before, Some(&mut *running)).await;
    ground.nodes = running.nodes().clone();
    let Some(cause) = running.death().await else {
        return (execution, None);
    };
    died(plan, &mut execution, &cause);
    let gone = revive(ground, running).await;
    (execution, gone)
}

/// Starts a server again that has died, or that is to forget; why it is not back, if it is not.
pub(crate) async fn revive(ground: &mut Ground, running: &mut Running) -> Option<Gone> {
    if !running.is_managed() {
        return Some(Gone::NotOurs);
    }
    let restarted = running.restart().await;
    ground.nodes = running.nodes().clone();
    restarted
        .err()
        .map(|error| Gone::ForGood(error.to_string()))
}

impl Execution {
    /// A run of which nothing is left.
    pub(crate) fn nothing() -> Self {
        Self {
            history: History::default(),
            findings: chatspec_judge::referee::Findings {
                violations: Vec::new(),
                proofs: Vec::new(),
                gave_up: None,
            },
            duration: std::time::Duration::ZERO,
            lag_us: 0,
        }
    }
}

/// Adds the server's death to a history, and judges it again in that light.
pub(crate) fn died(plan: &Plan, execution: &mut Execution, cause: &str) {
    let cause = cause.to_owned();
    add(&mut execution.history, Kind::ServerDied { cause });
    execution.findings = check(plan, &execution.history);
}

/// Adds what came after the last event.
pub(crate) fn add(history: &mut History, kind: Kind) {
    let events = &mut history.events;
    let at_us = events.last().map_or(0, |event| event.at_us);
    let seq = Seq(events.len() as u64);
    let wire = Vec::new();
    events.push(Event {
        seq,
        at_us,
        kind,
        wire,
    });
}

/// What is known of a run of `plan` before it has begun.
pub(crate) fn header(
    plan: &Plan,
    target: &Target,
    ground: &Ground,
    clauses: Vec<ClauseNote>,
    again: String,
) -> Header {
    Header {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        case: plan.case.clone(),
        target: target.name.clone(),
        seed: plan.seed,
        attempt: plan.attempt,
        file: plan.source.file.clone(),
        scenario: plan.source.text.clone(),
        clauses,
        lacks: Vec::new(),
        aside: plan.aside.clone(),
        ways: plan.ways.clone(),
        known: None,
        calibration: Some(ground.calibration.clone()),
        duration_ms: 0,
        harness_lag_us: 0,
        again,
    }
}

/// The command that runs `what` on `target` again, with these further words.
pub(crate) fn again<'a>(
    what: &str,
    target: &Target,
    more: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut words = vec!["chatspec run".to_owned(), quoted(what)];
    if target.argument != "reference" {
        words.extend(["--target".to_owned(), quoted(&target.argument)]);
    }
    words.extend(more.into_iter().map(quoted));
    words.join(" ")
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:@#=%+,".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
