//! The stage under way, from its beginning to its end.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Item;
use crate::ids::{ActorId, OpId, Seq};
use crate::plan::{OpKind, Plan, Stage};
use crate::verdict::{Proof, Violation};

use super::inbox::{Inbox, Letter};
use super::lanes::{Lanes, Take};
use super::proof::{Round, Shown};
use super::slot::{Due, Request, Slot};
use super::{Owed, Progress, Referee, words};

/// The stage under way.
pub(super) struct Current {
    pub(super) stage: usize,
    began: Seq,
    lanes: Lanes,
    pub(super) round: Round,
    /// Whether items had to be here when the stage began.
    already: bool,
    /// When a client's first fence of an `already` was answered.
    fenced: BTreeMap<ActorId, Seq>,
    /// What the history has not shown to be done.
    pub(super) undone: BTreeSet<OpId>,
    pub(super) progress: Progress,
}

impl Current {
    pub(super) fn excuse(&mut self, actor: ActorId) {
        self.lanes.excuse(actor);
        self.settle();
    }

    pub(super) fn fence_answered(&mut self, actor: ActorId, seq: Seq) {
        if self.already {
            self.fenced.entry(actor).or_insert(seq);
        }
    }

    fn settle(&mut self) {
        if self.progress == Progress::Waiting && self.lanes.satisfied() {
            self.progress = Progress::Done;
        }
    }
}

/// Whether a history shows that the operation was done.
fn leaves_a_trace(kind: &OpKind) -> bool {
    match kind {
        OpKind::Connect { .. }
        | OpKind::Emit { .. }
        | OpKind::Act(_)
        | OpKind::RawSend(_)
        | OpKind::Http { .. }
        | OpKind::RestartServer => true,
        OpKind::Receive { .. }
        | OpKind::UpTo { .. }
        | OpKind::Silence { .. }
        | OpKind::DelayLink(_) => false,
    }
}

fn undone(plan: &Plan, stage: &Stage) -> BTreeSet<OpId> {
    let ops = stage.ops();
    ops.filter(|op| leaves_a_trace(&plan.op(*op).kind))
        .collect()
}

impl Referee<'_> {
    pub(super) fn begin(&mut self, stage: usize, seq: Seq) {
        let plan = self.plan;
        let Some(plan_stage) = plan.stages.get(stage).filter(|_| stage == self.ended) else {
            return self.give_up("the history skips a step of its case".to_owned());
        };
        self.begun = Some(stage);
        let mut lanes = Lanes::new(plan, plan_stage, &self.bindings);
        for actor in &self.excused {
            lanes.excuse(*actor);
        }
        let mut current = Current {
            stage,
            began: seq,
            already: lanes.has_already(),
            lanes,
            round: Round::across(plan.nodes()),
            fenced: BTreeMap::new(),
            undone: undone(plan, plan_stage),
            progress: Progress::Waiting,
        };
        current.settle();
        let actors = current.lanes.actors();
        self.current = Some(current);
        for actor in actors {
            self.feed(actor);
        }
    }

    /// Feeds what lies in a client's inbox to the stage under way, as far as it takes it.
    pub(super) fn feed(&mut self, actor: ActorId) {
        let Some(mut current) = self.current.take() else {
            return;
        };
        while current.progress == Progress::Waiting && current.lanes.waits_for(actor) {
            let Some(letter) = self.inboxes.get_mut(&actor).and_then(Inbox::take) else {
                break;
            };
            match self.offer(&mut current, &letter) {
                Take::Taken => self.received(letter),
                Take::Late(due) => {
                    let fenced = current.fenced.get(&actor).copied();
                    let violation = self.teller().late(due, fenced, &letter);
                    if !self.is_lenient(violation.level) {
                        current.progress = Progress::Broken;
                    }
                    self.violations.push(violation);
                    self.received(letter);
                }
                Take::Refused => self.refused(&mut current, letter),
                Take::TooMany => {
                    let cause = "the lines of a block are so much alike that what came can be read \
                                 in too many ways";
                    self.give_up(cause.to_owned());
                    current.progress = Progress::Broken;
                }
            }
            current.settle();
        }
        if !current.lanes.waits_for(actor) {
            self.may_close_now(&current, actor);
        }
        self.current = Some(current);
    }

    fn offer(&self, current: &mut Current, letter: &Letter) -> Take {
        let actor = letter.leg.actor;
        let fenced = current.fenced.get(&actor).copied();
        let late = fenced.is_some_and(|fenced| fenced < letter.seq);
        let answered = self.answered(letter);
        let lanes = &mut current.lanes;
        lanes.take(self.plan, actor, &letter.item, answered, late)
    }

    fn received(&mut self, letter: Letter) {
        if matches!(letter.item, Item::Event { .. }) {
            self.proofs.insert(Proof::Sentinel);
        }
        self.taken += 1;
        self.inbox(letter.leg.actor).received(letter.item);
    }

    /// After the whole of a series that ends `, or all`, the end may still come.
    fn may_close_now(&mut self, current: &Current, actor: ActorId) {
        let Some(stage) = self.plan.stages.get(current.stage) else {
            return;
        };
        let or_all = stage.ops().any(|op| {
            let op = self.plan.op(op);
            op.actor == actor && matches!(op.kind, OpKind::UpTo { or_all: true, .. })
        });
        if or_all && self.may_close.insert(actor) {
            let inbox = self.inbox(actor);
            if inbox.is_closed_next() {
                inbox.take();
                self.excused.insert(actor);
            }
        }
    }

    /// The front of a client's inbox is nothing that the stage waits for.
    fn refused(&mut self, current: &mut Current, letter: Letter) {
        let actor = letter.leg.actor;
        if self.was_owed(&letter, Owed::is) {
            return;
        }
        let due = current.lanes.due(actor);
        let Some(&first) = due.first() else { return };
        if !self.is_lenient(self.plan.op(first.op).level) {
            if self.was_owed(&letter, Owed::is_of_the_kind) {
                return;
            }
            let violation = self.teller().mismatch(first.op, &due, &letter);
            self.tell(violation, &letter);
            current.progress = Progress::Broken;
            return;
        }
        let violation = self.teller().mismatch(first.op, &due, &letter);
        let told = self.violations.len();
        self.tell(violation, &letter);
        let answered = self.answered(&letter);
        // A line that the server may break still says what it is about: what came in its place is
        // taken for it, unless a line below waits for just that.
        if !self.is_awaited_below(current.stage, &letter)
            && (current.lanes).take_for_kind(self.plan, actor, &letter.item, answered)
        {
            return self.received(letter);
        }
        if matches!(letter.item, Item::Closed { .. }) {
            self.excused.insert(actor);
        } else {
            // It stays for the lines below, and what this line waited for may still come.
            self.owe(
                actor,
                current.lanes.unmet(actor).into_iter().flatten(),
                told,
            );
            self.inbox(actor).give_back(letter);
        }
        current.lanes.excuse(actor);
    }

    /// Whether a line below, on the same connection, waits for an item as it is.
    fn is_awaited_below(&self, stage: usize, letter: &Letter) -> bool {
        let actor = letter.leg.actor;
        let answered = self.answered(letter);
        let below = self.plan.stages.iter().skip(stage + 1);
        let ops = below.flat_map(Stage::ops).map(|op| (op, self.plan.op(op)));
        let of_the_actor = ops.filter(|(_, op)| op.actor == actor);
        let here = of_the_actor.take_while(|(_, op)| !matches!(op.kind, OpKind::Connect { .. }));
        let mut slots = here.flat_map(|(op, _)| Slot::all_of(self.plan, op));
        slots.any(|slot| {
            let mut readings = self.bindings.all().iter().cloned();
            readings.any(|mut captures| {
                let due = slot.due();
                due.is_met_by(self.plan, &letter.item, answered, &mut captures)
            })
        })
    }

    pub(super) fn end(&mut self, stage: usize, ran_out_us: Option<u64>, seq: Seq) {
        let Some(current) = self.current.take().filter(|current| current.stage == stage) else {
            return self.give_up("the history ends a step that it had not begun".to_owned());
        };
        self.ended += 1;
        if let Some(bindings) = current.lanes.bindings() {
            self.bindings = bindings;
        }
        if self.must_stop() {
            return;
        }
        if !current.undone.is_empty() {
            return self.give_up("the history goes past a step without doing it".to_owned());
        }
        let silence = self.plan.stages.get(stage).and_then(|stage| match stage {
            Stage::One(op) => match self.plan.op(*op).kind {
                OpKind::Silence { everyone } => Some((*op, everyone)),
                _ => None,
            },
            _ => None,
        });
        if let Some((op, everyone)) = silence {
            self.end_silence(op, everyone, &current, ran_out_us, seq);
        } else if !current.lanes.satisfied() {
            match ran_out_us {
                Some(waited) => self.missing(&current, waited, seq),
                None => self.give_up(
                    "the history goes past a step that was not done, and nothing ran out"
                        .to_owned(),
                ),
            }
        }
    }

    /// One finding for each client.
    fn missing(&mut self, current: &Current, waited: u64, seq: Seq) {
        for actor in current.lanes.waiting() {
            let lanes = current.lanes.unmet(actor);
            let heads = lanes.iter().filter_map(|lane| lane.first());
            let heads: Vec<Due> = heads.copied().collect();
            let fenced = current.fenced.get(&actor).copied();
            let fenced = fenced.filter(|_| heads.iter().all(|due| due.already(self.plan)));
            let between = [current.began, seq];
            let mut violation = self.teller().missing(actor, &heads, between, fenced);
            let proven = current.round.closes(actor) && fenced.is_none();
            violation.notes.push(if proven {
                words::PROVEN_ABSENT.to_owned()
            } else {
                words::waited(waited)
            });
            if self.is_lenient(violation.level) {
                self.owe(actor, lanes.into_iter().flatten(), self.violations.len());
            }
            self.violations.push(violation);
        }
    }

    /// Silence is proven when every flush and fence was answered, and broken by whatever lies
    /// unread by then.
    fn end_silence(
        &mut self,
        op: OpId,
        everyone: bool,
        current: &Current,
        ran_out_us: Option<u64>,
        seq: Seq,
    ) {
        let listener = self.plan.op(op).actor;
        let observers: Vec<ActorId> = if everyone {
            (0..self.plan.actors.len())
                .filter_map(|index| u32::try_from(index).ok().map(ActorId))
                .collect()
        } else {
            vec![listener]
        };
        let mut quiet = true;
        for &actor in &observers {
            let letters = match self.inboxes.get_mut(&actor) {
                Some(inbox) => inbox.empty(),
                None => continue,
            };
            // One finding for a client: what follows is most likely the same again.
            let loud = letters.into_iter().find(|letter| !self.is_forgiven(letter));
            if let Some(letter) = loud {
                quiet = false;
                let violation = self.teller().unexpected(op, &letter);
                if matches!(letter.item, Item::Closed { .. }) && self.is_lenient(violation.level) {
                    self.excused.insert(actor);
                }
                self.tell(violation, &letter);
            }
        }
        let shown = current.round.shown(
            observers.into_iter(),
            |actor| !self.raw.contains(&actor),
            &self.unproven,
            &self.legs,
            |actor| self.plan.actor(actor).name.clone(),
        );
        match shown {
            // What came shows more than what did not.
            _ if !quiet => {}
            Shown::Proven(proof) => {
                self.proofs.insert(proof);
            }
            Shown::NothingToAsk => {}
            Shown::Unanswered(leg, what) => {
                let mut violation = self.teller().proof_failed(op, leg, what, seq);
                violation.notes.extend(ran_out_us.map(words::waited));
                self.violations.push(violation);
            }
            Shown::Unasked(cause) => self.give_up(cause),
        }
    }

    /// Whether an item is no news: a line of a lower level waited for it in vain, or it is an end
    /// that may come.
    pub(super) fn is_forgiven(&mut self, letter: &Letter) -> bool {
        let actor = letter.leg.actor;
        if matches!(letter.item, Item::Closed { .. }) && self.may_close.contains(&actor) {
            self.excused.insert(actor);
            return true;
        }
        self.was_owed(letter, Owed::is) || self.was_owed(letter, Owed::is_of_the_kind)
    }

    /// Whether a line of a lower level waited for an item in vain: then that is what it is.
    fn was_owed(
        &mut self,
        letter: &Letter,
        is: impl Fn(&Owed, &Item, &Self, Request) -> bool,
    ) -> bool {
        let actor = letter.leg.actor;
        let answered = self.answered(letter);
        let Some(owed) = self.owed.get(&actor) else {
            return false;
        };
        let Some(met) = owed
            .iter()
            .position(|owed| is(owed, &letter.item, self, answered))
        else {
            return false;
        };
        let told = self.owed.get_mut(&actor).map(|owed| owed.remove(met).told);
        if let Some(violation) = told.and_then(|told| self.violations.get_mut(told))
            && !violation.notes.iter().any(|note| note == words::CAME_LATER)
        {
            violation.notes.push(words::CAME_LATER.to_owned());
        }
        true
    }

    fn owe(&mut self, actor: ActorId, due: impl Iterator<Item = Due>, told: usize) {
        let owed = self.owed.entry(actor).or_default();
        owed.extend(due.map(|due| Owed { due, told }));
    }

    fn answered(&self, letter: &Letter) -> Option<OpId> {
        match letter.item {
            Item::Ack { id, .. } => self.requests.answered(letter.leg, id),
            _ => None,
        }
    }

    /// Records a violation that `letter` shows, with what else there is to say about it.
    pub(super) fn tell(&mut self, mut violation: Violation, letter: &Letter) {
        let inbox = self.inboxes.get(&letter.leg.actor);
        if inbox.is_some_and(|inbox| inbox.repeats(&letter.item)) {
            violation.notes.push(words::REPEATED.to_owned());
        }
        if let Item::Ack { id, .. } = letter.item
            && self.answered(letter).is_none()
        {
            let name = words::leg(self.plan, letter.leg);
            let note = format!("no request of {name} has the acknowledgement id {id}");
            violation.notes.push(note);
        }
        self.violations.push(violation);
    }
}

impl Owed {
    fn is(&self, item: &Item, referee: &Referee<'_>, answered: Request) -> bool {
        let mut readings = referee.bindings.all().iter().cloned();
        readings
            .any(|mut captures| (self.due).is_met_by(referee.plan, item, answered, &mut captures))
    }

    /// It may have come late and altered.
    fn is_of_the_kind(&self, item: &Item, referee: &Referee<'_>, answered: Request) -> bool {
        self.due.is_of_the_kind(referee.plan, item, answered)
    }
}
