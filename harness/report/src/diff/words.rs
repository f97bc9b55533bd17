//! A comparison, for people.

use std::io::{self, Write};

use chatspec_judge::verdict::CaseReport;

use super::{Comparison, Difference};
use crate::page::Page;
use crate::style::{Ink, Style};
use crate::tally::Kind;
use crate::text;

/// How many lines of a client are told.
const LINES: usize = 6;

/// How many clients of a case.
const CLIENTS: usize = 6;

/// Writes what differs, first what a clause explains, then what none does.
pub fn write(comparison: &Comparison<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let [one, other] = comparison.names;
    page.words(0, Ink::Strong, &format!("A: {one}"))?;
    page.words(0, Ink::Strong, &format!("B: {other}"))?;
    for why in &comparison.unavailable {
        page.lines(0, Ink::Open, why)?;
    }
    let (gaps, explained): (Vec<_>, Vec<_>) = comparison
        .differences
        .iter()
        .partition(|difference| difference.is_gap());
    section(
        &mut page,
        "differences that a clause explains",
        "One of both breaks it, or could not be asked.",
        &explained,
    )?;
    section(
        &mut page,
        "gaps in the contract",
        "Both may be right: no clause says what these should be.",
        &gaps,
    )?;
    for (name, alone) in ["A", "B"].into_iter().zip(&comparison.alone) {
        if !alone.is_empty() {
            page.blank()?;
            let ids: Vec<String> = alone.iter().take(12).map(ToString::to_string).collect();
            let more = alone.len().saturating_sub(12);
            let more = if more > 0 {
                format!(", and {more} more")
            } else {
                String::new()
            };
            let cases = text::count(alone.len(), "case");
            page.words(
                0,
                Ink::Plain,
                &format!("{cases} only on {name}: {}{more}", ids.join(", ")),
            )?;
        }
    }
    page.blank()?;
    if comparison.without > 0 {
        let words = format!(
            "{} compared by verdict alone, since a report does not say what happened in cases that passed; \
             `chatspec run --full --json FILE` does",
            text::count(comparison.without, "case")
        );
        page.words(0, Ink::Doubtful, &words)?;
    }
    let both = text::count(comparison.both, "case");
    let sentence = match comparison.differences.len() {
        0 if comparison.is_different() => format!("{both} on both, and no difference in them"),
        0 if comparison.both == 0 => "nothing could be compared".to_owned(),
        0 => format!("no difference in {both}"),
        number => format!(
            "{} of {both} {}: {}, {}",
            text::digits(number),
            if number == 1 { "differs" } else { "differ" },
            explained_words(explained.len()),
            gaps_words(gaps.len()),
        ),
    };
    page.words(0, Ink::Strong, &sentence)
}

fn explained_words(number: usize) -> String {
    match number {
        0 => "none explained by a clause".to_owned(),
        number => format!("{} explained by a clause", text::digits(number)),
    }
}

fn gaps_words(number: usize) -> String {
    format!("{} in the contract", text::count(number, "gap"))
}

fn section(
    page: &mut Page<'_>,
    title: &str,
    why: &str,
    differences: &[&Difference<'_>],
) -> io::Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.words(0, Ink::Strong, title)?;
    page.words(0, Ink::Dim, why)?;
    for difference in differences {
        entry(page, difference)?;
    }
    Ok(())
}

fn entry(page: &mut Page<'_>, difference: &Difference<'_>) -> io::Result<()> {
    let [one, other] = difference.cases;
    page.blank()?;
    page.words(2, Ink::Strong, &one.case.to_string())?;
    page.labelled("why", Ink::Plain, &one.reason)?;
    for (name, case) in [("A", one), ("B", other)] {
        let kind = Kind::of(&case.verdict);
        let ink = kind.ink(page.style);
        page.labelled(name, ink, &ended(kind, case))?;
    }
    let is_broken = [one, other]
        .iter()
        .any(|case| !case.verdict.violations().is_empty());
    if is_broken {
        for clause in &one.clauses {
            page.labelled(
                "clause",
                Ink::Plain,
                &format!("{}: {}", clause.id, clause.sentence),
            )?;
        }
    }
    for (client, sides) in difference.got.iter().take(CLIENTS) {
        for (name, lines) in ["only A", "only B"].into_iter().zip(sides) {
            for line in lines.iter().take(LINES) {
                page.labelled(name, Ink::Plain, &format!("{client} {line}"))?;
            }
            if let Some(more @ 1..) = lines.len().checked_sub(LINES) {
                page.labelled(name, Ink::Dim, &format!("{client}: {more} more"))?;
            }
        }
    }
    match difference.got.len().checked_sub(CLIENTS) {
        Some(more @ 1..) => page.labelled("more", Ink::Dim, &text::count(more, "further client")),
        _ => Ok(()),
    }
}

fn ended(kind: Kind, case: &CaseReport) -> String {
    let word = kind.headline().to_lowercase();
    match case.verdict.violations().first() {
        Some(found) => format!("{word}: {}", found.summary),
        None => word,
    }
}
