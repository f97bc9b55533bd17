//! What people see after a run. Each file in `snapshots/` is worth reading.

use chatspec_judge::verdict::{
    AcrossNodes, Calibration, CaseReport, Level, Rule, RunReport, Verdict,
};
use chatspec_report::{Style, progress, terminal};

use crate::sample;

const NARROW: Style = Style::plain(80);
const WIDE: Style = Style::plain(120);
const COLOURED: Style = Style {
    colour: true,
    ..WIDE
};
const STRICT: Style = Style {
    strict: true,
    ..NARROW
};

fn written(report: &RunReport, style: Style) -> String {
    let mut out = Vec::new();
    terminal::write(report, &style, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

fn cases(cases: Vec<CaseReport>) -> RunReport {
    sample::run(vec![sample::target("reference", cases)])
}

#[test]
fn every_verdict_narrow() {
    insta::assert_snapshot!(written(&sample::every_verdict(), NARROW));
}

#[test]
fn every_verdict_wide() {
    insta::assert_snapshot!(written(&sample::every_verdict(), WIDE));
}

#[test]
fn every_verdict_in_colour() {
    let text = written(&sample::every_verdict(), COLOURED);
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn every_verdict_under_strict() {
    let text = written(&sample::every_verdict(), STRICT);
    let end = text.lines().rev().take(3).collect::<Vec<_>>();
    insta::assert_snapshot!(end.into_iter().rev().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_rule_narrow() {
    insta::assert_snapshot!(written(&cases(sample::rules::every_rule()), NARROW));
}

#[test]
fn every_rule_wide() {
    insta::assert_snapshot!(written(&cases(sample::rules::every_rule()), WIDE));
}

#[test]
fn all_pass() {
    let report = sample::run(vec![sample::all_pass("reference")]);
    insta::assert_snapshot!(written(&report, NARROW));
}

#[test]
fn several_targets_are_a_matrix() {
    let node = sample::every_verdict().targets;
    let mut concurrent = sample::all_pass("concurrent");
    concurrent.calibration = Some(Calibration {
        across_nodes: Some(AcrossNodes {
            nodes: 2,
            crossing_us: 402,
            worst_crossing_us: 7_911,
            quiet_window_us: 31_644,
        }),
        round_trip_us: 1_213,
        worst_round_trip_us: 12_904,
        concurrent: true,
        quiet_window_us: 38_500,
    });
    let mut targets = vec![sample::all_pass("reference"), concurrent];
    targets.extend(node);
    insta::assert_snapshot!(written(&sample::run(targets), NARROW));
}

#[test]
fn long_names_are_numbered_in_the_matrix() {
    let mut first =
        sample::all_pass("cmd:node ci/servers/node-original/server.js --port-from-environment");
    let mut second = sample::all_pass("image:registry.example.org/chat/server:2026-01-31#8080");
    first.cases.truncate(20);
    second.cases.drain(..10);
    insta::assert_snapshot!(written(&sample::run(vec![first, second]), NARROW));
}

#[test]
fn a_flood_with_one_cause_is_told_once() {
    let text = written(&sample::run(vec![sample::silent_server()]), NARROW);
    assert!(text.lines().count() < 120, "{} lines", text.lines().count());
    insta::assert_snapshot!(text);
}

#[test]
fn a_target_that_was_not_there() {
    let mut target = sample::target("http://127.0.0.1:3999", Vec::new());
    target.calibration = None;
    target.unavailable = Some("nothing listens on 127.0.0.1:3999 (connection refused)".to_owned());
    insta::assert_snapshot!(written(&sample::run(vec![target]), NARROW));
}

#[test]
fn a_target_that_died_for_good() {
    let mut target = sample::all_pass("http://127.0.0.1:3999");
    for case in target.cases.iter_mut().skip(8) {
        case.verdict = Verdict::Inconclusive {
            cause: "the target stopped answering during chat/acks/case-3@upgrade, and is not ours to restart".to_owned(),
        };
    }
    insta::assert_snapshot!(written(&sample::run(vec![target]), NARROW));
}

#[test]
fn nothing_applied() {
    let missing = || Verdict::Skipped {
        missing: vec!["echo".to_owned()],
    };
    let skipped = ["echo/text@polling", "echo/text@websocket"]
        .map(|id| sample::case(id, Level::Must, missing()));
    insta::assert_snapshot!(written(&cases(skipped.to_vec()), NARROW));
}

#[test]
fn only_known_failures_and_warnings() {
    let mut target = sample::every_verdict().targets.remove(0);
    target.ledger_problems.clear();
    target.cases.retain(|case| {
        matches!(
            case.verdict,
            Verdict::Pass | Verdict::KnownFailure { .. } | Verdict::Warning { .. }
        )
    });
    let report = sample::run(vec![target]);
    let sentences = [
        terminal::sentence(&report, false),
        terminal::sentence(&report, true),
    ];
    insta::assert_snapshot!(sentences.join("\n"));
}

/// Everything that a server chooses is hostile here, and nothing of it reaches the terminal.
#[test]
fn a_hostile_server_cannot_steer_the_terminal() {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\nconformant (exit code 0)\u{202e}";
    let mut violation = sample::own_welcome();
    violation.summary = format!("ben received {evil}");
    violation.expected = vec![evil.to_owned()];
    violation.actual = vec![format!("{evil}!"), evil.to_owned()];
    violation.notes = vec![evil.to_owned()];
    let mut case = sample::case(
        "chat/relay/text@websocket",
        Level::Must,
        Verdict::Fail {
            violations: vec![violation],
        },
    );
    case.transcript = vec![format!("1.000ms ben <- new_message \"{evil}\"")];
    let mut open = sample::pass("chat/relay/other@websocket");
    open.verdict = Verdict::Inconclusive {
        cause: evil.to_owned(),
    };
    let mut target = sample::target(evil, vec![case.clone(), open]);
    target.unavailable = Some(evil.to_owned());
    let text = written(&sample::run(vec![target.clone()]), NARROW);
    let line = progress::plain_line(&case, evil, &NARROW).expect("a failure has a line");
    let end = progress::target_line(&target, &NARROW);
    for text in [&text, &line, &end] {
        let steering = text
            .chars()
            .find(|char| char.is_control() && *char != '\n' || *char == '\u{202e}');
        assert_eq!(steering, None, "{text:?}");
    }
    // A line of its own that claims the opposite would be as bad.
    assert!(
        !text.lines().any(|line| line.starts_with("conformant")),
        "{text}"
    );
    insta::assert_snapshot!(text);
}

#[test]
fn a_long_text_does_not_flood_the_screen() {
    let (left, right) = ("x".repeat(60_000), "x".repeat(39_999));
    let mut violation = sample::own_welcome();
    violation.rule = Rule::Mismatch;
    violation.summary =
        "ben waited for `new_message`, and next came another `new_message`".to_owned();
    violation.notes = vec![
        format!("the server printed: {}", "y".repeat(50_000)),
        "z\n".repeat(40),
    ];
    violation.expected = vec![format!("ben <- new_message \"Ana: {left}y{right}\"")];
    violation.actual = vec![format!("ben <- new_message \"Ana: {left}z{right}\"")];
    let mut case = sample::case(
        "chat/relay/text-of-100-kb@websocket",
        Level::Must,
        Verdict::Fail {
            violations: vec![violation.clone()],
        },
    );
    case.transcript = vec![format!("1.000ms {}", violation.actual[0])];
    case.marked = vec![0];
    let text = written(&cases(vec![case]), NARROW);
    assert!(text.len() < 4_000, "{} bytes", text.len());
    insta::assert_snapshot!(text);
}

#[test]
fn several_violations_of_several_levels() {
    let mut second = sample::own_welcome();
    second.level = Level::Should;
    second.expected = vec!["ben <- closed".to_owned(), "ben <- nothing".to_owned()];
    second.actual = (1..=12)
        .map(|n| format!("ben <- new_message \"Ana: m{n}\""))
        .collect();
    let violations =
        std::iter::repeat_n(sample::own_welcome(), 5).chain([second.clone(), second.clone()]);
    let first_two = vec![sample::own_welcome(), second];
    let many = sample::case(
        "chat/welcome/many@websocket",
        Level::Must,
        Verdict::Fail {
            violations: violations.collect(),
        },
    );
    let two = sample::case(
        "chat/welcome/two@websocket",
        Level::Must,
        Verdict::Fail {
            violations: first_two,
        },
    );
    insta::assert_snapshot!(written(&cases(vec![two, many]), NARROW));
}

#[test]
fn progress_lines() {
    let report = sample::every_verdict();
    let mut lines = Vec::new();
    for target in &report.targets {
        let said = target.cases.iter();
        lines.extend(said.filter_map(|case| progress::plain_line(case, &target.name, &NARROW)));
        lines.push(progress::target_line(target, &NARROW));
    }
    insta::assert_snapshot!(lines.join("\n"));
}
