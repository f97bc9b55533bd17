//! What CI systems show: a step summary, annotations, a badge.

use chatspec_judge::verdict::{CaseReport, Level, RunReport, SourceLine, Verdict, Violation};
use chatspec_report::{annotations, badge, markdown};

use crate::sample;

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

fn summary(report: &RunReport) -> String {
    text(|out| markdown::write(report, None, false, out))
}

/// A report with everything, and a target that was not there.
fn everything() -> RunReport {
    let mut report = sample::every_verdict();
    let mut gone = sample::target("http://127.0.0.1:3999", Vec::new());
    gone.unavailable = Some("nothing listens there".to_owned());
    report.targets.push(gone);
    report
}

/// As many failures as that, each with a finding of its own.
fn failures(number: usize) -> RunReport {
    let cases = (0..number).map(|n| {
        let mut violation = sample::own_welcome();
        violation.summary = format!(
            "ben received too much, for the {n}th time: {}",
            "x".repeat(500)
        );
        let verdict = Verdict::Fail {
            violations: vec![violation],
        };
        CaseReport {
            transcript: sample::own_welcome_transcript(),
            marked: sample::OWN_WELCOME.to_vec(),
            ..sample::case(
                &format!("chat/welcome/case-{n}@polling"),
                Level::Must,
                verdict,
            )
        }
    });
    sample::run(vec![sample::target("node server.js", cases.collect())])
}

#[test]
fn a_step_summary() {
    insta::assert_snapshot!(summary(&everything()));
}

#[test]
fn a_step_summary_of_a_right_server() {
    let targets = vec![sample::all_pass("reference"), sample::all_pass("node")];
    insta::assert_snapshot!(summary(&sample::run(targets)));
}

#[test]
fn a_step_summary_is_never_too_long_and_says_what_it_leaves_out() {
    let page = summary(&failures(1_000));
    assert!(page.len() < 1 << 20, "{} bytes", page.len());
    let told = page.matches("<details>").count();
    assert!(told > 100, "{told} findings are told");
    assert_eq!(page.matches("</details>").count(), told);
    let left_out = format!("{} further findings left out", 1_000 - told);
    assert!(page.contains(&left_out), "{left_out}");
}

#[test]
fn annotations_beside_the_lines() {
    insta::assert_snapshot!(text(|out| annotations::write(&everything(), false, out)));
}

#[test]
fn under_strict_a_should_is_an_error() {
    let plain = text(|out| annotations::write(&everything(), false, out));
    let strict = text(|out| annotations::write(&everything(), true, out));
    let count = |text: &str, command: &str| {
        text.lines()
            .filter(|line| line.starts_with(command))
            .count()
    };
    assert_eq!(count(&strict, "::error "), count(&plain, "::error ") + 1);
    assert_eq!(
        count(&strict, "::warning "),
        count(&plain, "::warning ") - 1
    );
}

#[test]
fn github_shows_ten_and_the_last_counts_the_rest() {
    let all = text(|out| annotations::write(&failures(10), false, out));
    assert_eq!(all.lines().count(), 10);
    assert!(!all.contains("further"));
    let some = text(|out| annotations::write(&failures(25), false, out));
    assert_eq!(some.lines().count(), 10);
    assert!(
        some.contains("title=16 further findings of chatspec::"),
        "{some}"
    );
}

#[test]
fn nothing_in_an_annotation_is_a_command() {
    let evil = "100%\r\n::error::x, y:z\u{1b}";
    let violation = Violation {
        summary: evil.to_owned(),
        line: Some(SourceLine {
            file: "odd, name: 5%.chat".to_owned(),
            line: 3,
            column: 1,
            text: String::new(),
        }),
        ..sample::own_welcome()
    };
    let verdict = Verdict::Fail {
        violations: vec![violation],
    };
    let case = sample::case("chat/relay/text@polling", Level::Must, verdict);
    let report = sample::run(vec![sample::target("a:b,c", vec![case])]);
    let said = text(|out| annotations::write(&report, false, out));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.starts_with("::error file=odd%2C name%3A 5%25.chat,line=3,col=1,title="),
        "{said}"
    );
    assert!(
        said.contains("on a%3Ab%2Cc::100%25\\r\\n::error::x, y:z\\u001b%0A"),
        "{said}"
    );
}

#[test]
fn badges() {
    let mut gone = sample::target("http://127.0.0.1:3999", Vec::new());
    gone.unavailable = Some("nothing listens there".to_owned());
    let mut stale = sample::all_pass("stale");
    stale.ledger_problems = sample::every_verdict().targets[0].ledger_problems.clone();
    let mut told = String::new();
    for report in [
        sample::run(vec![sample::all_pass("reference")]),
        sample::every_verdict(),
        sample::run(vec![stale]),
        sample::run(vec![gone]),
        sample::run(Vec::new()),
    ] {
        told += &text(|out| badge::write(&report, false, out));
    }
    insta::assert_snapshot!(told);
}
