//! One failure for every rule.

use super::*;

/// Each rule's failure, as a case of its own.
pub(crate) fn every_rule() -> Vec<CaseReport> {
    vec![
        mismatch(),
        missing(),
        late(),
        unexpected(),
        closed(),
        broken_packet(),
        connect_failed(),
        proof_failed(),
        server_died(),
        http_answer(),
        anomaly(),
    ]
}

/// The line of the transcript that says what came, or what happened, is marked.
fn failure(id: &str, violation: Violation, transcript: &[&str]) -> CaseReport {
    let shows = violation.actual.first().unwrap_or(&violation.summary);
    let marked = transcript
        .iter()
        .rposition(|line| line.ends_with(shows.as_str()));
    CaseReport {
        transcript: transcript.iter().map(ToString::to_string).collect(),
        marked: marked.into_iter().collect(),
        ..case(
            id,
            Level::Must,
            Verdict::Fail {
                violations: vec![violation],
            },
        )
    }
}

fn violation(rule: Rule, summary: &str, line: Option<SourceLine>) -> Violation {
    Violation {
        rule,
        level: Level::Must,
        summary: summary.to_owned(),
        line,
        expected: Vec::new(),
        actual: Vec::new(),
        notes: Vec::new(),
        evidence: vec![Seq(1)],
    }
}

fn own(lines: &[&str]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

fn mismatch() -> CaseReport {
    let text = "ben <- new_message \"Ana: m{n}\" for n in 1..100";
    let mut found = violation(
        Rule::Mismatch,
        "ben waited for `new_message`, and next came another `new_message`",
        Some(line(12, text)),
    );
    found.expected = own(&["ben <- new_message \"Ana: m41\""]);
    found.actual = own(&["ben <- new_message \"Ana: m42\""]);
    found.notes = own(&["what was expected came later, as the 43rd item"]);
    let mut transcript: Vec<String> = (1..=100)
        .map(|n| {
            let said = if n == 41 {
                42
            } else if n == 42 {
                41
            } else {
                n
            };
            format!(
                "{}.{:03}ms ben <- new_message \"Ana: m{said}\"",
                3 + n / 10,
                n * 7 % 1000
            )
        })
        .collect();
    transcript.insert(
        0,
        "2.100ms ana -> enter_room \"Ana\" lobby as r1".to_owned(),
    );
    let transcript: Vec<_> = transcript.iter().map(String::as_str).collect();
    failure("chat/order/per-sender@websocket", found, &transcript)
}

fn missing() -> CaseReport {
    let mut found = violation(
        Rule::Missing,
        "ana waited for `welcome`, and nothing came",
        Some(line(11, "ana <- welcome \"Ben\"")),
    );
    found.expected = own(&["ana <- welcome \"Ben\""]);
    found.notes = own(&[
        "waited 1000 ms",
        "the server printed: TypeError: ack is not a function\n    at Socket.<anonymous> (server.js:14:5)",
    ]);
    failure(
        "chat/welcome/announced-to-room@polling",
        found,
        &[
            "0.180ms ana connects",
            "3.266ms ben -> enter_room \"Ben\" lobby as r3",
            "3.490ms ben <- ack r3 ()",
        ],
    )
}

fn late() -> CaseReport {
    let mut found = violation(
        Rule::Late,
        "ben should already hold `new_message`, and it came later",
        Some(line(14, "ben <- new_message \"Ana: hi\" already")),
    );
    found.expected = own(&["ben <- new_message \"Ana: hi\" already"]);
    found.actual = own(&["ben <- new_message \"Ana: hi\""]);
    found.notes = own(&["it arrived 25.1 ms after the fence was answered"]);
    failure(
        "chat/acks/relay-done-before-ack@websocket",
        found,
        &[
            "3.266ms ana -> new_message \"hi\" lobby as r3",
            "3.490ms ana <- ack r3 ()",
            "# 3.510ms a fence on ben begins",
            "# 3.720ms the fence on ben is answered",
            "28.820ms ben <- new_message \"Ana: hi\"",
        ],
    )
}

fn unexpected() -> CaseReport {
    let mut found = own_welcome();
    found.line = None;
    let transcript = own_welcome_transcript();
    let transcript: Vec<_> = transcript.iter().map(String::as_str).collect();
    let mut case = failure("chat/welcome/not-to-self@websocket", found, &transcript);
    case.proofs = vec![Proof::FlushAndFence, Proof::QuietWindow];
    case
}

fn closed() -> CaseReport {
    let mut found = violation(
        Rule::Closed,
        "ana lost its connection: the server closed it with WebSocket code 1009 (message too big)",
        Some(line(9, "ana -> new_message \"x\"*100000 lobby => ()")),
    );
    found.expected = own(&["ana <- ack r2 ()"]);
    found.actual = own(&["ana <- closed"]);
    failure(
        "chat/relay/text-of-100-kb@websocket",
        found,
        &[
            &format!(
                "3.266ms ana -> new_message \"{}\" lobby as r2",
                "lorem ipsum ".repeat(8_334)
            ),
            "4.101ms ana <- closed",
        ],
    )
}

fn broken_packet() -> CaseReport {
    let mut found = violation(
        Rule::BrokenPacket,
        "ben was sent a broken packet: expected a JSON array after `42`, found `{`",
        Some(line(11, "ben <- new_message \"Ana: hi\"")),
    );
    found.expected = own(&["ben <- new_message \"Ana: hi\""]);
    found.actual =
        own(&["# ben was sent a broken packet: expected a JSON array after `42`, found `{`"]);
    failure(
        "chat/relay/format@websocket",
        found,
        &["3.490ms # ben was sent a broken packet"],
    )
}

fn connect_failed() -> CaseReport {
    let mut found = violation(
        Rule::ConnectFailed,
        "eve could not connect: the handshake was answered with 400 {\"code\":0,\"message\":\"Transport unknown\"}",
        Some(line(7, "eve -> enter_room \"Eve\" kitchen => ()")),
    );
    found.notes = own(&["tried for 1000 ms"]);
    failure(
        "chat/enter/ack-first@polling",
        found,
        &[
            "0.180ms ana connects",
            "0.200ms eve connects",
            "# 1.207ms eve could not connect: 400",
        ],
    )
}

fn proof_failed() -> CaseReport {
    let mut found = violation(
        Rule::ProofFailed,
        "the fence on ben was not answered, so nothing can be said about what he was not sent",
        None,
    );
    found.notes = own(&["waited 1000 ms"]);
    failure(
        "chat/relay/other-rooms-silent@upgrade",
        found,
        &["# 3.810ms a fence on ben begins"],
    )
}

fn server_died() -> CaseReport {
    let mut found = violation(
        Rule::ServerDied,
        "the server died: exit status 1",
        Some(line(10, "ana -> new_message \"hi\" lobby")),
    );
    found.notes = own(&["the server printed: TypeError: ack is not a function"]);
    failure(
        "chat/robust/missing-ack-function@websocket",
        found,
        &[
            "3.266ms ana -> new_message \"hi\" lobby",
            "# 4.001ms the server died: exit status 1",
        ],
    )
}

fn http_answer() -> CaseReport {
    let mut found = violation(
        Rule::HttpAnswer,
        "the answer has another status",
        Some(line(
            6,
            "ana GET \"/socket.io/?EIO=3&transport=polling\" => 400 \"...\"",
        )),
    );
    found.expected = own(&["400 \"...\""]);
    found.actual = own(&["200 \"96:0{\\\"sid\\\":\\\"x\\\"}2:40\""]);
    failure("protocol/eio3-refused@polling", found, &[])
}

pub(crate) fn anomaly() -> CaseReport {
    let told = own(&[
        "altered: ben received \"ANA: HI\", probably for the message \"hi\" of ana to lobby",
        "acked-twice: ana received the ack of its `new_message` a second time",
    ]);
    let mut found = violation(Rule::Anomaly, &told[0], None);
    found.notes =
        own(&["every line of the scenario holds; what is wrong shows in the whole of the history"]);
    CaseReport {
        anomalies: told,
        ..failure("chat/messages/explored@websocket", found, &[])
    }
}
