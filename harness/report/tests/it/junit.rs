//! What CI systems read.

use chatspec_judge::verdict::{Level, RunReport, Verdict};
use chatspec_report::{Style, junit};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus};

use crate::sample;

const STYLE: Style = Style::plain(100);
const STRICT: Style = Style {
    strict: true,
    ..STYLE
};

fn written(report: &RunReport, style: Style) -> String {
    let mut out = Vec::new();
    junit::write(report, &style, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

fn read(xml: &str) -> Report {
    Report::deserialize_from_str(xml).expect("JUnit")
}

fn tests(report: &Report) -> impl Iterator<Item = &TestCase> {
    report
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
}

/// Counts by looking at the elements, not at the attributes: (failures, errors, skipped).
fn counted(report: &Report) -> (usize, usize, usize) {
    let count = |wanted: fn(&TestCaseStatus) -> bool| {
        tests(report).filter(|test| wanted(&test.status)).count()
    };
    (
        count(|status| {
            matches!(
                status,
                TestCaseStatus::NonSuccess {
                    kind: NonSuccessKind::Failure,
                    ..
                }
            )
        }),
        count(|status| {
            matches!(
                status,
                TestCaseStatus::NonSuccess {
                    kind: NonSuccessKind::Error,
                    ..
                }
            )
        }),
        count(|status| matches!(status, TestCaseStatus::Skipped { .. })),
    )
}

#[test]
fn every_verdict() {
    insta::assert_snapshot!(written(&sample::every_verdict(), STYLE));
}

#[test]
fn the_counts_are_those_of_the_elements_and_of_the_verdicts() {
    let mut report = sample::every_verdict();
    let mut gone = sample::target("gone", Vec::new());
    gone.unavailable = Some("nothing listens there".to_owned());
    report.targets.push(gone);
    // By hand: 3 failures, an unexpected pass and a stale entry; an inconclusive case and a target
    // that was not there; 2 known failures and 3 cases that do not apply. Strict adds the warning.
    for (style, failures) in [(STYLE, 5), (STRICT, 6)] {
        let junit = read(&written(&report, style));
        assert_eq!(counted(&junit), (failures, 2, 5));
        assert_eq!(
            (junit.failures, junit.errors, junit.skipped),
            (failures, 2, 5)
        );
        assert_eq!(junit.tests, 15 + 2);
        for suite in &junit.test_suites {
            assert_eq!(suite.tests, suite.test_cases.len());
        }
    }
}

#[test]
fn a_run_that_conforms_has_neither_failures_nor_errors() {
    let report = sample::run(vec![sample::all_pass("reference")]);
    let junit = read(&written(&report, STYLE));
    assert_eq!(
        (junit.tests, junit.failures, junit.errors, junit.skipped),
        (75, 0, 0, 0)
    );
    assert_eq!(junit.time, Some(std::time::Duration::from_millis(1_849)));
    assert!(tests(&junit).all(|test| test.time.is_some() && test.classname.is_some()));
}

#[test]
fn what_xml_forbids_is_shown_rather_than_written() {
    let evil = "\u{1b}[2J\u{0}\u{b}\u{ffff}\r\n]]></failure><testcase/>&lt;";
    let mut violation = sample::own_welcome();
    violation.summary = evil.to_owned();
    violation.notes = vec![evil.to_owned()];
    let verdict = Verdict::Fail {
        violations: vec![violation],
    };
    let mut case = sample::case("chat/relay/text@polling", Level::Must, verdict);
    case.transcript = vec![evil.to_owned()];
    let xml = written(&sample::run(vec![sample::target(evil, vec![case])]), STYLE);
    let forbidden = |char: char| {
        (char.is_control() && !matches!(char, '\n' | '\t'))
            || matches!(char, '\u{fffe}' | '\u{ffff}')
    };
    assert!(!xml.contains(forbidden), "{xml:?}");
    let junit = read(&xml);
    assert_eq!((junit.tests, junit.failures), (1, 1));
    let test = tests(&junit).next().expect("a test");
    let shown = "\\u001b[2J\\u0000\\u000b\\uffff\\r\\n]]></failure><testcase/>&lt;";
    assert_eq!(test.system_out.as_deref(), Some(shown));
}
