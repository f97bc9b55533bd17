//! Walks a plan along a history and says, event by event, what holds and what is broken.
//!
//! The same walk serves the executor, which asks after every event whether the current stage is
//! done, and the judgement of a stored history: there is one opinion of what a line means.
//!
//! A history is not taken at its word. A stage that ends must have done what it is there for, what
//! is missing must have been waited for, and silence must have been proven; where a history does not
//! show that, nothing is said about the server.
//!
//! # Layout
//! - `stage`: the stage under way; `lanes`, `slot`, `bindings`: what it waits for.
//! - `inbox`, `legs`, `requests`: what the clients hold.
//! - `proof`: whether absence was proven.
//! - `tell`, `words`: findings in words.

mod bindings;
mod inbox;
mod lanes;
mod legs;
mod proof;
mod requests;
mod slot;
mod stage;
mod tell;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chatspec_notation::ast::Act;

use crate::expand::{NEW_MESSAGE, WELCOME};
use crate::history::{Event, Item, Kind, Leg, Outgoing};
use crate::ids::{ActorId, OpId, Seq};
use crate::notices::Notices;
use crate::pattern::Captures;
use crate::plan::{OpKind, Plan, Wanted};
use crate::verdict::{Level, Proof, Rule, Violation};

use bindings::Bindings;
use inbox::{Inbox, Letter};
pub(crate) use legs::Legs;
use proof::Unproven;
pub(crate) use requests::Requests;
use slot::Due;
use stage::Current;
use tell::Teller;
pub(crate) use words::{one_line, step, who};

/// How far the current stage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It waits for something to arrive.
    Waiting,
    /// All that it asks for is there.
    Done,
    /// It cannot hold any more.
    Broken,
}

/// What a walk found.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// What is broken.
    pub violations: Vec<Violation>,
    /// How absence was proven.
    pub proofs: Vec<Proof>,
    /// Why nothing can be said beyond that, if so.
    pub gave_up: Option<String>,
}

/// The walk along one history.
pub struct Referee<'p> {
    plan: &'p Plan,
    inboxes: BTreeMap<ActorId, Inbox>,
    legs: Legs,
    notices: Notices<'p>,
    requests: Requests,
    bindings: Bindings,
    current: Option<Current>,
    /// The stage that began last.
    begun: Option<usize>,
    ended: usize,
    taken: usize,
    violations: Vec<Violation>,
    proofs: BTreeSet<Proof>,
    unproven: Unproven,
    /// Clients that speak Engine.IO only: nothing can be proven on their connections.
    raw: BTreeSet<ActorId>,
    /// Clients whose connection may end without a line for it.
    may_close: BTreeSet<ActorId>,
    /// Clients whose connection the server ended, or refused, where it may; nothing is asked of them
    /// until they connect again.
    excused: BTreeSet<ActorId>,
    /// What lines of a lower level waited for in vain. It may still come, and is then theirs.
    owed: BTreeMap<ActorId, Vec<Owed>>,
    died: bool,
    /// In an open case, the requests whose ack a line waits for; all others, and what a room hears,
    /// are left to the checkers of histories.
    awaited: Option<BTreeSet<OpId>>,
    /// Why nothing can be said, if that is so.
    gave_up: Option<String>,
}

/// An item that a line of a lower level did not get.
struct Owed {
    due: Due,
    /// The violation that says so.
    told: usize,
}

impl<'p> Referee<'p> {
    /// A walk that stands before the first event of a run of `plan`.
    pub fn new(plan: &'p Plan) -> Self {
        let raw = plan.ops.iter().filter_map(|op| match &op.kind {
            OpKind::Receive {
                wanted: Wanted::Raw(_),
                ..
            } => Some(op.actor),
            _ => None,
        });
        Self {
            plan,
            inboxes: BTreeMap::new(),
            legs: Legs::default(),
            notices: Notices::new(plan),
            requests: Requests::new(plan),
            bindings: Bindings::new(),
            current: None,
            begun: None,
            ended: 0,
            taken: 0,
            violations: Vec::new(),
            proofs: BTreeSet::new(),
            unproven: Unproven::default(),
            raw: raw.collect(),
            may_close: BTreeSet::new(),
            excused: BTreeSet::new(),
            owed: BTreeMap::new(),
            died: false,
            awaited: plan.is_open().then(|| awaited(plan)),
            gave_up: None,
        }
    }

    /// Takes the next event of the history, which names clients, operations and stages of the plan.
    pub fn observe(&mut self, event: &Event) {
        let seq = event.seq;
        match &event.kind {
            Kind::Began { stage } => self.begin(*stage, seq),
            Kind::Ended { stage, ran_out_us } => self.end(*stage, *ran_out_us, seq),
            Kind::Connecting { leg, op } => self.connecting(*leg, *op),
            Kind::ConnectFailed { leg, cause } => self.connect_failed(*leg, cause, seq),
            Kind::Sent { leg, op, what } => self.sent(*leg, *op, what),
            Kind::Arrived { leg, item } => self.arrived(*leg, item, seq),
            Kind::FlushSent { leg, id } => {
                self.round(|round, _| round.flush_sent(*leg, *id));
            }
            Kind::FlushAcked { leg, id } => {
                let (leg, id) = (*leg, *id);
                if self.round(|round, _| round.flush_acked(leg, id)) == Some(true) {
                    self.unproven.asked(leg.actor);
                }
            }
            Kind::FlushImpossible { actor } => {
                self.unproven.asked(*actor);
                self.round(|round, _| round.flush_impossible());
            }
            Kind::FenceSent { leg, id } => {
                self.round(|round, legs| round.fence_sent(*leg, *id, legs));
            }
            Kind::FenceAnswered { leg, id } => {
                let (leg, id) = (*leg, *id);
                if self.round(|round, _| round.fence_answered(leg, id)) == Some(true)
                    && let Some(current) = &mut self.current
                {
                    current.fence_answered(leg.actor, seq);
                }
            }
            Kind::Waited { .. } => {
                self.round(|round, _| round.waited());
            }
            Kind::HttpAnswered { op, answer } => self.http(*op, answer, seq),
            Kind::ServerDied { cause } => self.server_died(cause, seq),
            Kind::ServerRestarted => self.restarted(),
            Kind::GaveUp { cause } => self.give_up(cause.clone()),
            Kind::Connected { .. } | Kind::Upgraded { .. } => {}
        }
    }

    /// How far the stage under way is; done when none is.
    pub fn progress(&self) -> Progress {
        let current = self.current.as_ref();
        current.map_or(Progress::Done, |current| current.progress)
    }

    /// Whether something is so broken that going on would only repeat it: everything but lines of
    /// a lower level than their case.
    pub fn must_stop(&self) -> bool {
        let broken = |violation: &Violation| !self.is_lenient(violation.level);
        self.gave_up.is_some() || self.violations.iter().any(broken)
    }

    /// How many items the stages have taken so far.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// What captures stand for so far. Where what came can be read in several ways it is one of
    /// them, and sending it decides for that one.
    pub fn captures(&self) -> &Captures {
        self.bindings.first()
    }

    /// What the whole walk found.
    pub fn findings(mut self) -> Findings {
        if self.ended < self.plan.stages.len() && !self.must_stop() {
            self.give_up("the run ended before its last step, and nothing says why".to_owned());
        }
        // That the server died is certain, whatever else could not be seen.
        let gave_up = self.gave_up.filter(|_| !self.died);
        Findings {
            violations: self.violations,
            proofs: self.proofs.into_iter().collect(),
            gave_up,
        }
    }

    fn connecting(&mut self, leg: Leg, op: OpId) {
        let actor = leg.actor;
        self.leave_behind(actor, op);
        self.excused.remove(&actor);
        self.may_close.remove(&actor);
        self.owed.remove(&actor);
        self.inboxes.remove(&actor);
        if let OpKind::Connect {
            auth: Some(auth), ..
        } = &self.plan.op(op).kind
        {
            let sent = auth.resolve(self.bindings.first());
            self.bindings
                .keep(|captures| auth.resolve(captures) == sent);
        }
        self.legs.connecting(leg, op);
        self.unproven.acted(actor);
        self.did(op);
    }

    /// What the earlier connection left unread can no longer be received.
    fn leave_behind(&mut self, actor: ActorId, op: OpId) {
        for letter in self.inbox(actor).empty() {
            if self.is_forgiven(&letter) {
                continue;
            }
            let mut violation = self.teller().unexpected(op, &letter);
            violation.notes.push(words::LEFT_UNREAD.to_owned());
            let broken = !self.is_lenient(violation.level);
            self.tell(violation, &letter);
            if let Some(current) = self.current.as_mut().filter(|_| broken) {
                current.progress = Progress::Broken;
            }
            return;
        }
    }

    fn connect_failed(&mut self, leg: Leg, cause: &str, seq: Seq) {
        if self.legs.is_forgotten(leg) || !self.legs.ended(leg) {
            return;
        }
        let op = self.legs.opened_by(leg);
        let violation = self.teller().connect_failed(op, leg, cause, seq);
        if self.is_lenient(violation.level) {
            self.excuse(leg.actor);
        }
        self.break_with(violation);
    }

    fn sent(&mut self, leg: Leg, op: OpId, what: &Outgoing) {
        self.did(op);
        match what {
            Outgoing::Event { args, ack, .. } => {
                if let OpKind::Emit { args: asked, .. } = &self.plan.op(op).kind {
                    self.bindings.keep(|captures| {
                        let mut values = asked.iter().map(|arg| arg.resolve(captures));
                        args.iter()
                            .all(|arg| values.next().flatten().as_ref() == Some(arg))
                    });
                }
                if let Some(id) = ack {
                    self.requests.sent(leg, *id, op);
                }
                self.unproven.acted(leg.actor);
            }
            Outgoing::Raw { .. } => self.unproven.acted(leg.actor),
            Outgoing::Act { .. } => match self.plan.op(op).kind {
                OpKind::Act(Act::Disconnects | Act::Vanishes) => {
                    self.legs.left(leg);
                    self.unproven.acted(leg.actor);
                }
                OpKind::Act(Act::StopsReading) => self.legs.reads(leg, false),
                OpKind::Act(Act::ReadsAgain) => self.legs.reads(leg, true),
                _ => {}
            },
        }
    }

    fn arrived(&mut self, leg: Leg, item: &Item, seq: Seq) {
        if self.legs.is_forgotten(leg)
            || self.excused.contains(&leg.actor)
            || self.is_for_checkers(leg, item)
        {
            return;
        }
        let Some(item) = self.notices.seen(leg, item) else {
            return;
        };
        if matches!(*item, Item::Closed { .. }) {
            if !self.legs.ended(leg) {
                return;
            }
            // After `, or all` the end may still come, and need not.
            if self.may_close.contains(&leg.actor) {
                return self.excuse(leg.actor);
            }
        }
        let letter = Letter {
            leg,
            seq,
            stage: self.begun,
            item: item.into_owned(),
        };
        self.inbox(leg.actor).push(letter);
        self.feed(leg.actor);
    }

    /// Whether the lines of an open case have nothing to do with an item.
    fn is_for_checkers(&self, leg: Leg, item: &Item) -> bool {
        let Some(awaited) = &self.awaited else {
            return false;
        };
        match item {
            Item::Event { event, .. } => [NEW_MESSAGE, WELCOME].contains(&event.as_str()),
            Item::Ack { id, .. } => {
                let request = self.requests.answered(leg, *id);
                request.is_none_or(|request| !awaited.contains(&request))
            }
            Item::ConnectError { .. }
            | Item::Closed { .. }
            | Item::Broken { .. }
            | Item::Raw { .. } => false,
        }
    }

    fn http(&mut self, op: OpId, answer: &Result<(u16, String), String>, seq: Seq) {
        self.did(op);
        let OpKind::Http {
            status,
            answer: wanted,
            ..
        } = &self.plan.op(op).kind
        else {
            return;
        };
        let wanted = wanted.as_deref();
        let holds = answer.as_ref().is_ok_and(|(got, body)| {
            got == status && wanted.is_none_or(|wanted| words::glob(wanted, body))
        });
        if !holds {
            let violation = self.teller().http(op, (*status, wanted), answer, seq);
            self.break_with(violation);
        }
    }

    fn server_died(&mut self, cause: &str, seq: Seq) {
        self.died = true;
        let op = self.current.as_ref().and_then(|current| {
            let stage = self.plan.stages.get(current.stage)?;
            stage.ops().next()
        });
        let mut violation = self.teller().died(op, cause, seq);
        // Whatever its clients missed when it died is a consequence, and shows where that was.
        let consequences = self.violations.extract_if(.., |earlier| {
            matches!(
                earlier.rule,
                Rule::Closed | Rule::Missing | Rule::ConnectFailed | Rule::ProofFailed
            )
        });
        for consequence in consequences {
            violation.line = violation.line.or(consequence.line);
        }
        violation.line = violation.line.or(self.teller().under_way(self.begun));
        self.owed.clear();
        self.break_with(violation);
    }

    fn restarted(&mut self) {
        if let Some(current) = &mut self.current {
            current.undone.clear();
        }
    }

    /// Whether `level` is below that of the case.
    fn is_lenient(&self, level: Level) -> bool {
        level < self.plan.source.scenario.level.into()
    }

    /// Records a violation; one that breaks the case breaks the stage under way.
    fn break_with(&mut self, violation: Violation) {
        let broken = !self.is_lenient(violation.level);
        self.violations.push(violation);
        if let Some(current) = self.current.as_mut().filter(|_| broken) {
            current.progress = Progress::Broken;
        }
    }

    fn give_up(&mut self, cause: String) {
        self.gave_up.get_or_insert(cause);
    }

    fn excuse(&mut self, actor: ActorId) {
        self.excused.insert(actor);
        if let Some(current) = &mut self.current {
            current.excuse(actor);
        }
    }

    fn did(&mut self, op: OpId) {
        if let Some(current) = &mut self.current {
            current.undone.remove(&op);
        }
    }

    fn round<T>(&mut self, change: impl FnOnce(&mut proof::Round, &Legs) -> T) -> Option<T> {
        let current = self.current.as_mut()?;
        Some(change(&mut current.round, &self.legs))
    }

    fn inbox(&mut self, actor: ActorId) -> &mut Inbox {
        self.inboxes.entry(actor).or_default()
    }

    fn teller(&self) -> Teller<'_> {
        Teller {
            plan: self.plan,
            requests: &self.requests,
            captures: self.bindings.settled(),
        }
    }
}

/// The requests whose ack a line waits for.
fn awaited(plan: &Plan) -> BTreeSet<OpId> {
    let requests = plan.ops.iter().filter_map(|op| match &op.kind {
        OpKind::Receive {
            wanted: Wanted::Ack { request, .. },
            ..
        } => Some(*request),
        _ => None,
    });
    requests.collect()
}
