//! The end: counts, how much of the suite applied, and one plain sentence.

use std::collections::BTreeSet;
use std::io;

use chatspec_judge::verdict::{CaseReport, Outcome, RunReport};

use crate::page::Page;
use crate::style::Ink;
use crate::tally::{Kind, Tally};
use crate::text;

pub(super) fn write(page: &mut Page<'_>, report: &RunReport) -> io::Result<()> {
    let tally = Tally::of(cases(report));
    // Wrapped after painting: colour has no width.
    if tally.total() > 0 {
        for line in text::wrap(&tally.sentence(page.style), page.style.room(0)) {
            page.line(&line)?;
        }
    }
    page.words(0, Ink::Dim, &circumstances(report, &tally))?;

    let outcome = report.outcome(page.style.strict);
    let ink = match outcome {
        Outcome::Conformant => Ink::Good,
        Outcome::NotConformant => Ink::Bad,
        Outcome::Inconclusive | Outcome::NothingRun => Ink::Open,
    };
    let sentence = format!(
        "{} (exit code {})",
        sentence(report, page.style.strict),
        outcome.code()
    );
    page.words(0, ink, &sentence)
}

/// The outcome in one sentence: `not conformant: 2 musts broken, in 6 cases`.
pub fn sentence(report: &RunReport, strict: bool) -> String {
    let tally = Tally::of(cases(report));
    match report.outcome(strict) {
        Outcome::Conformant => conformant(&tally),
        Outcome::NotConformant => format!("not conformant: {}", broken(report, &tally, strict)),
        Outcome::Inconclusive => format!("inconclusive: {}", open(report, &tally)),
        Outcome::NothingRun if tally.total() == 0 => "nothing was run".to_owned(),
        Outcome::NothingRun => {
            let number = tally.get(Kind::Skipped);
            format!("nothing was run: {} skipped", text::count(number, "case"))
        }
    }
}

fn conformant(tally: &Tally) -> String {
    let known = tally.get(Kind::Known);
    let warnings = tally.get(Kind::Warning);
    let known = (known > 0).then(|| text::count(known, "known failure"));
    let warnings = (warnings > 0).then(|| text::count(warnings, "warning"));
    match (known, warnings) {
        (None, None) => "conformant".to_owned(),
        (Some(known), None) => format!("conformant, but for {known}"),
        (None, Some(warnings)) => format!("conformant, with {warnings}"),
        (Some(known), Some(warnings)) => format!("conformant, but for {known}, with {warnings}"),
    }
}

fn broken(report: &RunReport, tally: &Tally, strict: bool) -> String {
    let mut words = Vec::new();
    let mut add = |kind: Kind, noun: &str| {
        let number = tally.get(kind);
        if number > 0 {
            let broken = text::count(scenarios(report, kind), noun);
            words.push(format!(
                "{broken} broken, in {}",
                text::count(number, "case")
            ));
        }
    };
    add(Kind::Failed, "must");
    if strict {
        add(Kind::Warning, "should");
    }
    let unexpected = tally.get(Kind::UnexpectedPass);
    if unexpected > 0 {
        words.push(text::count(unexpected, "unexpected pass"));
    }
    let stale: usize = report
        .targets
        .iter()
        .map(|target| target.ledger_problems.len())
        .sum();
    if stale > 0 {
        words.push(format!("{} to mend", text::count(stale, "ledger entry")));
    }
    words.join("; ")
}

/// How many scenarios got this verdict, each once a target.
fn scenarios(report: &RunReport, kind: Kind) -> usize {
    let of_target = |cases: &[CaseReport]| {
        let of_kind = cases.iter().filter(|case| Kind::of(&case.verdict) == kind);
        of_kind
            .map(|case| case.case.scenario.as_str())
            .collect::<BTreeSet<_>>()
            .len()
    };
    report
        .targets
        .iter()
        .map(|target| of_target(&target.cases))
        .sum()
}

fn open(report: &RunReport, tally: &Tally) -> String {
    let mut words: Vec<String> = report
        .targets
        .iter()
        .filter(|target| target.unavailable.is_some())
        .map(|target| format!("{} could not be judged", text::escape(&target.name)))
        .collect();
    let cases = tally.get(Kind::Inconclusive);
    if cases > 0 {
        words.push(format!(
            "{} could not be judged",
            text::count(cases, "case")
        ));
    }
    words.join("; ")
}

/// `79 of 85 cases applied, seed 42, 1.84 s, chatspec 0.1.0`
fn circumstances(report: &RunReport, tally: &Tally) -> String {
    let total = tally.total();
    let applied = total - tally.get(Kind::Skipped);
    let mut facts = match total {
        0 => Vec::new(),
        1 if applied == 1 => vec!["1 case applied".to_owned()],
        _ if applied == total => vec![format!("all {} applied", text::count(total, "case"))],
        _ => vec![format!(
            "{} of {} applied",
            text::digits(applied),
            text::count(total, "case")
        )],
    };
    facts.push(format!("seed {}", report.seed));
    facts.push(text::duration(report.duration_ms));
    facts.push(format!("chatspec {}", report.version));
    facts.join(", ")
}

fn cases(report: &RunReport) -> impl Iterator<Item = &CaseReport> {
    report.targets.iter().flat_map(|target| &target.cases)
}
