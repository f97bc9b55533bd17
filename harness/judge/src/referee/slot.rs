//! One item that a lane waits for.

use crate::history::Item;
use crate::ids::OpId;
use crate::pattern::{Captures, Pattern, match_all};
use crate::plan::{OpKind, Plan, RawPacket, Wanted};

use super::words;

/// The request that an item answers, if it is an ack of one.
pub(super) type Request = Option<OpId>;

/// An item that is waited for: which of its operation's, since `up to` has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) op: OpId,
    pub(super) index: usize,
}

/// A place in a lane.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) op: OpId,
    index: usize,
    /// The end of the connection is right too, and ends the lane.
    or_closed: bool,
    /// It had to be here when the stage began.
    pub(super) already: bool,
}

/// How much of a lane an item uses up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Used {
    One,
    AllThatIsLeft,
}

impl Due {
    /// What the item must be; `None` for the end behind a series.
    pub(super) fn wanted(self, plan: &Plan) -> Option<&Wanted> {
        match &plan.op(self.op).kind {
            OpKind::Receive { wanted, .. } => Some(wanted),
            OpKind::UpTo { series, .. } => series.get(self.index),
            _ => None,
        }
    }

    /// Whether the end of the connection would be as right.
    pub(super) fn or_closed(self, plan: &Plan) -> bool {
        matches!(plan.op(self.op).kind, OpKind::UpTo { .. })
    }

    /// Whether it had to be here when its stage began.
    pub(super) fn already(self, plan: &Plan) -> bool {
        let kind = &plan.op(self.op).kind;
        matches!(kind, OpKind::Receive { already: true, .. })
    }

    /// Whether `item` is what was waited for.
    pub(super) fn is_met_by(
        self,
        plan: &Plan,
        item: &Item,
        answered: Request,
        captures: &mut Captures,
    ) -> bool {
        let closed = matches!(item, Item::Closed { .. });
        closed && self.or_closed(plan)
            || self
                .wanted(plan)
                .is_some_and(|wanted| is(wanted, item, answered, captures))
    }

    /// Whether `item` is of the kind that this waits for.
    pub(super) fn is_of_the_kind(self, plan: &Plan, item: &Item, answered: Request) -> bool {
        match (self.wanted(plan), item) {
            (Some(Wanted::Event { event, .. }), Item::Event { event: got, .. }) => event == got,
            (Some(Wanted::Ack { request, .. }), Item::Ack { .. }) => answered == Some(*request),
            (Some(Wanted::ConnectError(_)), Item::ConnectError { .. }) => true,
            _ => false,
        }
    }
}

impl Slot {
    /// The items that an operation waits for; none for those that only send.
    pub(super) fn all_of(plan: &Plan, op: OpId) -> Vec<Self> {
        let slot = |index, or_closed, already| Self {
            op,
            index,
            or_closed,
            already,
        };
        match &plan.op(op).kind {
            OpKind::Receive { already, .. } => vec![slot(0, false, *already)],
            OpKind::UpTo { series, or_all, .. } => {
                // One slot more than the series has items is the end itself.
                let count = series.len() + usize::from(!or_all);
                (0..count).map(|index| slot(index, true, false)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) const fn due(&self) -> Due {
        Due {
            op: self.op,
            index: self.index,
        }
    }

    /// Whether both lanes wait for the same.
    pub(super) fn same(plan: &Plan, one: &[Self], other: &[Self]) -> bool {
        let alike = |(one, other): (&Self, &Self)| {
            (one.or_closed, one.already) == (other.or_closed, other.already)
                && plan.op(one.op).level == plan.op(other.op).level
                && one.due().wanted(plan) == other.due().wanted(plan)
        };
        one.len() == other.len() && one.iter().zip(other).all(alike)
    }

    /// Whether it would bind a capture that is not in `captures`.
    pub(super) fn binds(&self, plan: &Plan, captures: &Captures) -> bool {
        let binds = |pattern: &Pattern| pattern.binds(captures);
        match self.due().wanted(plan) {
            Some(Wanted::Event { args, .. } | Wanted::Ack { args, .. }) => args.iter().any(binds),
            Some(Wanted::ConnectError(payload)) => binds(payload),
            Some(Wanted::Closed | Wanted::Raw(_)) | None => false,
        }
    }

    /// Whether `item` is what this waits for, and how much of the lane it then uses up.
    pub(super) fn takes(
        &self,
        plan: &Plan,
        item: &Item,
        answered: Request,
        captures: &mut Captures,
    ) -> Option<Used> {
        if self.or_closed && matches!(item, Item::Closed { .. }) {
            return Some(Used::AllThatIsLeft);
        }
        let wanted = self.due().wanted(plan)?;
        is(wanted, item, answered, captures).then_some(Used::One)
    }
}

fn is(wanted: &Wanted, item: &Item, answered: Request, captures: &mut Captures) -> bool {
    match (wanted, item) {
        (
            Wanted::Event { event, args },
            Item::Event {
                event: got,
                args: values,
                ..
            },
        ) => event == got && match_all(args, values, captures),
        (Wanted::Ack { request, args, .. }, Item::Ack { args: values, .. }) => {
            answered == Some(*request) && match_all(args, values, captures)
        }
        (Wanted::ConnectError(pattern), Item::ConnectError { data }) => {
            pattern.matches(data, captures)
        }
        (Wanted::Closed, Item::Closed { .. }) => true,
        (Wanted::Raw(RawPacket::Text(pattern)), Item::Raw { text }) => words::glob(pattern, text),
        (Wanted::Raw(RawPacket::Bytes(bytes)), Item::Raw { text }) => {
            *text == words::raw_bytes(bytes)
        }
        _ => false,
    }
}
