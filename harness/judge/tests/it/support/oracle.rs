//! Whether a plan allows what was sent, found out by trying everything: slow, simple, and written
//! without a look at the referee.
//!
//! It knows of order and not of time, so that it may allow what the referee refuses; what it refuses
//! the referee must refuse too.

use std::collections::VecDeque;

use chatspec_judge::history::Item;
use chatspec_judge::ids::{ActorId, OpId};
use chatspec_judge::pattern::{Captures, match_all};
use chatspec_judge::plan::{OpKind, Plan, Stage, Wanted};

use super::right::{Slot, Wish};

/// Whether some reading of the plan takes everything.
pub(crate) fn allows(plan: &Plan, sent: &[VecDeque<Slot>]) -> bool {
    let state = State {
        taken: vec![0; sent.len()],
        may_close: vec![false; sent.len()],
        captures: Captures::new(),
    };
    Oracle { plan, sent }.from(0, state)
}

struct Oracle<'a> {
    plan: &'a Plan,
    sent: &'a [VecDeque<Slot>],
}

#[derive(Clone)]
struct State {
    taken: Vec<usize>,
    may_close: Vec<bool>,
    captures: Captures,
}

/// What is left of a line.
#[derive(Clone)]
struct Lane<'a> {
    actor: usize,
    wanted: VecDeque<&'a Wanted>,
    /// The end of the connection ends the line.
    or_closed: bool,
    /// The end must come behind the rest.
    then_closed: bool,
}

impl Lane<'_> {
    fn is_done(&self) -> bool {
        self.wanted.is_empty() && !self.then_closed
    }
}

impl<'a> Oracle<'a> {
    fn from(&self, stage: usize, mut state: State) -> bool {
        let Some(here) = self.plan.stages.get(stage) else {
            return (0..self.sent.len()).all(|actor| self.nothing_but_ends(actor, &state));
        };
        for op in here.ops() {
            let op = self.plan.op(op);
            if matches!(op.kind, OpKind::Connect { .. }) {
                state.may_close[index(op.actor)] = false;
            }
        }
        let lanes: Vec<Lane<'a>> = match here {
            Stage::One(op) => self.lane(&[*op]).into_iter().collect(),
            Stage::Together(lanes) | Stage::AnyOrder(lanes) => {
                lanes.iter().filter_map(|lane| self.lane(lane)).collect()
            }
        };
        self.within(stage, &lanes, &state)
    }

    fn within(&self, stage: usize, lanes: &[Lane<'a>], state: &State) -> bool {
        if lanes.iter().all(Lane::is_done) {
            let mut state = state.clone();
            for op in self.plan.stages[stage].ops() {
                let op = self.plan.op(op);
                if matches!(op.kind, OpKind::UpTo { or_all: true, .. }) {
                    state.may_close[index(op.actor)] = true;
                }
            }
            return self.from(stage + 1, state);
        }
        for (number, lane) in lanes.iter().enumerate() {
            if lane.is_done() {
                continue;
            }
            let at = state.taken[lane.actor];
            let Some(slot) = self.sent[lane.actor].get(at) else {
                continue;
            };
            let mut state = state.clone();
            state.taken[lane.actor] += 1;
            let closed = matches!(slot.wish, Wish::Item(Item::Closed { .. }));
            // Behind an end the connection may break as well; and once it may end, nothing that
            // comes is held against anybody.
            let again = closed && at > 0 && is_end(&self.sent[lane.actor][at - 1]);
            if closed && state.may_close[lane.actor] {
                return true;
            }
            if again && self.within(stage, lanes, &state) {
                return true;
            }
            let mut lanes = lanes.to_vec();
            let rest = &mut lanes[number];
            if closed && rest.or_closed {
                rest.wanted.clear();
                rest.then_closed = false;
            } else if !slot.late
                && let Some(wanted) = rest.wanted.pop_front()
                && is(wanted, &slot.wish, stage, slot, &mut state.captures)
            {
            } else {
                continue;
            }
            if self.within(stage, &lanes, &state) {
                return true;
            }
        }
        false
    }

    fn lane(&self, ops: &[OpId]) -> Option<Lane<'a>> {
        let mut lane: Option<Lane<'a>> = None;
        for op in ops {
            let op = self.plan.op(*op);
            let actor = index(op.actor);
            let part = match &op.kind {
                OpKind::Receive { wanted, .. } => Lane {
                    actor,
                    wanted: VecDeque::from([wanted]),
                    or_closed: false,
                    then_closed: false,
                },
                OpKind::UpTo { series, or_all, .. } => Lane {
                    actor,
                    wanted: series.iter().collect(),
                    or_closed: true,
                    then_closed: !or_all,
                },
                _ => continue,
            };
            match &mut lane {
                Some(lane) => lane.wanted.extend(part.wanted),
                None => lane = Some(part),
            }
        }
        lane
    }

    fn nothing_but_ends(&self, actor: usize, state: &State) -> bool {
        let mut rest =
            (state.taken[actor]..self.sent[actor].len()).map(|at| (at, &self.sent[actor][at]));
        rest.all(|(at, slot)| {
            is_end(slot) && (state.may_close[actor] || at > 0 && is_end(&self.sent[actor][at - 1]))
        })
    }
}

fn is_end(slot: &Slot) -> bool {
    matches!(slot.wish, Wish::Item(Item::Closed { .. }))
}

fn is(wanted: &Wanted, wish: &Wish, stage: usize, slot: &Slot, captures: &mut Captures) -> bool {
    match (wanted, wish) {
        (
            Wanted::Event { event, args },
            Wish::Item(Item::Event {
                event: got,
                args: values,
                ..
            }),
        ) => event == got && match_all(args, values, captures),
        // Before its request is sent nothing is an acknowledgement of it.
        (
            Wanted::Ack { request, args, .. },
            Wish::Ack {
                request: answered,
                args: values,
            },
        ) => request == answered && slot.from <= stage && match_all(args, values, captures),
        (Wanted::Closed, Wish::Item(Item::Closed { .. })) => true,
        _ => false,
    }
}

fn index(actor: ActorId) -> usize {
    actor.0 as usize
}
