//! How a bench ends: its exit code, and every reason for it.
//!
//! Four questions, in this order. Can the counts be believed? If not, nothing else counts, and the code
//! is 3: a harness that had no time left says nothing about a server. Did the servers do what a chat
//! must do? A server that loses messages is fast, and the code is 1. Can the latencies be believed? A
//! harness that sent late has lost nothing, so that this doubt hides no loss; what remains is refused
//! all the same, with 3. And did what was gated become worse?

use std::fmt;

use serde::Serialize;

use super::compare::{self, Change, Gate, Ratio};
use super::measured::{Bench, Reach, TargetTurns};
use super::trust::{self, Doubt};

/// How a bench ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything arrived, and no gate says that anything became worse.
    Ok,
    /// The same, but for a gate of which the noise is larger than the change.
    CannotTell,
    /// A target did not do what a chat must do, or a gate says that it became worse.
    Failed,
    /// The figures must not be believed, or there are none.
    Refused,
}

impl Outcome {
    /// The exit code: 0, 1 or 3 (2 is bad usage, which never gets this far).
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok | Self::CannotTell => 0,
            Self::Failed => 1,
            Self::Refused => 3,
        }
    }
}

/// What a gate said of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct GateResult {
    /// The gate.
    pub gate: Gate,
    /// Who was held against it.
    pub target: String,
    /// What it was compared with: another target, or a bench of before.
    pub base: String,
    /// Now divided by before; none where one of them has no such figure.
    pub ratio: Option<Ratio>,
    /// What follows.
    pub change: Change,
}

impl GateResult {
    /// Holds `target` against `gate`, compared with `base`. What has no figure cannot be told.
    pub fn new(gate: Gate, base: &TargetTurns, target: &TargetTurns, seed: u64) -> Self {
        let ratio = compare::ratio(gate.metric, base, target, seed);
        Self {
            gate,
            target: target.name.clone(),
            base: base.name.clone(),
            ratio,
            change: ratio.map_or(Change::CannotTell, |ratio| gate.judge(ratio)),
        }
    }
}

/// Why the figures must not be believed.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// A turn says more about the harness than about the target; without a turn, all of them do.
    Doubt {
        /// Whose turn.
        target: String,
        /// Which, from 1.
        turn: Option<usize>,
        /// Why.
        doubt: Doubt,
    },
    /// A target could not be measured, or not to the end.
    Unmeasured {
        /// Which.
        target: String,
        /// Why.
        why: String,
    },
}

impl Refusal {
    /// Whether what was counted cannot be believed either: then nobody can be accused of a loss.
    const fn is_of_counts(&self) -> bool {
        match self {
            Self::Doubt { doubt, .. } => doubt.is_of_counts(),
            Self::Unmeasured { .. } => true,
        }
    }
}

/// What a target did that a chat must not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which target.
    pub target: String,
    /// What it did.
    pub kind: Fault,
    /// How often.
    pub times: u64,
    /// Of how many, where that can be said.
    pub of: Option<u64>,
}

/// What a chat must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Deliveries never arrived.
    Lost,
    /// Members were cut off.
    CutOff,
    /// Deliveries arrived again.
    Duplicate,
    /// Deliveries came after a later one of the same sender.
    Misordered,
    /// Deliveries came to somebody whom they were not for.
    Misdirected,
    /// Messages could not be sent.
    Unsent,
    /// Messages were never acked.
    Unacked,
    /// Members did not get into their rooms.
    NotIn,
    /// Guests did not get into a room.
    GuestNotIn,
    /// Deliveries that guests were owed never arrived.
    GuestLost,
}

/// Every reason for the outcome of a bench.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Why nothing must be believed.
    pub refusals: Vec<Refusal>,
    /// What the targets did that a chat must not do.
    pub failures: Vec<Failure>,
    /// What the gates said.
    pub gates: Vec<GateResult>,
}

impl Findings {
    /// What follows from all of them. Under `strict`, a gate that cannot tell is a refusal: who asks
    /// for a proof gets none.
    pub fn outcome(&self, strict: bool) -> Outcome {
        let any = |change| self.gates.iter().any(|gate| gate.change == change);
        let untold = any(Change::CannotTell);
        if self.are_counts_doubted() {
            Outcome::Refused
        } else if !self.failures.is_empty() {
            Outcome::Failed
        } else if !self.refusals.is_empty() {
            Outcome::Refused
        } else if any(Change::TooBad) {
            Outcome::Failed
        } else if untold && strict {
            Outcome::Refused
        } else if untold {
            Outcome::CannotTell
        } else {
            Outcome::Ok
        }
    }

    /// Whether what was counted cannot be believed, and not latencies alone.
    pub fn are_counts_doubted(&self) -> bool {
        self.refusals.iter().any(Refusal::is_of_counts)
    }

    /// What a target of this name did that a chat must not do.
    pub fn failures_of(&self, target: &str) -> impl Iterator<Item = &Failure> {
        let of = move |failure: &&Failure| failure.target == target;
        self.failures.iter().filter(of)
    }
}

/// How a bench ends. See [`findings`] for the reasons.
pub fn outcome(bench: &Bench, gates: &[GateResult], strict: bool) -> Outcome {
    findings(bench, gates).outcome(strict)
}

/// Every reason for the outcome of a bench.
///
/// The null server is ours: what it loses is a doubt, and never a failure. How late the harness was
/// beside it is none: it answers so fast that there is little else in its figures, which is what it is
/// measured for. The one beside which
/// something burns is for a comparison only, and decides nothing; nor do the loads that a search for
/// the limit tried, which are meant to break something.
pub fn findings(bench: &Bench, gates: &[GateResult]) -> Findings {
    let mut refusals: Vec<Refusal> = bench.targets.iter().flat_map(refusals).collect();
    let null = bench.null.as_ref();
    refusals.extend(null.and_then(unmeasured));
    refusals.extend(null.and_then(|null| {
        let doubt = trust::doubts_of_null(null)?;
        Some(Refusal::Doubt {
            target: null.name.clone(),
            turn: None,
            doubt,
        })
    }));
    Findings {
        refusals,
        failures: bench.targets.iter().flat_map(faults).collect(),
        gates: gates.to_vec(),
    }
}

fn refusals(target: &TargetTurns) -> Vec<Refusal> {
    let of_turns = target.turns.iter().zip(1..).flat_map(|(turn, number)| {
        let doubts = trust::doubts(turn).into_iter();
        doubts.map(move |doubt| Refusal::Doubt {
            target: target.name.clone(),
            turn: Some(number),
            doubt,
        })
    });
    let mut refusals: Vec<Refusal> = of_turns.collect();
    refusals.extend(unmeasured(target));
    refusals
}

/// Why a target has no figures, or not all of them.
fn unmeasured(target: &TargetTurns) -> Option<Refusal> {
    // A search for the limit alone has no turns, and has measured something all the same.
    let nothing = target.turns.is_empty() && target.limits.is_empty();
    let why = match &target.failed {
        Some(why) => Some(why.clone()),
        None if nothing => Some("it has not one turn".to_owned()),
        None => None,
    };
    why.map(|why| Refusal::Unmeasured {
        target: target.name.clone(),
        why,
    })
}

/// What a target did that a chat must not do, in all its turns together.
pub fn faults(target: &TargetTurns) -> Vec<Failure> {
    let Reach {
        due,
        sent,
        acked,
        owed,
        duplicates,
        misordered,
        misdirected,
        cut_off,
        ..
    } = target.reach();
    let lost = target.reach().lost();
    let turns = || target.turns.iter();
    let wanted: u64 = turns().map(|turn| turn.joined.wanted).sum();
    let absent = |turn: &super::Turn| turn.joined.wanted.saturating_sub(turn.joined.members);
    let guests = || turns().filter_map(|turn| turn.guests.as_ref());
    let guests_owed: u64 = guests().map(|guests| guests.owed).sum();
    let guests_lost = guests().map(|guests| guests.owed.saturating_sub(guests.received));
    let guests_out: u64 = guests().map(|guests| guests.failed).sum();
    let guests_came: u64 = guests().map(|guests| guests.entered).sum();
    let all = [
        (Fault::Lost, lost, Some(owed)),
        (Fault::CutOff, cut_off, Some(wanted)),
        (Fault::Duplicate, duplicates, None),
        (Fault::Misordered, misordered, None),
        (Fault::Misdirected, misdirected, None),
        (Fault::Unsent, due.saturating_sub(sent), Some(due)),
        (Fault::Unacked, sent.saturating_sub(acked), Some(sent)),
        (Fault::NotIn, turns().map(absent).sum(), Some(wanted)),
        (
            Fault::GuestNotIn,
            guests_out,
            Some(guests_came + guests_out),
        ),
        (Fault::GuestLost, guests_lost.sum(), Some(guests_owed)),
    ];
    let met = all.into_iter().filter(|&(_, times, _)| times > 0);
    met.map(|(kind, times, of)| Failure {
        target: target.name.clone(),
        kind,
        times,
        of,
    })
    .collect()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Doubt {
                target,
                turn: Some(turn),
                doubt,
            } => write!(f, "{target}, turn {turn}: {doubt}"),
            Self::Doubt { target, doubt, .. } => write!(f, "{target}: {doubt}"),
            Self::Unmeasured { target, why } => {
                write!(f, "{target} could not be measured to the end: {why}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::measured::{FORMAT, Guests, Joined, Machine, Turn};
    use super::super::plan::Plan;
    use super::*;

    fn turn() -> Turn {
        let mut turn = Turn {
            joined: Joined {
                wanted: 3,
                members: 3,
                ..Joined::default()
            },
            reach: Reach {
                due: 10,
                sent: 10,
                acked: 10,
                owed: 20,
                received: 20,
                ..Reach::default()
            },
            ..Turn::default()
        };
        turn.latency.record_many(1_000, 20);
        turn
    }

    fn target(name: &str, change: impl Fn(&mut Turn)) -> TargetTurns {
        let mut turn = turn();
        change(&mut turn);
        TargetTurns {
            name: name.to_owned(),
            turns: vec![turn],
            limits: Vec::new(),
            failed: None,
        }
    }

    fn bench(null: Option<TargetTurns>, targets: Vec<TargetTurns>) -> Bench {
        Bench {
            format: FORMAT,
            chatspec: "0.1.0".to_owned(),
            profile: None,
            plan: Plan::default(),
            machine: Machine {
                processor: String::new(),
                cores: 2,
                memory: 0,
                system: String::new(),
                open_files: 0,
                harness_cores: Vec::new(),
            },
            shard: None,
            began: 0.0,
            took: 0.0,
            null,
            contention: None,
            merged: None,
            targets,
        }
    }

    fn ended(change: impl Fn(&mut Turn)) -> Outcome {
        outcome(&bench(None, vec![target("some", change)]), &[], false)
    }

    #[test]
    fn what_is_whole_is_fine() {
        assert_eq!(ended(|_| {}), Outcome::Ok);
        assert_eq!(Outcome::Ok.code(), 0);
    }

    #[test]
    fn every_fault_fails_and_is_the_only_one_named() {
        type Breaker = fn(&mut Turn);
        let breakers: [(Fault, Breaker); 10] = [
            (Fault::Lost, |turn| turn.reach.received -= 1),
            (Fault::CutOff, |turn| turn.reach.cut_off += 1),
            (Fault::Duplicate, |turn| turn.reach.duplicates += 1),
            (Fault::Misordered, |turn| turn.reach.misordered += 1),
            (Fault::Misdirected, |turn| turn.reach.misdirected += 1),
            (Fault::Unsent, |turn| turn.reach.due += 1),
            (Fault::Unacked, |turn| turn.reach.acked -= 1),
            (Fault::NotIn, |turn| turn.joined.members -= 1),
            (Fault::GuestNotIn, |turn| {
                turn.guests = Some(Guests {
                    failed: 1,
                    ..Guests::default()
                });
            }),
            (Fault::GuestLost, |turn| {
                turn.guests = Some(Guests {
                    owed: 1,
                    ..Guests::default()
                });
            }),
        ];
        for (fault, breaks) in breakers {
            let bench = bench(None, vec![target("some", breaks)]);
            let findings = findings(&bench, &[]);
            let kinds: Vec<Fault> = findings.failures.iter().map(|found| found.kind).collect();
            assert_eq!(kinds, [fault]);
            assert_eq!(findings.failures[0].times, 1, "{fault:?}");
            assert_eq!(findings.outcome(false), Outcome::Failed, "{fault:?}");
        }
        assert_eq!(Outcome::Failed.code(), 1);
    }

    #[test]
    fn a_doubt_of_the_counts_outweighs_a_failure() {
        let doubtful = ended(|turn| {
            turn.reach.received -= 1;
            turn.harness.busy = 0.99;
        });
        assert_eq!(doubtful, Outcome::Refused);
        assert_eq!(Outcome::Refused.code(), 3);
    }

    #[test]
    fn a_loss_is_a_loss_however_late_we_sent() {
        let late = |turn: &mut Turn| turn.harness.send_lag.record_many(90_000, 1_000);
        assert_eq!(ended(late), Outcome::Refused);
        let lost_and_late = |turn: &mut Turn| {
            turn.reach.received -= 1;
            late(turn);
        };
        assert_eq!(ended(lost_and_late), Outcome::Failed);
    }

    #[test]
    fn what_the_null_server_loses_is_a_doubt_of_everything() {
        let null = target("null", |turn| turn.reach.received -= 1);
        let bench = bench(Some(null), vec![target("some", |_| {})]);
        let found = findings(&bench, &[]);
        assert_eq!(found.failures, []);
        assert_eq!(found.outcome(false), Outcome::Refused);
    }

    #[test]
    fn how_late_the_harness_was_beside_the_null_server_is_no_doubt() {
        let late = |turn: &mut Turn| turn.harness.send_lag.record_many(90_000, 1_000);
        let some = |turn: fn(&mut Turn)| vec![target("some", turn)];
        let beside = bench(Some(target("null", late)), some(|_| {}));
        assert_eq!(outcome(&beside, &[], false), Outcome::Ok);
        let itself = bench(Some(target("null", |_| {})), some(late));
        assert_eq!(outcome(&itself, &[], false), Outcome::Refused);
    }

    #[test]
    fn who_was_not_measured_is_refused() {
        let mut gone = target("gone", |_| {});
        gone.failed = Some("nothing listens there".to_owned());
        let mut empty = target("empty", |_| {});
        empty.turns.clear();
        let found = findings(&bench(None, vec![gone, empty]), &[]);
        assert_eq!(found.outcome(false), Outcome::Refused);
        let said: Vec<String> = found.refusals.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        gone could not be measured to the end: nothing listens there
        empty could not be measured to the end: it has not one turn
        ");
    }

    #[test]
    fn gates_decide_what_is_left() {
        let fast = target("fast", |_| {});
        let slow = target("slow", |turn| {
            turn.latency = super::super::Histogram::new();
            turn.latency.record_many(3_000, 20);
        });
        let gate: Gate = "p99 > 2x".parse().unwrap();
        let acks: Gate = "ack-p99 > 2x".parse().unwrap();
        let ends = |gates: &[GateResult], strict| {
            outcome(
                &bench(None, vec![fast.clone(), slow.clone()]),
                gates,
                strict,
            )
        };
        let bad = GateResult::new(gate, &fast, &slow, 0);
        let good = GateResult::new(gate, &slow, &fast, 0);
        let untold = GateResult::new(acks, &fast, &slow, 0);
        assert_eq!(untold.ratio, None);
        assert_eq!(ends(std::slice::from_ref(&good), true), Outcome::Ok);
        assert_eq!(ends(&[good, untold.clone()], false), Outcome::CannotTell);
        assert_eq!(ends(std::slice::from_ref(&untold), true), Outcome::Refused);
        assert_eq!(ends(&[bad, untold], true), Outcome::Failed);
        assert_eq!(Outcome::CannotTell.code(), 0);
    }
}
