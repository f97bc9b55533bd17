//! An executor as the runner's, without sockets and time: it does what a plan says, and asks a
//! [`Server`] what happens meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chatspec_judge::history::{Event, History, Item, Kind, Leg, Outgoing};
use chatspec_judge::ids::{ActorId, OpId, Seq};
use chatspec_judge::plan::{Op, OpKind, Plan, RawPacket, Stage, Wanted};
use chatspec_judge::referee::{Progress, Referee};
use chatspec_notation::ast::Act;

/// How long every deadline is, in microseconds.
pub(crate) const DEADLINE_US: u64 = 1_000_000;

/// What the executor is at when it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// A connection is being opened.
    Opening(Leg),
    /// The stage waits for items.
    Waiting,
    /// Silence is about to be proven.
    Silence,
    /// An HTTP request was sent.
    Asking(OpId),
    /// The run is over.
    Over,
}

/// What can happen.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// The server sends an item.
    Arrives(Leg, Item),
    /// A fence that waits for its answer gets it.
    Fenced(ActorId),
    /// A flush or fence of this client stays without an answer.
    Lost(ActorId),
    /// Whatever else there is to record.
    Recorded(Kind),
    /// The deadline runs out.
    RunsOut,
}

/// Who decides what happens.
pub(crate) trait Server {
    /// What happens next at this moment; `None` for nothing more. Then a connection opens, a proof
    /// is answered, and a wait runs out.
    fn next(&mut self, run: &Run<'_>, stage: usize, moment: Moment) -> Option<Happening>;

    /// A stage is over; gives what else came while it was under way.
    fn ending(&mut self, _run: &Run<'_>, _stage: usize) -> Vec<Happening> {
        Vec::new()
    }
}

/// A run under way.
pub(crate) struct Run<'p> {
    pub(crate) plan: &'p Plan,
    pub(crate) referee: Referee<'p>,
    events: Vec<Event>,
    legs: BTreeMap<ActorId, Leg>,
    acks: BTreeMap<Leg, u64>,
    fences: BTreeMap<Leg, u64>,
    /// Fences of `already` that wait for their answer.
    pub(crate) open: Vec<(Leg, u64)>,
    /// The connection and id that each request went out with.
    pub(crate) requests: BTreeMap<OpId, (Leg, u64)>,
    dirty: BTreeSet<ActorId>,
    gone: BTreeSet<Leg>,
    left: BTreeSet<Leg>,
    lost: BTreeSet<ActorId>,
    ran_out: bool,
}

/// Runs `plan` against `server`, as the runner would: to its end, or until it is broken.
pub(crate) fn run(plan: &Plan, server: &mut dyn Server) -> History {
    let mut run = Run {
        plan,
        referee: Referee::new(plan),
        events: Vec::new(),
        legs: BTreeMap::new(),
        acks: BTreeMap::new(),
        fences: BTreeMap::new(),
        open: Vec::new(),
        requests: BTreeMap::new(),
        dirty: BTreeSet::new(),
        gone: BTreeSet::new(),
        left: BTreeSet::new(),
        lost: BTreeSet::new(),
        ran_out: false,
    };
    for stage in 0..plan.stages.len() {
        run.stage(stage, server);
        if run.referee.must_stop() {
            break;
        }
    }
    let last = plan.stages.len() - 1;
    while let Some(happening) = server.next(&run, last, Moment::Over) {
        run.happen(happening);
    }
    History { events: run.events }
}

impl Run<'_> {
    fn stage(&mut self, stage: usize, server: &mut dyn Server) {
        self.record(Kind::Began { stage });
        self.ran_out = false;
        match &self.plan.stages[stage] {
            Stage::One(op) => self.one(stage, *op, server),
            Stage::Together(lanes) => {
                for op in lanes.iter().flatten() {
                    self.start(stage, *op, server);
                }
            }
            Stage::AnyOrder(_) => self.wait(stage, server),
        }
        for happening in server.ending(self, stage) {
            self.happen(happening);
        }
        let ran_out_us = self.ran_out.then_some(DEADLINE_US);
        self.record(Kind::Ended { stage, ran_out_us });
    }

    fn one(&mut self, stage: usize, id: OpId, server: &mut dyn Server) {
        match &self.plan.op(id).kind {
            OpKind::Receive { .. } | OpKind::UpTo { .. } => self.wait(stage, server),
            OpKind::Silence { everyone } => {
                let listener = self.plan.op(id).actor;
                while let Some(happening) = server.next(self, stage, Moment::Silence) {
                    self.happen(happening);
                }
                self.prove(listener, *everyone);
            }
            OpKind::RestartServer => self.record(Kind::ServerRestarted),
            _ => self.start(stage, id, server),
        }
    }

    fn wait(&mut self, stage: usize, server: &mut dyn Server) {
        let ops: Vec<_> = self.plan.stages[stage].ops().collect();
        for op in ops {
            let op = self.plan.op(op);
            if let OpKind::Receive { already: true, .. } = op.kind {
                self.fence(op.actor);
            }
        }
        while self.referee.progress() == Progress::Waiting {
            match server.next(self, stage, Moment::Waiting) {
                None | Some(Happening::RunsOut) => {
                    self.ran_out = true;
                    break;
                }
                Some(happening) => self.happen(happening),
            }
        }
    }

    fn start(&mut self, stage: usize, id: OpId, server: &mut dyn Server) {
        let plan = self.plan;
        let Op { actor, kind, .. } = plan.op(id);
        let actor = *actor;
        match kind {
            OpKind::Connect { .. } => {
                let number = self.legs.get(&actor).map_or(0, |leg| leg.number) + 1;
                let leg = Leg { actor, number };
                self.legs.insert(actor, leg);
                self.lost.remove(&actor);
                self.dirty.insert(actor);
                self.record(Kind::Connecting { leg, op: id });
                match server.next(self, stage, Moment::Opening(leg)) {
                    Some(happening) => self.happen(happening),
                    None => self.record(Kind::Connected { leg }),
                }
            }
            OpKind::Emit { event, args, ack } => {
                let leg = self.leg(actor);
                let captures = self.referee.captures();
                let args = args.iter().map(|arg| arg.resolve(captures).expect("bound"));
                let args = args.collect();
                let ack = ack.then(|| self.next_ack(leg));
                if let Some(ack) = ack {
                    self.requests.insert(id, (leg, ack));
                }
                let event = event.clone();
                let what = Outgoing::Event { event, args, ack };
                self.record(Kind::Sent { leg, op: id, what });
                self.dirty.insert(actor);
            }
            OpKind::Act(act) => {
                let leg = self.leg(actor);
                let words = act.word().to_owned();
                let what = Outgoing::Act { words };
                self.record(Kind::Sent { leg, op: id, what });
                if matches!(act, Act::Disconnects | Act::Vanishes) {
                    self.gone.insert(leg);
                    self.left.insert(leg);
                    self.dirty.insert(actor);
                }
            }
            OpKind::RawSend(raw) => {
                let leg = self.leg(actor);
                let text = match raw {
                    RawPacket::Text(text) => text.clone(),
                    RawPacket::Bytes(bytes) => format!("{} bytes", bytes.len()),
                };
                let what = Outgoing::Raw { text };
                self.record(Kind::Sent { leg, op: id, what });
                self.dirty.insert(actor);
            }
            OpKind::Http { status, answer, .. } => {
                let right = (*status, answer.clone().unwrap_or_default());
                let happening = server.next(self, stage, Moment::Asking(id));
                self.happen(happening.unwrap_or(Happening::Recorded(Kind::HttpAnswered {
                    op: id,
                    answer: Ok(right),
                })));
            }
            OpKind::DelayLink(_) => {}
            OpKind::Receive { .. }
            | OpKind::UpTo { .. }
            | OpKind::Silence { .. }
            | OpKind::RestartServer => panic!("{kind:?} is not started"),
        }
    }

    /// Flush and fence, answered but for those that are lost.
    fn prove(&mut self, listener: ActorId, everyone: bool) {
        let mut flushed = Vec::new();
        for actor in std::mem::take(&mut self.dirty) {
            let leg = self.leg(actor);
            if self.gone.contains(&leg) || self.speaks_raw(actor) {
                self.record(Kind::FlushImpossible { actor });
                continue;
            }
            let id = self.next_ack(leg);
            self.record(Kind::FlushSent { leg, id });
            flushed.push((leg, id));
        }
        for (leg, id) in flushed {
            if self.lost.contains(&leg.actor) {
                self.ran_out = true;
                return;
            }
            self.record(Kind::FlushAcked { leg, id });
        }
        let observers: Vec<_> = if everyone {
            self.legs.keys().copied().collect()
        } else {
            vec![listener]
        };
        for actor in observers {
            self.fence(actor);
        }
        for (leg, id) in std::mem::take(&mut self.open) {
            if self.lost.contains(&leg.actor) {
                self.ran_out = true;
            } else {
                self.record(Kind::FenceAnswered { leg, id });
            }
        }
    }

    fn fence(&mut self, actor: ActorId) {
        let Some(&leg) = self.legs.get(&actor) else {
            return;
        };
        if self.gone.contains(&leg) || self.speaks_raw(actor) {
            return;
        }
        let next = self.fences.entry(leg).or_default();
        let id = *next;
        *next += 1;
        self.record(Kind::FenceSent { leg, id });
        self.open.push((leg, id));
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrives(leg, item) => {
                if matches!(item, Item::Closed { .. }) {
                    self.gone.insert(leg);
                }
                self.record(Kind::Arrived { leg, item });
            }
            Happening::Fenced(actor) => {
                let answered = self.open.iter().position(|(leg, _)| leg.actor == actor);
                let (leg, id) = self
                    .open
                    .remove(answered.expect("a fence waits for its answer"));
                self.record(Kind::FenceAnswered { leg, id });
            }
            Happening::Lost(actor) => {
                self.lost.insert(actor);
            }
            Happening::Recorded(kind) => {
                // A connection that was never there answers nothing.
                if let Kind::ConnectFailed { leg, .. } = kind {
                    self.lost.insert(leg.actor);
                }
                self.record(kind);
            }
            Happening::RunsOut => self.ran_out = true,
        }
    }

    fn record(&mut self, kind: Kind) {
        let seq = Seq(self.events.len() as u64);
        let at_us = 250 * seq.0;
        let event = Event {
            seq,
            at_us,
            kind,
            wire: Vec::new(),
        };
        self.referee.observe(&event);
        self.events.push(event);
    }

    /// Whether the client has connected and not left.
    pub(crate) fn is_there(&self, actor: ActorId) -> bool {
        self.legs.contains_key(&actor) && !self.left.contains(&self.leg(actor))
    }

    /// The client's latest connection.
    pub(crate) fn leg(&self, actor: ActorId) -> Leg {
        *self.legs.get(&actor).expect("who acts has connected")
    }

    fn next_ack(&mut self, leg: Leg) -> u64 {
        let next = self.acks.entry(leg).or_default();
        *next += 1;
        *next - 1
    }

    fn speaks_raw(&self, actor: ActorId) -> bool {
        self.plan.ops.iter().any(|op| {
            let raw = matches!(
                op.kind,
                OpKind::Receive {
                    wanted: Wanted::Raw(_),
                    ..
                }
            );
            raw && op.actor == actor
        })
    }
}
