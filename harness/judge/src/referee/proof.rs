//! Whether what the harness did proves absence. A history cannot claim it: every flush and every
//! fence that it takes must be in there, in the right order, and answered.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Leg;
use crate::ids::ActorId;
use crate::verdict::Proof;

use super::legs::Legs;
use super::words;

/// What the harness asked and was answered during one stage.
#[derive(Default)]
pub(super) struct Round {
    flushes: BTreeMap<(Leg, u64), bool>,
    fences: BTreeMap<(Leg, u64), Fence>,
    /// Somebody who had acted was gone and could not be asked.
    gone: bool,
    waited: bool,
    /// Whether the clients sit on several nodes: a fence then proves something only behind a wait for
    /// what is on its way between them.
    apart: bool,
}

struct Fence {
    answered: bool,
    /// Whether every flush was answered when it began, and what is done across nodes had its time.
    /// Otherwise what a flush brings about may come behind it.
    behind_all: bool,
}

/// Who has acted since a flush of theirs was last answered.
#[derive(Default)]
pub(super) struct Unproven {
    acted: BTreeSet<ActorId>,
}

/// What a round comes to.
pub(super) enum Shown {
    /// Absence is proven.
    Proven(Proof),
    /// There was nobody to ask, and nobody to hear anything.
    NothingToAsk,
    /// The server left a question open.
    Unanswered(Leg, &'static str),
    /// The harness did not do what it takes.
    Unasked(String),
}

impl Unproven {
    pub(super) fn acted(&mut self, actor: ActorId) {
        self.acted.insert(actor);
    }

    pub(super) fn asked(&mut self, actor: ActorId) {
        self.acted.remove(&actor);
    }
}

impl Round {
    /// A round of a plan whose clients sit on this many nodes.
    pub(super) fn across(nodes: u32) -> Self {
        Self {
            apart: nodes > 1,
            ..Self::default()
        }
    }

    pub(super) fn flush_sent(&mut self, leg: Leg, id: u64) {
        self.flushes.insert((leg, id), false);
    }

    /// Whether the flush is one of this round; a late answer to an earlier one proves nothing.
    pub(super) fn flush_acked(&mut self, leg: Leg, id: u64) -> bool {
        let known = self.flushes.get_mut(&(leg, id));
        known.map(|answered| *answered = true).is_some()
    }

    pub(super) fn flush_impossible(&mut self) {
        self.gone = true;
    }

    pub(super) fn waited(&mut self) {
        self.waited = true;
    }

    pub(super) fn fence_sent(&mut self, leg: Leg, id: u64, legs: &Legs) {
        let mut flushes = self.flushes.iter();
        let flushed = flushes.all(|((leg, _), answered)| *answered || !legs.is_here(*leg));
        let fence = Fence {
            answered: false,
            behind_all: flushed && (self.waited || !self.apart),
        };
        self.fences.insert((leg, id), fence);
    }

    /// Whether the fence is one of this round; a late answer to an earlier one proves nothing.
    pub(super) fn fence_answered(&mut self, leg: Leg, id: u64) -> bool {
        let known = self.fences.get_mut(&(leg, id));
        known.map(|fence| fence.answered = true).is_some()
    }

    /// Whether nothing more was on its way to `actor` when the round ended.
    pub(super) fn closes(&self, actor: ActorId) -> bool {
        let mut flushes = self.flushes.values();
        flushes.all(|answered| *answered) && self.is_fenced(actor)
    }

    fn is_fenced(&self, actor: ActorId) -> bool {
        let mut fences = self.fences.iter();
        fences.any(|((leg, _), fence)| leg.actor == actor && fence.answered && fence.behind_all)
    }

    /// What this round shows about `observers`. `askable` are the clients that flushes and fences
    /// can be sent for: those that speak Socket.IO.
    pub(super) fn shown(
        &self,
        observers: impl Iterator<Item = ActorId>,
        askable: impl Fn(ActorId) -> bool,
        unproven: &Unproven,
        legs: &Legs,
        name: impl Fn(ActorId) -> String,
    ) -> Shown {
        let open = self
            .flushes
            .iter()
            .filter(|(_, answered)| !**answered)
            .map(|((leg, _), _)| (*leg, words::FLUSH_UNANSWERED));
        let open = open.chain(
            self.fences
                .iter()
                .filter(|(_, fence)| !fence.answered)
                .map(|((leg, _), _)| (*leg, words::FENCE_UNANSWERED)),
        );
        let (mut gone, mut unanswered) = (self.gone, None);
        for (leg, what) in open {
            if !legs.is_here(leg) {
                gone = true;
            } else if unanswered.is_none() {
                unanswered = Some((leg, what));
            }
        }
        if let Some((leg, what)) = unanswered {
            if legs.is_reading(leg.actor) {
                return Shown::Unanswered(leg, what);
            }
            return Shown::Unasked(format!(
                "{} does not read, so that nobody can say what it was not sent",
                name(leg.actor)
            ));
        }
        let unflushed = unproven.acted.iter().copied();
        let unflushed = unflushed.filter(|actor| askable(*actor));
        for actor in unflushed {
            if legs.here(actor).is_some() {
                return Shown::Unasked(format!(
                    "{} had acted, and was not asked whether the server is done with it",
                    name(actor)
                ));
            }
            gone = true;
        }
        let mut fenced = false;
        for actor in observers.filter(|actor| askable(*actor)) {
            if self.is_fenced(actor) {
                fenced = true;
            } else if legs.here(actor).is_some() {
                let crossed = if self.apart {
                    " and had had time to cross between the nodes"
                } else {
                    ""
                };
                return Shown::Unasked(format!(
                    "no fence on {} began when all that was done had been acknowledged{crossed}",
                    name(actor)
                ));
            }
        }
        match (fenced, self.waited, gone) {
            (false, ..) => Shown::NothingToAsk,
            (_, true, true) => Shown::Proven(Proof::Window),
            (_, true, false) => Shown::Proven(Proof::QuietWindow),
            (_, _, true) => Shown::Proven(Proof::FenceOnly),
            _ => Shown::Proven(Proof::FlushAndFence),
        }
    }
}
