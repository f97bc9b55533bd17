//! Findings as text, for golden files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chatspec_judge::history::History;
use chatspec_judge::ids::Seq;
use chatspec_judge::plan::Plan;
use chatspec_judge::referee::Findings;
use chatspec_judge::transcript::transcript;
use chatspec_judge::verdict::{Level, Rule, Violation};

/// Everything that a reader of a report could be shown.
pub(crate) fn findings(plan: &Plan, history: &History, findings: &Findings) -> String {
    let mut text = String::new();
    let out = &mut text;
    if let Some(cause) = &findings.gave_up {
        writeln!(out, "gave up: {cause}").unwrap();
    }
    for violation in &findings.violations {
        writeln!(out, "{}\n", self::violation(violation).trim_end()).unwrap();
    }
    let proofs: Vec<_> = findings
        .proofs
        .iter()
        .map(|proof| format!("{proof:?}"))
        .collect();
    writeln!(out, "proofs: {}\n", proofs.join(", ")).unwrap();
    let shown: BTreeSet<Seq> = findings
        .violations
        .iter()
        .flat_map(|violation| violation.evidence.iter().copied())
        .collect();
    for line in transcript(plan, history) {
        let mark = if shown.contains(&line.seq) { ">" } else { " " };
        writeln!(out, "{mark} {}", line.text).unwrap();
    }
    text
}

fn violation(violation: &Violation) -> String {
    let Violation {
        rule,
        level,
        summary,
        line,
        expected,
        actual,
        notes,
        evidence: _,
    } = violation;
    let mut text = format!("{} ({}): {summary}\n", name(*rule), level_word(*level));
    if let Some(line) = line {
        let (at, column, words) = (line.line, line.column, &line.text);
        writeln!(text, "  at       {at}:{column} {words}").unwrap();
    }
    for (label, lines) in [("expected", expected), ("actual", actual), ("note", notes)] {
        for line in lines {
            writeln!(text, "  {label:<8} {line}").unwrap();
        }
    }
    text
}

pub(crate) fn name(rule: Rule) -> String {
    let json = serde_json::to_value(rule).expect("a rule is a word");
    json.as_str().expect("a rule is a word").to_owned()
}

pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::May => "may",
        Level::Should => "should",
        Level::Must => "must",
    }
}
