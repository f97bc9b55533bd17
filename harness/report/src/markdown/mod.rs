//! A run as GitHub-flavoured Markdown, for the step summary of a CI system: the verdict, a table of
//! the chapters, and what was broken, each finding folded.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chatspec_judge::changes::Changes;
use chatspec_judge::verdict::{CaseReport, Outcome, RunReport, TargetReport};

use crate::style::Style;
use crate::tally::{Kind, Tally};
use crate::terminal::group::{Group, by_finding};
use crate::{changes, terminal, text, words};

mod escape;

pub(crate) use escape::{fenced, safe};

/// GitHub refuses a step summary of more than 1 MiB, and others cut sooner; what is beyond this is
/// counted, and not written.
const MOST: usize = 900_000;

/// Room for what is always said at the end.
const END: usize = 2_000;

/// Writes the summary, with what has changed since an earlier run; under `strict`, a broken `should`
/// fails the run.
pub fn write(
    report: &RunReport,
    changed: Option<&Changes>,
    strict: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = head(report, strict);
    page.extend(changed.map(changes::markdown));
    let mut left_out = 0;
    for target in &report.targets {
        for entry in entries(target, strict) {
            if page.len() + entry.len() + END > MOST {
                left_out += 1;
            } else {
                page.push_str(&entry);
            }
        }
    }
    if left_out > 0 {
        let findings = text::count(left_out, "further finding");
        page.push_str(&format!(
            "\n{findings} left out: a step summary may hold one MiB. The HTML and JSON reports have them.\n"
        ));
    }
    out.write_all(page.as_bytes())
}

fn head(report: &RunReport, strict: bool) -> String {
    let outcome = report.outcome(strict);
    let mark = match outcome {
        Outcome::Conformant => "✅",
        Outcome::NotConformant => "❌",
        Outcome::Inconclusive | Outcome::NothingRun => "⚠️",
    };
    let sentence = safe(&terminal::sentence(report, strict));
    let tally = Tally::of(report.targets.iter().flat_map(|target| &target.cases));
    let mut head = format!(
        "### {mark} chatspec run\n\n**{sentence}** (exit code {})\n\n{}; seed {}, {}, chatspec {}\n",
        outcome.code(),
        tally.sentence(Style::plain(0)),
        report.seed,
        text::duration(report.duration_ms),
        safe(&report.version)
    );
    for target in &report.targets {
        if let Some(reason) = &target.unavailable {
            head.push_str(&format!(
                "\n> [!WARNING]\n> **{}** could not be judged: {}\n",
                safe(&target.name),
                safe(reason)
            ));
        }
        for problem in &target.ledger_problems {
            head.push_str(&format!(
                "\n- the ledger of **{}** is out of date: {}: {}; to mend it, {}\n",
                safe(&target.name),
                safe(&problem.pattern),
                safe(&problem.problem),
                safe(&problem.mend)
            ));
        }
    }
    head.push_str(&chapters(report));
    head
}

/// Chapters by targets.
fn chapters(report: &RunReport) -> String {
    let mut chapters: BTreeMap<&str, BTreeMap<usize, Vec<&CaseReport>>> = BTreeMap::new();
    for (index, target) in report.targets.iter().enumerate() {
        for case in &target.cases {
            let chapter = chapters.entry(case.case.scenario.chapter()).or_default();
            chapter.entry(index).or_default().push(case);
        }
    }
    if chapters.is_empty() {
        return String::new();
    }
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let names = report.targets.iter().map(|target| safe(&target.name));
    let head: Vec<String> = std::iter::once("chapter".to_owned()).chain(names).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut table = format!("\n{}{}", row(&head), row(&rule));
    for (name, targets) in chapters {
        let mut cells = vec![if name.is_empty() {
            "(no chapter)".to_owned()
        } else {
            safe(name)
        }];
        cells.extend((0..report.targets.len()).map(|index| {
            targets
                .get(&index)
                .map_or_else(|| "-".to_owned(), |cases| counts(cases))
        }));
        table.push_str(&row(&cells));
    }
    table
}

fn counts(cases: &[&CaseReport]) -> String {
    let tally = Tally::of(cases.iter().copied());
    let words = tally.kinds().map(|(kind, number)| match kind {
        Kind::Failed | Kind::UnexpectedPass => format!("**{}**", kind.counted(number)),
        kind => kind.counted(number),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// What was found on a target, worst first, each folded.
fn entries(target: &TargetReport, strict: bool) -> Vec<String> {
    let told = |kind: Kind| {
        matches!(
            kind,
            Kind::Failed | Kind::UnexpectedPass | Kind::Inconclusive | Kind::Warning
        )
    };
    let cases = target.cases.iter();
    let cases = cases.filter(|case| told(Kind::of(&case.verdict)));
    let mut groups = by_finding(cases);
    groups.sort_by_key(|group| match Kind::of(&group.first().verdict) {
        Kind::Failed => 0,
        Kind::UnexpectedPass => 1,
        Kind::Inconclusive => 2,
        _ => 3,
    });
    let entries = groups
        .iter()
        .map(|group| entry(group, &target.name, strict));
    entries.collect()
}

fn entry(group: &Group<'_>, target: &str, strict: bool) -> String {
    /// A case is read in full on its page, or on a terminal.
    const LINES: usize = 60;
    let case = group.first();
    let kind = Kind::of(&case.verdict);
    let mut told = Vec::new();
    let style = Style {
        strict,
        ..Style::plain(100)
    };
    // A Vec takes everything.
    terminal::write_case(case, target, &style, &mut told).unwrap_or_default();
    let told = String::from_utf8_lossy(&told);
    let mut lines: Vec<&str> = told.lines().skip(1).take(LINES).collect();
    if told.lines().count() > LINES + 1 {
        lines.push("  …");
    }
    let finding = case.verdict.violations().first();
    let finding = finding.map_or_else(String::new, |found| {
        format!(": {} ({})", html(&found.summary), words::rule(found.rule))
    });
    format!(
        "\n<details><summary><b>{}</b> {} on {}{finding}</summary>\n\n{}\n</details>\n",
        kind.headline(),
        html(&group.ids()),
        html(target),
        fenced(&lines.join("\n"))
    )
}

/// Text in an element of HTML, where Markdown's marks mean nothing.
fn html(words: &str) -> String {
    crate::markup::safe(words)
}
