//! One case in full.

use std::io;

use chatspec_judge::verdict::{CaseReport, Proof, Verdict, Violation};
use textwrap::core::display_width;

use super::group::Group;
use super::{transcript, values};
use crate::page::{LABEL, Page};
use crate::style::Ink;
use crate::tally::Kind;
use crate::{explain, text, words};

/// How many violations of one case are told; a server that goes wrong early goes on being wrong.
const TOLD: usize = 5;

/// A lag of the harness's clock that is worth a line: ten scheduler slices of a busy machine.
const LAG_US: u64 = 40_000;

pub(super) fn write(page: &mut Page<'_>, group: &Group<'_>, target: &str) -> io::Result<()> {
    let case = group.first();
    let kind = Kind::of(&case.verdict);
    head(page, kind, &group.ids(), target)?;
    page.labelled("why", Ink::Plain, &case.reason)?;
    explain::clauses(page, case.level, &case.clauses)?;
    let violations = case.verdict.violations();
    for (index, violation) in violations.iter().take(TOLD).enumerate() {
        if index > 0 {
            page.blank()?;
        }
        found(page, case, violation)?;
    }
    if let Some(more @ 1..) = violations.len().checked_sub(TOLD) {
        page.labelled("more", Ink::Dim, &text::count(more, "further violation"))?;
    }
    anomalies(page, case)?;
    if let Some(rate) = case.rate {
        page.labelled("rate", Ink::Plain, &words::rate(rate))?;
    }
    excuses(page, &case.verdict)?;
    proven(page, case)?;
    transcript::write(page, case)?;
    again(page, &case.again)
}

/// The line that opens an entry: the verdict in its colour, the cases, the target. Where they do
/// not fit in one line the target is on the next, in one piece.
pub(super) fn head(page: &mut Page<'_>, kind: Kind, cases: &str, target: &str) -> io::Result<()> {
    let word = page.paint(kind.ink(page.style), kind.headline());
    let indent = kind.headline().len() + 1;
    let (cases, target) = (text::escape(cases), text::escape(target));
    let whole = format!("{cases} on {target}");
    if display_width(&whole) <= page.style.room(indent) {
        let whole = page.paint(Ink::Strong, &whole);
        return page.line(&format!("{word} {whole}"));
    }
    page.hanging(&format!("{word} "), indent, Ink::Strong, &cases)?;
    let target = page.paint(Ink::Strong, &format!("on {target}"));
    page.line(&format!("{}{target}", " ".repeat(indent)))
}

/// The command that runs the case again, on a line of its own however long: it is copied.
pub(super) fn again(page: &mut Page<'_>, command: &str) -> io::Result<()> {
    let label = page.label("again");
    let command = text::escape(command);
    page.line(&format!("{label}{command}"))
}

fn found(page: &mut Page<'_>, case: &CaseReport, violation: &Violation) -> io::Result<()> {
    page.labelled("found", Ink::Strong, &violation.summary)?;
    if let Some(line) = &violation.line {
        let place = format!("{}:{}:{}", line.file, line.line, line.column);
        page.labelled("at", Ink::Plain, &place)?;
        // Where the line is what was expected, word for word, it stands there once.
        if violation.expected != [line.text.as_str()] {
            let text = values::one_line(page, &line.text);
            page.line(&format!("{}{text}", " ".repeat(LABEL)))?;
        }
    }
    values::write(page, violation)?;
    if violation.level != case.level {
        let word = words::level(violation.level);
        page.labelled("level", Ink::Plain, &format!("{word}, as the line says"))?;
    }
    for note in &violation.notes {
        page.labelled_lines("note", Ink::Plain, note)?;
    }
    Ok(())
}

/// What the whole of the history shows, but for what the findings say already.
fn anomalies(page: &mut Page<'_>, case: &CaseReport) -> io::Result<()> {
    let violations = case.verdict.violations();
    let is_found = |anomaly: &&String| violations.iter().any(|found| found.summary == **anomaly);
    let (mut told, mut more) = (0, 0_usize);
    for anomaly in case.anomalies.iter().filter(|anomaly| !is_found(anomaly)) {
        if told < TOLD {
            page.labelled("anomaly", Ink::Plain, anomaly)?;
            told += 1;
        } else {
            more += 1;
        }
    }
    if more > 0 {
        page.labelled("more", Ink::Dim, &text::count(more, "further anomaly"))?;
    }
    Ok(())
}

/// What the other verdicts have to say, where there is no violation to tell of.
fn excuses(page: &mut Page<'_>, verdict: &Verdict) -> io::Result<()> {
    match verdict {
        Verdict::Skipped { missing } => page.labelled("lacks", Ink::Plain, &missing.join(", ")),
        Verdict::KnownFailure {
            pattern,
            reason,
            link,
            ..
        } => {
            page.labelled("ledger", Ink::Plain, &format!("`{pattern}`: {reason}"))?;
            link.iter()
                .try_for_each(|link| page.labelled("link", Ink::Plain, link))
        }
        Verdict::UnexpectedPass { pattern, reason } => {
            page.labelled("ledger", Ink::Plain, &format!("`{pattern}`: {reason}"))?;
            page.labelled("mend", Ink::Plain, &mend(pattern))
        }
        Verdict::Inconclusive { cause } => page.labelled("cause", Ink::Plain, cause),
        Verdict::Pass | Verdict::Fail { .. } | Verdict::Warning { .. } | Verdict::Info { .. } => {
            Ok(())
        }
    }
}

/// What to do about a ledger's entry that excuses a case which passes.
pub(crate) fn mend(pattern: &str) -> String {
    format!("delete the ledger's entry `{pattern}`, or narrow it to what still fails")
}

fn proven(page: &mut Page<'_>, case: &CaseReport) -> io::Result<()> {
    // A quiet window is waited for behind flush and fence, so it says both.
    let quiet = case.proofs.contains(&Proof::QuietWindow);
    let proofs: Vec<&str> = case
        .proofs
        .iter()
        .copied()
        .filter(|proof| !(quiet && *proof == Proof::FlushAndFence))
        .map(words::proof)
        .collect();
    if !proofs.is_empty() {
        page.labelled(
            "silence",
            Ink::Plain,
            &format!("proven by {}", proofs.join("; by ")),
        )?;
    }
    if case.harness_lag_us >= LAG_US {
        let lag = text::micros(case.harness_lag_us);
        page.labelled(
            "harness",
            Ink::Plain,
            &format!("kept from the processor for {lag} while this case ran"),
        )?;
    }
    Ok(())
}
