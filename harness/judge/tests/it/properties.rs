//! The referee, tried on plans and servers at random: a right server is never accused, and a wrong
//! one always.

use std::collections::VecDeque;

use chatspec_judge::check::check;
use chatspec_judge::history::{History, Item, Kind};
use chatspec_judge::ids::{ActorId, OpId};
use chatspec_judge::plan::{OpKind, Plan, Stage};
use chatspec_judge::verdict::Level;
use chatspec_wire::data::Data;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::FileFailurePersistence;

use crate::support::random::{Levels, choices, choose, scenario};
use crate::support::right::{self, Sender, Slot, Wish};
use crate::support::{oracle, plan, run, show};

pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/properties.txt",
        ))),
        max_shrink_iters: 20_000,
        cases: 512,
        ..ProptestConfig::default()
    }
}

/// A history of `plan` against a server that sends `slots`.
pub(crate) fn history(plan: &Plan, slots: Vec<VecDeque<Slot>>, choices: Vec<u8>) -> History {
    let mut sender = Sender {
        slots,
        choose: choose(choices),
        early: true,
    };
    run::run(plan, &mut sender)
}

/// A plan, what a right server sends, and in which order it comes.
pub(crate) fn right_run(levels: Levels) -> impl Strategy<Value = (String, Vec<u8>, Vec<u8>)> {
    (scenario(levels), choices(), choices())
}

/// One thing that a server does wrong.
#[derive(Clone, Debug)]
pub(crate) enum Bug {
    Drops(Index),
    Repeats(Index),
    Swaps(Index, Index),
    Alters(Index),
    Misdirects {
        item: Index,
        to: Index,
        before: Index,
    },
    IsLate(Index),
}

pub(crate) fn bug() -> impl Strategy<Value = Bug> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Bug::Drops),
        at().prop_map(Bug::Repeats),
        (at(), at()).prop_map(|(one, other)| Bug::Swaps(one, other)),
        at().prop_map(Bug::Alters),
        (at(), at(), at()).prop_map(|(item, to, before)| Bug::Misdirects { item, to, before }),
        at().prop_map(Bug::IsLate),
    ]
}

impl Bug {
    /// What a server with this bug sends; `None` where it cannot show.
    pub(crate) fn done(
        &self,
        plan: &Plan,
        right: &[VecDeque<Slot>],
    ) -> Option<Vec<VecDeque<Slot>>> {
        let mut wrong = right.to_vec();
        let places: Vec<(usize, usize)> = right
            .iter()
            .enumerate()
            .flat_map(|(client, slots)| (0..slots.len()).map(move |at| (client, at)))
            .collect();
        let place = |index: &Index| (!places.is_empty()).then(|| places[index.index(places.len())]);
        match self {
            Self::Drops(index) => {
                let (client, at) = place(index)?;
                wrong[client].remove(at);
            }
            Self::Repeats(index) => {
                let (client, at) = place(index)?;
                let slot = wrong[client][at].clone();
                wrong[client].insert(at + 1, slot);
            }
            Self::Swaps(one, other) => {
                let (client, at) = place(one)?;
                let other = other.index(wrong[client].len());
                let wish = wrong[client][at].wish.clone();
                wrong[client][at].wish = std::mem::replace(&mut wrong[client][other].wish, wish);
            }
            Self::Alters(index) => {
                let (client, at) = place(index)?;
                match &mut wrong[client][at].wish {
                    Wish::Item(Item::Event { args, .. }) | Wish::Ack { args, .. } => {
                        *args.first_mut()? = Data::from("altered");
                    }
                    Wish::Item(_) => return None,
                }
            }
            Self::Misdirects { item, to, before } => {
                let (client, at) = place(item)?;
                let to = (client + 1 + to.index(right.len() - 1)) % right.len();
                let slot = wrong[client].remove(at)?;
                let before = before.index(wrong[to].len() + 1);
                let neighbour = wrong[to].get(before).or(wrong[to].back()).cloned();
                let (from, by) =
                    neighbour.map_or((slot.from, slot.by), |slot| (slot.from, slot.by));
                wrong[to].insert(before, Slot { from, by, ..slot });
            }
            Self::IsLate(index) => {
                let (client, at) = place(index)?;
                let slot = &mut wrong[client][at];
                let Stage::One(op) = &plan.stages[slot.by] else {
                    return None;
                };
                if !matches!(plan.op(*op).kind, OpKind::Receive { already: true, .. }) {
                    return None;
                }
                slot.late = true;
            }
        }
        Some(wrong)
    }
}

/// One thing that a server does with an item of a line that it may break.
#[derive(Clone, Debug)]
enum Liberty {
    Drops(Index),
    Alters(Index),
    Delays(Index, Index),
}

fn liberty() -> impl Strategy<Value = Liberty> {
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Liberty::Drops),
        at().prop_map(Liberty::Alters),
        (at(), at()).prop_map(|(one, other)| Liberty::Delays(one, other)),
    ]
}

impl Liberty {
    fn take(&self, plan: &Plan, slots: &mut [VecDeque<Slot>]) {
        let may = |slot: &Slot| plan.op(slot.op).level < Level::Must;
        let mut places = Vec::new();
        for (client, slots) in slots.iter().enumerate() {
            places.extend(
                (0..slots.len())
                    .filter(|at| may(&slots[*at]))
                    .map(|at| (client, at)),
            );
        }
        if places.is_empty() {
            return;
        }
        let place = |index: &Index| places[index.index(places.len())];
        match self {
            Self::Drops(index) => {
                let (client, at) = place(index);
                slots[client].remove(at);
            }
            Self::Alters(index) => {
                let (client, at) = place(index);
                match &mut slots[client][at].wish {
                    Wish::Item(Item::Event { args, .. }) | Wish::Ack { args, .. } => {
                        args[0] = Data::from("altered");
                    }
                    Wish::Item(_) => {}
                }
            }
            Self::Delays(index, by) => {
                let (client, at) = place(index);
                let slots = &mut slots[client];
                let Some(slot) = slots.remove(at) else { return };
                let connects = |slot: &Slot| connects_by(plan, plan.op(slot.op).actor, slot.by);
                // Later, and still on the same connection; behind its end nothing can be read.
                let ends = |slot: &Slot| matches!(slot.wish, Wish::Item(Item::Closed { .. }));
                let here = slots.iter().skip(at);
                let here = here.take_while(|other| connects(other) == connects(&slot));
                let here = here.take_while(|other| !ends(other));
                let later = at + by.index(here.count() + 1);
                let neighbour = later.checked_sub(1).and_then(|before| slots.get(before));
                let by = neighbour.map_or(slot.by, |before| before.by.max(slot.by));
                slots.insert(later, Slot { by, ..slot });
            }
        }
    }
}

/// How often `actor` has connected when the stage `by` is over.
fn connects_by(plan: &Plan, actor: ActorId, by: usize) -> usize {
    let ops = plan.stages[..=by].iter().flat_map(Stage::ops);
    let connects = |op: &OpId| {
        let op = plan.op(*op);
        op.actor == actor && matches!(op.kind, OpKind::Connect { .. })
    };
    ops.filter(connects).count()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_right_server_is_never_accused((text, values, order) in right_run(Levels::Mixed)) {
        let plan = plan(&text);
        let slots = right::items(&plan, &mut choose(values));
        prop_assert!(oracle::allows(&plan, &slots), "the oracle refuses what is right\n{text}");
        let history = history(&plan, slots, order);
        let findings = check(&plan, &history);
        let told = show::findings(&plan, &history, &findings);
        prop_assert!(findings.violations.is_empty() && findings.gave_up.is_none(), "{text}\n{told}");
    }

    #[test]
    fn what_a_server_may_break_costs_it_nothing(
        (text, values, order) in right_run(Levels::Mixed),
        liberties in proptest::collection::vec(liberty(), 1..5),
    ) {
        let plan = plan(&text);
        let mut slots = right::items(&plan, &mut choose(values));
        for liberty in &liberties {
            liberty.take(&plan, &mut slots);
        }
        let history = history(&plan, slots, order);
        let findings = check(&plan, &history);
        let told = show::findings(&plan, &history, &findings);
        let accused = findings.violations.iter().any(|found| found.level == Level::Must);
        prop_assert!(!accused && findings.gave_up.is_none(), "{liberties:?}\n{text}\n{told}");
    }

    #[test]
    fn a_wrong_server_is_always_accused((text, values, order) in right_run(Levels::Binding), bug in bug()) {
        let plan = plan(&text);
        let right = right::items(&plan, &mut choose(values));
        let Some(wrong) = bug.done(&plan, &right) else { return Ok(()) };
        let equivalent = oracle::allows(&plan, &wrong);
        let history = history(&plan, wrong, order);
        let findings = check(&plan, &history);
        let told = show::findings(&plan, &history, &findings);
        prop_assert!(findings.gave_up.is_none(), "{text}\n{told}");
        let accused = findings.violations.iter().any(|found| found.level == Level::Must);
        prop_assert!(accused || equivalent, "{bug:?}\n{text}\n{told}");
    }

    #[test]
    fn a_judgement_is_the_same_again((text, values, order) in right_run(Levels::Mixed), bug in bug()) {
        let plan = plan(&text);
        let right = right::items(&plan, &mut choose(values));
        let sent = bug.done(&plan, &right).unwrap_or(right);
        let history = history(&plan, sent, order);
        prop_assert_eq!(check(&plan, &history), check(&plan, &history));
    }

    /// Whoever tampers with a stored history, or loses a line of it, does not get a pass.
    #[test]
    fn a_history_with_a_gap_does_not_pass((text, values, order) in right_run(Levels::Binding), gap in any::<Index>()) {
        let plan = plan(&text);
        let slots = right::items(&plan, &mut choose(values));
        let mut history = history(&plan, slots, order);
        let at = gap.index(history.events.len());
        let lost = history.events.remove(at);
        for (index, event) in history.events.iter_mut().enumerate() {
            event.seq.0 = index as u64;
        }
        let findings = check(&plan, &history);
        let passes = findings.violations.is_empty() && findings.gave_up.is_none();
        prop_assert!(!passes || says_nothing(&plan, &lost.kind), "without {lost:?} it passes\n{text}");
    }
}

/// Whether a run is as good without this event.
fn says_nothing(plan: &Plan, kind: &Kind) -> bool {
    match kind {
        // Whether a connection is open is seen by what it brings.
        Kind::Connected { .. } | Kind::Upgraded { .. } => true,
        // That somebody is gone is known anyway.
        Kind::FlushImpossible { .. } => true,
        // The fence of an `already` whose item was there before it is of no account.
        Kind::FenceSent { .. } | Kind::FenceAnswered { .. } => plan
            .ops
            .iter()
            .any(|op| matches!(op.kind, OpKind::Receive { already: true, .. })),
        // Of a series that may be cut short, and its end.
        Kind::Arrived { leg, .. }
            if plan
                .ops
                .iter()
                .any(|op| op.actor == leg.actor && matches!(op.kind, OpKind::UpTo { .. })) =>
        {
            true
        }
        _ => false,
    }
}
