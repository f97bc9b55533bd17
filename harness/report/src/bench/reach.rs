//! What reached whom: one short line for who is whole, and everything else loud.

use std::collections::BTreeMap;

use chatspec_judge::bench::outcome::{Failure, Fault, faults};
use chatspec_judge::bench::{Bench, TargetTurns};

use super::document::{About, Block, Item, Section};
use super::figures::{Column, columns};
use super::units;
use crate::style::Ink;

pub(super) fn section(bench: &Bench) -> Section {
    let columns = columns(bench);
    let items: Vec<Item> = columns.iter().map(item).collect();
    Section {
        about: About::Reach,
        title: "reach",
        blocks: vec![Block::Items(items)],
    }
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
pub(super) fn told(target: &TargetTurns) -> (Ink, String) {
    if target.turns.is_empty() {
        let why = match (&target.failed, target.limits.is_empty()) {
            (Some(why), _) => format!("NOT MEASURED: {why}"),
            (None, false) => "no turn under the load of the plan: see its limits".to_owned(),
            (None, true) => "NOT MEASURED".to_owned(),
        };
        let ink = if target.limits.is_empty() {
            Ink::Bad
        } else {
            Ink::Dim
        };
        return (ink, why);
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
fn fault(failure: &Failure) -> String {
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
