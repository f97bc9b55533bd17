//! The page of a run. How it behaves in a browser is tested in `tests/browser`.

use std::collections::BTreeMap;

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::verdict::{CaseReport, RunReport, ScenarioNote, Way, WireNote};
use chatspec_report::{html, snippet};
use regex::Regex;

use crate::sample;

const SCENARIO: &str = "\
# A newcomer is announced to everybody already in the room, and to nobody else.
must     seed.welcome
catches  welcome-to-self
clients  ana ben eve
rooms    lobby kitchen

ana -> enter_room \"Ana\" lobby => ()
eve -> enter_room \"Eve\" kitchen => ()
ben -> enter_room \"Ben\" lobby => ()
ana <- welcome \"Ben\"
";

fn page(report: &RunReport) -> String {
    let mut out = Vec::new();
    html::write(report, None, false, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

/// Without its style, its script, and their hashes.
fn words(page: &str) -> String {
    let mut page = page.to_owned();
    for (part, place) in [
        ("(?s)<style>.*?</style>", "<style/>"),
        ("(?s)<script>.*?</script>", "<script/>"),
        ("sha256-[^']*", "sha256-HASH"),
        ("(?s)// npm install.*?const run = ", "PRELUDE\nconst run = "),
    ] {
        let part = Regex::new(part).expect("an expression");
        page = part.replace_all(&page, place).into_owned();
    }
    page
}

/// What was on the wire of [`sample::own_welcome_transcript`], as far as the picture needs it.
fn with_wire(mut case: CaseReport) -> CaseReport {
    let notes = case.transcript.iter().enumerate();
    let notes = notes.filter_map(|(line, text)| {
        let words = text.trim_start_matches("# ").split_once(' ')?.1;
        let note = |who: &str, way, packets: &[&str]| WireNote {
            line,
            who: who.to_owned(),
            way,
            packets: packets.iter().map(ToString::to_string).collect(),
        };
        let who = words.split(' ').next()?;
        Some(match words {
            _ if words.contains(" -> ") => note(who, Way::ToServer, &["420[\"enter_room\"]"]),
            _ if words.contains(" <- ") => note(who, Way::FromServer, &["430[]", "bytes 00"]),
            _ if words.ends_with("acked") => note("ana", Way::FromServer, &[]),
            _ if words.ends_with("answered") => note("ben#2", Way::FromServer, &[]),
            _ if words.contains("fence") => note("ben#2", Way::Both, &[]),
            _ if words.ends_with("flush") => note(who, Way::Neither, &[]),
            _ => note(who, Way::ToServer, &["40"]),
        })
    });
    case.wire = notes.collect();
    case
}

fn with_scenario(mut report: RunReport) -> RunReport {
    let note = ScenarioNote {
        file: "scenarios/chat/welcome/announced-to-room.chat".to_owned(),
        text: SCENARIO.to_owned(),
    };
    report.scenarios = BTreeMap::from([(
        ScenarioId::from_path("chat/welcome/announced-to-room"),
        note,
    )]);
    report
}

#[test]
fn every_verdict() {
    let mut report = with_scenario(sample::every_verdict());
    for target in &mut report.targets {
        let cases = target.cases.drain(..).map(with_wire);
        target.cases = cases.collect();
    }
    let mut gone = sample::target("http://127.0.0.1:3999", Vec::new());
    gone.calibration = None;
    gone.unavailable = Some("nothing listens there".to_owned());
    report.targets.push(gone);
    insta::assert_snapshot!(words(&page(&report)));
}

#[test]
fn every_rule() {
    let target = sample::target("node server.js", sample::rules::every_rule());
    insta::assert_snapshot!(words(&page(&sample::run(vec![target]))));
}

#[test]
fn nothing_was_run() {
    insta::assert_snapshot!(words(&page(&sample::run(Vec::new()))));
}

/// Hostile text is in every field that a server or a user has a hand in.
#[test]
fn nothing_that_is_shown_is_markup() {
    let evil = "</pre></details><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}";
    let mut case = sample::own_welcome_cases().remove(0);
    case.reason = evil.to_owned();
    case.again = evil.to_owned();
    case.anomalies = vec![evil.to_owned()];
    case.transcript = vec![format!("1.000ms ana <- {evil}"), format!("# {evil}")];
    case.clauses[0].id = evil.to_owned();
    case.clauses[0].sentence = evil.to_owned();
    case.clauses[0].source = format!("seed contract {evil}");
    case.wire = vec![WireNote {
        line: 0,
        who: evil.to_owned(),
        way: Way::ToServer,
        packets: vec![evil.to_owned()],
    }];
    let mut violation = sample::own_welcome();
    violation.summary = evil.to_owned();
    violation.expected = vec![evil.to_owned()];
    violation.notes = vec![evil.to_owned(), format!("{evil}\n{evil}")];
    case.verdict = chatspec_judge::verdict::Verdict::KnownFailure {
        pattern: evil.to_owned(),
        reason: evil.to_owned(),
        link: Some(format!("https://example.org/{evil}")),
        violations: vec![violation],
    };
    let mut report = with_scenario(sample::run(vec![sample::target(evil, vec![case])]));
    for note in report.scenarios.values_mut() {
        note.file = evil.to_owned();
        note.text = note.text.replace("newcomer", evil);
    }
    let page = page(&report);
    let body = page.split("</head>").nth(1).expect("a body");
    let (body, _) = body.split_once("<script>").expect("our own script");
    assert!(
        !body.contains("<script") && !body.contains("<img"),
        "{body}"
    );
    assert!(!body.contains('\u{202e}'));
    assert!(body.matches("alert(1)").count() > 15, "it is shown");
    let javascript = Regex::new("href=\"[^#h]").expect("an expression");
    assert!(
        !javascript.is_match(body),
        "links lead to documents and places"
    );
}

/// A thousand transcripts of a thousand lines each.
#[test]
fn a_thousand_failures_are_below_five_megabytes() {
    let long: Vec<String> = (0..1_000)
        .map(|n| {
            format!(
                "{n}.000ms ben <- new_message \"Ana: {}\"",
                "<&\"".repeat(40)
            )
        })
        .collect();
    let mut case = sample::own_welcome_cases().remove(0);
    case.wire = (0..1_000)
        .map(|line| WireNote {
            line,
            who: "ben".to_owned(),
            way: Way::FromServer,
            packets: vec![format!("42[\"new_message\",\"{}\"]", "x".repeat(300))],
        })
        .collect();
    case.transcript = long;
    case.marked = vec![500];
    let cases = (0..1_000).map(|n| CaseReport {
        case: format!("chat/welcome/case-{n}@websocket")
            .parse()
            .expect("an id"),
        ..case.clone()
    });
    let target = sample::target("node server.js", cases.collect());
    let page = page(&sample::run(vec![target]));
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert_eq!(
        page.matches("<rect class=b").count(),
        1_000,
        "every offending line is marked"
    );
    assert!(page.contains("lines left out"));
}

#[test]
fn a_scenario_with_everything_as_javascript() {
    let scenario = "\
# All that there is.
may      seed.relay
catches  no-relay
needs    restart
alone
clients  ana ben crowd*3 raw
rooms    lobby side-room
in       lobby: ana crowd
in       side-room: ana

# A comment.
ben connects via polling auth {\"__proto__\": 1, \"token\": bytes 00 ff} to /admin
together {
    ana -> new_message \"m{n}`${x}\" lobby as a{n} for n in 1..3
    crowd.2 -> new_message \"x\"*5 padded 9 side-room
}
in any order {
    ana <- ack a1 ()
    crowd <- new_message \"Ana: m{n}`${x}\" for n in 1..3
}
ben -> \"other event\" null true -1.5e3 [1, {}] bytes*300 => (\"ok\", _)
ben <- connect_error {\"message\": _}
ben <- nothing
ana <- up to 5 of new_message \"m{n}\" for n in 1..5, then closed
raw << \"0{...}\"
raw >> \"40\"
ben >> \"42[1]\"
ben GET \"/x\" => 404
ben vanishes
crowd disconnects
server restarts
link ana delays 200ms
";
    let parsed = chatspec_notation::parse("mine.chat", scenario).expect("a scenario");
    let script = snippet::javascript("mine", &parsed);
    insta::assert_snapshot!(script);
}
