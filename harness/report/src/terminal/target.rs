//! One target's section: its headline, then every case that is not a plain pass.

use std::io;

use chatspec_judge::verdict::{AcrossNodes, Calibration, CaseReport, TargetReport};

use super::{brief, entry, group};
use crate::page::Page;
use crate::style::Ink;
use crate::tally::Kind;
use crate::{text, words};

pub(super) fn write(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    headline(page, target)?;
    full(page, target, Kind::Failed)?;
    brief::unexpected_passes(page, target)?;
    brief::ledger_problems(page, target)?;
    brief::inconclusive(page, target)?;
    full(page, target, Kind::Warning)?;
    full(page, target, Kind::Info)?;
    brief::known_failures(page, target)?;
    brief::skipped(page, target)?;
    page.blank()
}

/// The cases that got this kind of verdict.
pub(super) fn of_kind(target: &TargetReport, kind: Kind) -> impl Iterator<Item = &CaseReport> {
    target
        .cases
        .iter()
        .filter(move |case| Kind::of(&case.verdict) == kind)
}

fn headline(page: &mut Page<'_>, target: &TargetReport) -> io::Result<()> {
    let name = text::escape(&target.name).into_owned();
    let painted = page.paint(Ink::Strong, &name);
    page.line(&painted)?;
    if let Some(reason) = &target.unavailable {
        return page.lines(2, Ink::Open, &format!("could not be judged: {reason}"));
    }
    let measured = target.calibration.as_ref().map(measured);
    page.words(
        2,
        Ink::Dim,
        measured.as_deref().unwrap_or("nothing was measured"),
    )?;
    let calibration = target.calibration.as_ref();
    if let Some(across) = calibration.and_then(|calibration| calibration.across_nodes.as_ref()) {
        page.words(2, Ink::Dim, &between(across))?;
    }
    let Some((guarantee, cases)) = target.guarantee() else {
        return Ok(());
    };
    let order = format!(
        "order of messages, as far as {} can tell: {}",
        text::count(cases, "case"),
        words::guarantee(guarantee)
    );
    page.words(2, Ink::Dim, &order)
}

fn measured(calibration: &Calibration) -> String {
    let trip = text::micros(calibration.round_trip_us);
    let worst = text::micros(calibration.worst_round_trip_us);
    let mut facts = vec![format!("round trip {trip}, at worst {worst}")];
    if calibration.concurrent {
        facts.push("handles the events of one client concurrently".to_owned());
    }
    if calibration.quiet_window_us > 0 {
        let window = text::micros(calibration.quiet_window_us);
        facts.push(format!("silence takes a quiet window of {window} to prove"));
    }
    facts.join("; ")
}

/// On a line of its own: it is about the nodes, and the other facts are about one.
fn between(across: &AcrossNodes) -> String {
    format!(
        "between its {} nodes a message takes {}, at worst {}; quiet window {}",
        across.nodes,
        text::micros(across.crossing_us),
        text::micros(across.worst_crossing_us),
        text::micros(across.quiet_window_us)
    )
}

fn full(page: &mut Page<'_>, target: &TargetReport, kind: Kind) -> io::Result<()> {
    let sorted = group::sorted(group::by_finding(of_kind(target, kind)));
    for group in &sorted.full {
        page.blank()?;
        entry::write(page, group, &target.name)?;
    }
    for ((rule, summary), groups) in &sorted.flood {
        page.blank()?;
        let cases = text::count(groups.iter().map(group::Group::len).sum(), "more case");
        entry::head(page, kind, &cases, &target.name)?;
        page.labelled("found", Ink::Plain, summary)?;
        page.labelled("rule", Ink::Plain, words::rule(*rule))?;
        page.labelled("cases", Ink::Plain, &group::ids(groups))?;
        if let Some(group) = groups.first() {
            entry::again(page, &group.first().again)?;
        }
    }
    Ok(())
}
