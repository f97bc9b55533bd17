//! What reached whom: one short line for who is whole, and everything else loud.

use std::collections::BTreeMap;

use chatspec_judge::bench::outcome::{Failure, Fault, faults};
use chatspec_judge::bench::{Bench, TargetTurns};

use super::document::{About, Item, Section};
use super::figures::{Column, columns};
use super::units;
use crate::style::Ink;

pub(super) fn section(bench: &Bench) -> Section {
    let columns = columns(bench);
    // Who was only searched for its limit has its reach beside each load that was tried.
    let searched = |turns: &TargetTurns| turns.turns.is_empty() && !turns.limits.is_empty();
    let columns = columns.iter();
    let items: Vec<Item> = columns
        .filter(|column| !searched(column.turns) || column.turns.failed.is_some())
        .map(item)
        .collect();
    Section::of_items(About::Reach, "reach", items)
}

fn item(column: &Column<'_>) -> Item {
    let (ink, words) = told(column.turns);
    Item {
        name: column.name.clone(),
        ink,
        words,
    }
}

/// What reached whom on one target, and how good that is.
fn told(target: &TargetTurns) -> (Ink, String) {
    if target.turns.is_empty() {
        let why = target.failed.as_deref().unwrap_or("it has not one turn");
        return (Ink::Bad, format!("NOT MEASURED: {why}"));
    }
    let reach = target.reach();
    let faults = faults(target);
    let mut words = if faults.is_empty() {
        whole(target)
    } else {
        let said: Vec<String> = faults.iter().map(fault).collect();
        let share = units::share(reach.share());
        format!("reach {share}: {}", said.join("; "))
    };
    let reasons = reasons(target);
    if !reasons.is_empty() {
        words += &format!("; members did not get in because: {}", reasons.join(", "));
    }
    let welcomes = welcomes_missed(target);
    if welcomes > 0 {
        let missed = units::count(welcomes, "welcome");
        words += &format!("; {missed} missed while the rooms filled");
    }
    if let Some(why) = &target.failed {
        let turns = units::count(target.turns.len() as u64, "turn");
        words += &format!("; NOT MEASURED TO THE END, after {turns}: {why}");
    }
    let ink = match (faults.is_empty() && target.failed.is_none(), welcomes) {
        (true, 0) => Ink::Good,
        (true, _) => Ink::Doubtful,
        (false, _) => Ink::Bad,
    };
    (ink, words)
}

fn whole(target: &TargetTurns) -> String {
    let reach = target.reach();
    format!(
        "all {} of {}, each once and in order",
        units::count(reach.owed, "delivery"),
        units::count(reach.sent, "message"),
    )
}

/// A fault, loud.
pub(super) fn fault(failure: &Failure) -> String {
    let times = units::whole(failure.times);
    let of = |noun: &str| match failure.of {
        Some(of) => format!("{times} of {}", units::count(of, noun)),
        None => units::count(failure.times, noun),
    };
    match failure.kind {
        Fault::Lost => format!("LOST {}", of("delivery")),
        Fault::CutOff => format!("CUT OFF {}", of("member")),
        Fault::Duplicate => format!("{times} came TWICE"),
        Fault::Misordered => format!("{times} came OUT OF ORDER"),
        Fault::Misdirected => format!("{times} came to the WRONG member"),
        Fault::Unsent => format!("{} could NOT BE SENT", of("message")),
        Fault::Unacked => format!("{} NEVER ACKED", of("message")),
        Fault::NotIn => format!("{} did NOT GET IN", of("member")),
        Fault::GuestNotIn => format!("{} did NOT GET IN", of("guest")),
        Fault::GuestLost => format!("LOST {} to guests", of("delivery")),
    }
}

/// Why members did not get in, each reason once. A failure without its cause helps nobody.
fn reasons(target: &TargetTurns) -> Vec<String> {
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    let joined = target.turns.iter().map(|turn| &turn.joined);
    for (reason, times) in joined.flat_map(|joined| &joined.failures) {
        *reasons.entry(reason).or_default() += times;
    }
    let reasons = reasons.into_iter();
    reasons
        .map(|(reason, times)| format!("{reason} ({})", units::count(times, "time")))
        .collect()
}

fn welcomes_missed(target: &TargetTurns) -> u64 {
    let joined = target.turns.iter().map(|turn| &turn.joined);
    let missed = joined.map(|joined| joined.welcomes_owed.saturating_sub(joined.welcomes));
    missed.sum()
}
