//! A run, for CI systems: `JUnit` XML.
//!
//! One suite a target, one test a case. Its class is the chapter with dots, which Jenkins shows as
//! packages, behind the target where there are several: both Jenkins and GitLab tell tests apart by
//! class and name alone. Its file is the scenario's, which GitLab shows. What the verdicts become:
//!
//! | verdict | `JUnit` |
//! |---|---|
//! | pass | success |
//! | fail, unexpected pass | failure: the server, or its ledger, is wrong |
//! | inconclusive | error: nothing can be said about the server |
//! | warning | success with output; failure under `--strict`, as in the exit code |
//! | info | success with output |
//! | known failure | skipped, with the ledger's reason: as a failure it would break the build that the ledger exists to keep whole, and as a success it would be forgotten |
//! | skipped | skipped, with what the target lacks |
//!
//! A target that could not be judged, and each problem of a ledger, is a test of its own, so that
//! a file without failures and errors means exit code 0 (or 4, when it holds no test that ran).

use std::io::{self, Write};
use std::time::Duration;

use chatspec_judge::verdict::{CaseReport, RunReport, TargetReport, Verdict, Violation};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::style::Style;
use crate::{terminal, text, words};

/// The most characters of one line of a transcript. Some CI systems refuse files of many
/// megabytes, and the JSON report has it all.
const LONGEST: usize = 2_000;

/// Writes the report. `style` says whether a warning is a failure, and how wide the text is.
pub fn write(report: &RunReport, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let style = Style {
        colour: false,
        ..*style
    };
    let mut junit = Report::new("chatspec");
    junit.set_time(Duration::from_millis(report.duration_ms));
    for target in &report.targets {
        junit.add_test_suite(suite(target, report, style)?);
    }
    junit.serialize(out).map_err(io::Error::other)
}

fn suite(target: &TargetReport, report: &RunReport, style: Style) -> io::Result<TestSuite> {
    let mut suite = TestSuite::new(safe(&target.name));
    suite.add_property(("chatspec.version", report.version.as_str()));
    suite.add_property(("seed", report.seed.to_string().as_str()));
    if let Some(calibration) = &target.calibration {
        let trip = calibration.round_trip_us.to_string();
        suite.add_property(("round-trip-us", trip.as_str()));
    }
    if let Some(reason) = &target.unavailable {
        suite.add_test_case(test(
            "target",
            "could-be-judged",
            error("unavailable", reason),
        ));
    }
    for problem in &target.ledger_problems {
        let mut status = failure("stale-ledger", &problem.problem);
        status.set_description(safe(&problem.mend));
        suite.add_test_case(test("ledger", &problem.pattern, status));
    }
    for case in &target.cases {
        let mut test = test_case(case, target, style)?;
        test.set_classname(class_of(case, target, report));
        if let Some(note) = report.scenarios.get(&case.case.scenario) {
            test.extra.insert("file".into(), safe(&note.file).into());
        }
        suite.add_test_case(test);
    }
    // Cases run side by side, so this is work rather than waiting: viewers expect the sum.
    suite.set_time(
        target
            .cases
            .iter()
            .map(|case| Duration::from_millis(case.duration_ms))
            .sum(),
    );
    Ok(suite)
}

fn class_of(case: &CaseReport, target: &TargetReport, report: &RunReport) -> String {
    let chapter = case.case.scenario.chapter().replace('/', ".");
    if report.targets.len() > 1 {
        safe(&format!("{}.{chapter}", target.name.replace('.', "_")))
    } else {
        safe(&chapter)
    }
}

fn test_case(case: &CaseReport, target: &TargetReport, style: Style) -> io::Result<TestCase> {
    let mut status = status(case, style.strict);
    let told = match &case.verdict {
        Verdict::Pass | Verdict::Skipped { .. } => None,
        _ => Some(told(case, target, style)?),
    };
    let succeeded = matches!(status, TestCaseStatus::Success { .. });
    if let Some(told) = &told {
        status.set_description(told.as_str()); // a success has no place for it
    }
    let mut test = test(case.case.scenario.chapter(), &case.case.to_string(), status);
    test.set_time(Duration::from_millis(case.duration_ms));
    // Of what passed, a report may know what happened; nobody reads it here.
    let lines = told.as_ref().map_or(&[][..], |_| &case.transcript);
    let transcript: Vec<String> = lines
        .iter()
        .map(|line| text::shorten(&text::escape(line), LONGEST, None))
        .collect();
    let mut output = told.filter(|_| succeeded).unwrap_or_default();
    if !transcript.is_empty() {
        if !output.is_empty() {
            output.push('\n');
        }
        output.push_str(&transcript.join("\n"));
    }
    if !output.is_empty() {
        test.set_system_out(output);
    }
    Ok(test)
}

/// What the terminal would say about the case, without the transcript: that is the output.
fn told(case: &CaseReport, target: &TargetReport, style: Style) -> io::Result<String> {
    let mut told = Vec::new();
    let case = CaseReport {
        transcript: Vec::new(),
        ..case.clone()
    };
    terminal::write_case(&case, &target.name, &style, &mut told)?;
    Ok(String::from_utf8_lossy(&told).into_owned())
}

fn status(case: &CaseReport, strict: bool) -> TestCaseStatus {
    match &case.verdict {
        Verdict::Fail { violations } => broken(violations),
        Verdict::Warning { violations } if strict => broken(violations),
        Verdict::Pass | Verdict::Warning { .. } | Verdict::Info { .. } => TestCaseStatus::success(),
        Verdict::UnexpectedPass { pattern, .. } => failure(
            "unexpected-pass",
            &format!("passed, although the ledger has `{pattern}`"),
        ),
        Verdict::Inconclusive { cause } => error("inconclusive", cause),
        Verdict::KnownFailure { reason, link, .. } => {
            let link = link
                .as_ref()
                .map(|link| format!(" ({link})"))
                .unwrap_or_default();
            skipped("known-failure", &format!("known failure: {reason}{link}"))
        }
        Verdict::Skipped { missing } => skipped(
            "lacks",
            &format!("the target lacks {}", text::listed(missing)),
        ),
    }
}

fn broken(violations: &[Violation]) -> TestCaseStatus {
    match violations.first() {
        Some(violation) => failure(words::rule(violation.rule), &violation.summary),
        None => failure("violation", ""),
    }
}

fn failure(ty: &str, message: &str) -> TestCaseStatus {
    typed(
        TestCaseStatus::non_success(NonSuccessKind::Failure),
        ty,
        message,
    )
}

fn error(ty: &str, message: &str) -> TestCaseStatus {
    typed(
        TestCaseStatus::non_success(NonSuccessKind::Error),
        ty,
        message,
    )
}

fn skipped(ty: &str, message: &str) -> TestCaseStatus {
    typed(TestCaseStatus::skipped(), ty, message)
}

fn typed(mut status: TestCaseStatus, ty: &str, message: &str) -> TestCaseStatus {
    status.set_type(ty);
    status.set_message(safe(message));
    status
}

fn test(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut test = TestCase::new(safe(name), status);
    test.set_classname(safe(class));
    test
}

/// One line without anything that XML forbids: quick-junit would drop it, and what a server sent
/// should be seen.
fn safe(words: &str) -> String {
    text::shorten(&text::escape(words), LONGEST, None)
}
