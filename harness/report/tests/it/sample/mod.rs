//! Reports to show: made by hand, as the judge would make them.

use std::collections::BTreeMap;

use chatspec_judge::anomalies::Guarantee;
use chatspec_judge::ids::{CaseId, Seq};
use chatspec_judge::verdict::{
    Calibration, CaseReport, ClauseNote, LedgerProblem, Level, Proof, Rule, RunReport, SourceLine,
    TargetReport, Verdict, Violation,
};

pub(crate) mod rules;

/// A run on these targets.
pub(crate) fn run(targets: Vec<TargetReport>) -> RunReport {
    RunReport {
        format: RunReport::FORMAT,
        version: "0.1.0".to_owned(),
        seed: 42,
        duration_ms: 1_849,
        shard: None,
        scenarios: BTreeMap::new(),
        targets,
    }
}

/// A target that was judged.
pub(crate) fn target(name: &str, cases: Vec<CaseReport>) -> TargetReport {
    TargetReport {
        name: name.to_owned(),
        calibration: Some(Calibration {
            across_nodes: None,
            round_trip_us: 213,
            worst_round_trip_us: 904,
            concurrent: false,
            quiet_window_us: 0,
        }),
        unavailable: None,
        cases,
        ledger_problems: Vec::new(),
    }
}

/// A case with this verdict.
pub(crate) fn case(id: &str, level: Level, verdict: Verdict) -> CaseReport {
    let id: CaseId = id.parse().expect("a case id");
    CaseReport {
        reason: "A newcomer is announced to everybody already in the room, and to nobody else."
            .to_owned(),
        level,
        clauses: vec![ClauseNote {
            id: "seed.welcome".to_owned(),
            sentence: "Entering a room emits `welcome` with the nickname to everyone else in that \
                       room."
                .to_owned(),
            source: "the seed contract, `enter_room`".to_owned(),
        }],
        duration_ms: 12,
        harness_lag_us: 310,
        proofs: Vec::new(),
        verdict,
        anomalies: Vec::new(),
        guarantee: None,
        rate: None,
        transcript: Vec::new(),
        marked: Vec::new(),
        wire: Vec::new(),
        again: format!("chatspec run {id} --target 'cmd:node server.js' --seed 42"),
        case: id,
    }
}

pub(crate) fn pass(id: &str) -> CaseReport {
    case(id, Level::Must, Verdict::Pass)
}

/// The usual failure: Ben hears his own welcome.
pub(crate) fn own_welcome() -> Violation {
    Violation {
        rule: Rule::Unexpected,
        level: Level::Must,
        summary: "ben received `welcome` that no line takes".to_owned(),
        line: Some(line(11, "ana <- welcome \"Ben\"")),
        expected: vec!["ben <- nothing".to_owned()],
        actual: vec!["ben <- welcome \"Ben\"".to_owned()],
        notes: Vec::new(),
        evidence: vec![Seq(7)],
    }
}

pub(crate) fn line(line: usize, text: &str) -> SourceLine {
    SourceLine {
        file: "chat/welcome/announced-to-room.chat".to_owned(),
        line,
        column: 1,
        text: text.to_owned(),
    }
}

/// The lines of the transcript that show [`own_welcome`].
pub(crate) const OWN_WELCOME: [usize; 1] = [9];

/// The transcript that goes with [`own_welcome`].
pub(crate) fn own_welcome_transcript() -> Vec<String> {
    [
        "0.180ms ana connects",
        "1.022ms eve connects",
        "1.874ms ben connects",
        "2.731ms ana -> enter_room \"Ana\" lobby as r1",
        "2.989ms ana <- ack r1 ()",
        "3.015ms eve -> enter_room \"Eve\" kitchen as r2",
        "3.240ms eve <- ack r2 ()",
        "3.266ms ben -> enter_room \"Ben\" lobby as r3",
        "3.490ms ben <- ack r3 ()",
        "3.493ms ben <- welcome \"Ben\"",
        "3.511ms ana <- welcome \"Ben\"",
        "# 3.530ms ana begins a flush",
        "# 3.702ms the flush of ana is acked",
        "# 3.810ms a fence on ben begins",
        "# 14.022ms the fence on ben is answered",
    ]
    .map(ToOwned::to_owned)
    .to_vec()
}

/// The same failure on every transport, with what surrounds it.
pub(crate) fn own_welcome_cases() -> Vec<CaseReport> {
    ["websocket", "polling", "upgrade"]
        .into_iter()
        .map(|transport| CaseReport {
            transcript: own_welcome_transcript(),
            marked: OWN_WELCOME.to_vec(),
            proofs: vec![Proof::FlushAndFence],
            ..case(
                &format!("chat/welcome/announced-to-room@{transport}"),
                Level::Must,
                Verdict::Fail {
                    violations: vec![own_welcome()],
                },
            )
        })
        .collect()
}

/// An acknowledgement that carries something, by how binding that is.
fn talkative_ack(level: Level) -> Violation {
    Violation {
        rule: Rule::Mismatch,
        level,
        summary: "ana waited for the ack of m1, and next came the ack of m1 with an argument"
            .to_owned(),
        line: Some(SourceLine {
            file: "chat/acks/arity.chat".to_owned(),
            line: 9,
            column: 3,
            text: "ana -> new_message \"hi\" lobby => ()".to_owned(),
        }),
        expected: vec!["ana <- ack r2 ()".to_owned()],
        actual: vec!["ana <- ack r2 (\"ok\")".to_owned()],
        notes: Vec::new(),
        evidence: vec![Seq(4)],
    }
}

/// One target with a case of every verdict.
pub(crate) fn every_verdict() -> RunReport {
    let known = |id: &str| {
        case(
            id,
            Level::Should,
            Verdict::KnownFailure {
                pattern: "chat/robust/missing-ack-function*".to_owned(),
                reason: "it calls the acknowledgement without asking whether there is one"
                    .to_owned(),
                link: Some("https://example.org/issues/7".to_owned()),
                violations: vec![Violation {
                    level: Level::Should,
                    ..own_welcome()
                }],
            },
        )
    };
    let skipped = |id: &str, missing: &[&str]| {
        let missing = missing.iter().map(ToString::to_string).collect();
        case(id, Level::Must, Verdict::Skipped { missing })
    };
    let mut cases = vec![
        case(
            "chat/acks/arity@websocket",
            Level::Should,
            Verdict::Warning {
                violations: vec![talkative_ack(Level::Should)],
            },
        ),
        pass("chat/acks/order@websocket"),
        pass("chat/acks/order@polling"),
        case(
            "chat/acks/order@upgrade",
            Level::Must,
            Verdict::Inconclusive {
                cause: "the harness was starved: its own clock ticked 412 ms late".to_owned(),
            },
        ),
        case(
            "chat/nickname/empty@websocket",
            Level::May,
            Verdict::Info {
                violations: vec![talkative_ack(Level::May)],
            },
        ),
        case(
            "chat/relay/rooms@polling",
            Level::Must,
            Verdict::UnexpectedPass {
                pattern: "chat/relay/rooms@polling".to_owned(),
                reason: "polling loses the second room".to_owned(),
            },
        ),
        pass("chat/relay/rooms@websocket"),
        known("chat/robust/missing-ack-function@polling"),
        known("chat/robust/missing-ack-function@websocket"),
        skipped("echo/binary@websocket", &["echo"]),
        skipped("echo/text@websocket", &["echo"]),
        skipped("restart/rooms-are-gone@websocket", &["restart", "nodes 2"]),
    ];
    if let [_, total, fifo, open, ..] = cases.as_mut_slice() {
        total.guarantee = Some(Guarantee::Total);
        fifo.guarantee = Some(Guarantee::Fifo);
        open.harness_lag_us = 412_000;
    }
    cases.extend(own_welcome_cases());
    let mut target = target("node server.js", cases);
    target.ledger_problems.push(LedgerProblem {
        pattern: "chat/relay/emoji*".to_owned(),
        problem: "no case of the suite has such an id".to_owned(),
        mend: "remove the entry with pattern = \"chat/relay/emoji*\"".to_owned(),
    });
    run(vec![target])
}

/// Twenty-five scenarios on three transports, all passing.
pub(crate) fn all_pass(name: &str) -> TargetReport {
    let mut cases = Vec::new();
    for (chapter, number) in [("acks", 6), ("enter", 4), ("relay", 9), ("welcome", 6)] {
        for index in 1..=number {
            for transport in ["polling", "upgrade", "websocket"] {
                cases.push(pass(&format!("chat/{chapter}/case-{index}@{transport}")));
            }
        }
    }
    target(name, cases)
}

/// What a server that never answers looks like: every scenario misses the same thing.
pub(crate) fn silent_server() -> TargetReport {
    let mut target = all_pass("cmd:./silent");
    for case in &mut target.cases {
        let file = format!("{}.chat", case.case.scenario);
        case.verdict = Verdict::Fail {
            violations: vec![Violation {
                rule: Rule::Missing,
                level: Level::Must,
                summary: "ana waited for the ack of `enter_room`, and nothing came".to_owned(),
                line: Some(SourceLine {
                    file,
                    line: 8,
                    column: 1,
                    text: "in lobby: ana ben".to_owned(),
                }),
                expected: vec!["ana <- ack r1 ()".to_owned()],
                actual: Vec::new(),
                notes: vec!["waited 1000 ms".to_owned()],
                evidence: vec![Seq(3)],
            }],
        };
        case.transcript = vec![
            "0.180ms ana connects".to_owned(),
            "1.731ms ana -> enter_room \"Ana\" lobby as r1".to_owned(),
        ];
    }
    target
}
