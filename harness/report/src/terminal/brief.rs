//! What is said in a line or two.

use std::io;

use chatspec_judge::verdict::{CaseReport, TargetReport, Verdict};
use indexmap::IndexMap;

use super::entry::{self, head};
use super::group;
use super::target::of_kind;
use crate::page::Page;
use crate::style::Ink;
use crate::tally::Kind;
use crate::{redact, text};

/// One entry for each entry of the ledger that excuses something.
pub(super) fn known_failures(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    let mut entries: IndexMap<(&str, &str, Option<&str>), Vec<&CaseReport>> = IndexMap::new();
    for case in &target.cases {
        if let Verdict::KnownFailure {
            pattern,
            reason,
            link,
            ..
        } = &case.verdict
        {
            entries
                .entry((pattern, reason, link.as_deref()))
                .or_default()
                .push(case);
        }
    }
    for ((pattern, reason, link), cases) in entries {
        page.blank()?;
        let number = text::count(cases.len(), "case");
        head(page, Kind::Known, &number, &target.name)?;
        page.labelled("ledger", Ink::Plain, &format!("`{pattern}`: {reason}"))?;
        link.iter()
            .try_for_each(|link| page.labelled("link", Ink::Plain, link))?;
    }
    Ok(())
}

/// One sentence: how many cases were skipped, for lack of what.
pub(super) fn skipped(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    /// More mixtures than these say less than how often each is a part of one.
    const MIXTURES: usize = 8;
    let mut lacking: IndexMap<String, usize> = IndexMap::new();
    for case in &target.cases {
        if let Verdict::Skipped { missing } = &case.verdict {
            *lacking.entry(text::listed(missing)).or_default() += 1;
        }
    }
    if lacking.is_empty() {
        return Ok(());
    }
    let total = text::count(lacking.values().sum(), "case");
    if lacking.len() > MIXTURES {
        lacking.clear();
        for case in &target.cases {
            if let Verdict::Skipped { missing } = &case.verdict {
                for need in missing {
                    *lacking.entry(need.clone()).or_default() += 1;
                }
            }
        }
        lacking.sort_by(|_, one, _, other| other.cmp(one));
    }
    let named: Vec<String> = lacking
        .iter()
        .map(|(need, number)| format!("{need} ({})", text::count(*number, "case")))
        .collect();
    page.blank()?;
    head(page, Kind::Skipped, &total, &target.name)?;
    page.labelled("lacks", Ink::Plain, &named.join("; "))
}

pub(super) fn unexpected_passes(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    for group in group::by_finding(of_kind(target, Kind::UnexpectedPass)) {
        let Verdict::UnexpectedPass { pattern, reason } = &group.first().verdict else {
            continue;
        };
        page.blank()?;
        head(page, Kind::UnexpectedPass, &group.ids(), &target.name)?;
        page.labelled("ledger", Ink::Plain, &format!("`{pattern}`: {reason}"))?;
        page.labelled("mend", Ink::Plain, &entry::mend(pattern))?;
        entry::again(page, &group.first().again)?;
    }
    Ok(())
}

pub(super) fn ledger_problems(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    for problem in &target.ledger_problems {
        page.blank()?;
        let word = page.paint(Ink::Bad, "LEDGER");
        let what = format!("`{}` of {}", problem.pattern, target.name);
        page.hanging(&format!("{word} "), "LEDGER ".len(), Ink::Strong, &what)?;
        page.labelled("found", Ink::Strong, &problem.problem)?;
        page.labelled("mend", Ink::Plain, &problem.mend)?;
    }
    Ok(())
}

/// One entry a cause, whatever time or port it names.
pub(super) fn inconclusive(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    let mut by_cause: IndexMap<String, (&str, Vec<&CaseReport>)> = IndexMap::new();
    for case in &target.cases {
        if let Verdict::Inconclusive { cause } = &case.verdict {
            let (_, cases) = by_cause
                .entry(redact::text(cause))
                .or_insert((cause, Vec::new()));
            cases.push(case);
        }
    }
    for (cause, cases) in by_cause.into_values() {
        let number = text::count(cases.len(), "case");
        let again = cases.first().map(|case| case.again.as_str());
        let groups = group::by_finding(cases);
        page.blank()?;
        let whose = match groups.as_slice() {
            [one] => one.ids(),
            _ => number,
        };
        head(page, Kind::Inconclusive, &whose, &target.name)?;
        page.labelled_lines("cause", Ink::Strong, cause)?;
        if groups.len() > 1 {
            page.labelled("cases", Ink::Plain, &group::ids(&groups))?;
        }
        again
            .iter()
            .try_for_each(|again| entry::again(page, again))?;
    }
    Ok(())
}
