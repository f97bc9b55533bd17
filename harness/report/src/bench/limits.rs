//! How much each target holds: a sentence, and the loads that were tried.

use chatspec_judge::bench::measured::{Ended, Limit, Raised, Step, StepVerdict};
use chatspec_judge::bench::objective::Metric;
use chatspec_judge::bench::{Bench, Objective};

use super::document::{About, Block, Group, Item, Row, Section, Table};
use super::{figures, units};
use crate::style::Ink;

pub(super) fn section(bench: &Bench) -> Section {
    let limits = || {
        let targets = bench.targets.iter();
        targets.flat_map(|target| target.limits.iter().map(move |limit| (&target.name, limit)))
    };
    let items: Vec<Item> = limits()
        .map(|(name, limit)| {
            let (ink, words) = sentence(limit);
            Item {
                name: name.clone(),
                ink,
                words,
            }
        })
        .collect();
    let mut blocks = Vec::new();
    if !items.is_empty() {
        blocks.push(Block::Items(items));
        let tried = limits().filter(|(_, limit)| !limit.steps.is_empty());
        blocks.extend(tried.map(|(name, limit)| Block::Table(steps(name, limit))));
    }
    Section {
        about: About::Limits,
        title: "limits",
        blocks,
    }
}

/// What a target holds, and how sure that is.
fn sentence(limit: &Limit) -> (Ink, String) {
    let objective = &limit.objective;
    let load = |step: &Step| load(limit.raised, step);
    let Some(held) = limit.held() else {
        let tried = limit.steps.iter().min_by(|one, other| {
            let of = |step| limit.raised.of(step);
            of(one).total_cmp(&of(other))
        });
        let words = match (limit.ended, tried) {
            (Ended::NothingHeld, Some(step)) => format!(
                "does not hold {objective} even at {}, the least that was tried: {}",
                load(step),
                found(objective, step)
            ),
            (Ended::HarnessLimit, _) => format!(
                "nobody knows whether it holds {objective}: the harness was the bottleneck from the first \
                 load on"
            ),
            (Ended::TargetFailed, _) => format!(
                "nobody knows whether it holds {objective}: it could not be measured any more before \
                 anything held"
            ),
            _ => format!("nobody knows whether it holds {objective}: no load that was tried held"),
        };
        return (Ink::Bad, words);
    };
    let mut words = format!("holds {objective} up to {}{}", load(held), cost(held));
    let broke = limit.broke();
    let ends = match (limit.ended, broke) {
        (_, Some(broke)) if is_noisy(limit) => format!(
            "; but it also broke at {} ({}), so that the limit is about there, and noisy",
            load(broke),
            found(objective, broke)
        ),
        (Ended::Narrowed | Ended::NothingHeld, Some(broke)) => {
            format!("; breaks at {} ({})", load(broke), found(objective, broke))
        }
        (Ended::Narrowed | Ended::NothingHeld, None) => {
            "; nothing that was tried broke it".to_owned()
        }
        (Ended::HarnessLimit, _) => {
            "; where it breaks is not known, since the harness could ask for no more".to_owned()
        }
        (Ended::Ceiling, _) => {
            "; where it breaks is not known, since this plan and this machine allow no more"
                .to_owned()
        }
        (Ended::Unsteady, _) => {
            "; beyond that it held and broke the same loads by turns".to_owned()
        }
        (Ended::TargetFailed, _) => {
            "; beyond that the target could not be measured any more".to_owned()
        }
    };
    words += &ends;
    let ink = match limit.ended {
        _ if is_found(limit) => Ink::Good,
        Ended::TargetFailed => Ink::Bad,
        _ => Ink::Note,
    };
    (ink, words)
}

/// What a target holds, as short as a verdict needs it.
pub(super) fn brief(limit: &Limit) -> String {
    let objective = &limit.objective;
    match (limit.held(), limit.ended) {
        (None, Ended::NothingHeld) => format!("does not hold {objective}"),
        (None, _) => format!("may hold {objective} or not"),
        (Some(held), Ended::Narrowed | Ended::NothingHeld) => {
            let about = if is_noisy(limit) { "about " } else { "" };
            format!(
                "holds {objective} up to {about}{}",
                load(limit.raised, held)
            )
        }
        (Some(held), Ended::TargetFailed) => format!(
            "holds {objective} at {}, and could not be measured beyond",
            load(limit.raised, held)
        ),
        (Some(held), Ended::Unsteady) => format!(
            "holds {objective} at {}, and now and then beyond",
            load(limit.raised, held)
        ),
        (Some(held), Ended::HarnessLimit | Ended::Ceiling) => format!(
            "holds {objective} at {}, and perhaps beyond",
            load(limit.raised, held)
        ),
    }
}

/// Whether something broke at no more than what held elsewhere.
fn is_noisy(limit: &Limit) -> bool {
    let both = limit.held().zip(limit.broke());
    both.is_some_and(|(held, broke)| limit.raised.of(broke) <= limit.raised.of(held))
}

/// Whether a limit was found, and is no guess.
pub(super) fn is_found(limit: &Limit) -> bool {
    limit.ended == Ended::Narrowed && limit.held().is_some() && !is_noisy(limit)
}

/// ` (36,000 deliveries/s, 51,000 per core of the server, 14.2 KiB per connection)`
fn cost(step: &Step) -> String {
    let turn = std::slice::from_ref(&step.turn);
    let facts = [
        figures::deliveries_a_second(turn)
            .map(|rate| format!("{} deliveries/s", units::number(rate))),
        figures::deliveries_a_core(turn)
            .map(|rate| format!("{} per core of the server", units::number(rate))),
        figures::bytes_a_connection(turn)
            .map(|bytes| format!("{} per connection", units::bytes(bytes))),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    if facts.is_empty() {
        String::new()
    } else {
        format!(" ({})", facts.join(", "))
    }
}

/// `4,000 messages a second` or `400 members a room`
fn load(raised: Raised, step: &Step) -> String {
    match raised {
        Raised::Rate => format!("{} messages a second", units::number(step.rate)),
        Raised::Members => format!("{} a room", units::count(step.members.into(), "member")),
    }
}

/// What a step measured of the objective: `p99 was 212 ms`, or what it lost, which breaks any.
fn found(objective: &str, step: &Step) -> String {
    let lost = step.turn.reach.lost();
    if lost > 0 {
        return format!("{} lost", units::count(lost, "delivery"));
    }
    match objective.parse::<Objective>() {
        Ok(objective) => format!("{} was {}", objective.metric, value(&objective, step)),
        Err(_) => "it did not".to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "microseconds that a histogram holds"
)]
fn value(objective: &Objective, step: &Step) -> String {
    let value = objective.metric.of(&step.turn);
    if objective.metric.is_better_low() {
        units::micros(value as u64)
    } else {
        units::share(value)
    }
}

/// Every load that was tried, the smallest first, whatever the order of the search was.
fn steps(name: &str, limit: &Limit) -> Table {
    let mut steps: Vec<&Step> = limit.steps.iter().collect();
    steps.sort_by(|one, other| limit.raised.of(one).total_cmp(&limit.raised.of(other)));
    let objective = limit.objective.parse::<Objective>().ok();
    // The reach has a column of its own, whatever was asked.
    let objective = objective.filter(|objective| objective.metric != Metric::Reach);
    let mut columns = vec!["reach".to_owned()];
    columns.extend(objective.map(|objective| objective.metric.to_string()));
    columns.extend(["deliveries/s", "/s a core", "harness", "verdict"].map(ToOwned::to_owned));
    let rows = steps.into_iter().map(|step| {
        let (verdict, ink) = match step.verdict {
            StepVerdict::Held => ("held", Ink::Good),
            StepVerdict::Broke => ("broke", Ink::Bad),
            StepVerdict::Doubtful => ("in doubt", Ink::Open),
        };
        let turn = std::slice::from_ref(&step.turn);
        let plain = |text: String| (text, Ink::Plain);
        let lost = step.turn.reach.lost() > 0;
        let reach_ink = if lost { Ink::Bad } else { Ink::Plain };
        let mut cells = vec![Some((units::share(step.turn.reach.share()), reach_ink))];
        cells.extend(objective.map(|objective| Some(plain(value(&objective, step)))));
        cells.extend([
            figures::deliveries_a_second(turn).map(|rate| plain(units::number(rate))),
            figures::deliveries_a_core(turn).map(|rate| plain(units::number(rate))),
            Some(plain(units::busy(step.turn.harness.busy))),
            Some((verdict.to_owned(), ink)),
        ]);
        Row {
            name: units::number(limit.raised.of(step)),
            cells,
            key: true,
        }
    });
    let raised = match limit.raised {
        Raised::Rate => "messages/s",
        Raised::Members => "members a room",
    };
    Table {
        caption: Some(format!("{name}: {}", limit.objective)),
        corner: raised.to_owned(),
        columns,
        groups: vec![Group {
            title: "",
            rows: rows.collect(),
        }],
    }
}
