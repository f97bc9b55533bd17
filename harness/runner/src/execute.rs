//! Runs a plan against a server and records what happens.

mod guests;
mod proof;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::expand::DEADLINE;
use chatspec_judge::history::{History, Item, Kind, Leg, Outgoing};
use chatspec_judge::ids::{ActorId, OpId};
use chatspec_judge::plan::{OpKind, Plan, RawPacket, Stage};
use chatspec_judge::referee::{Findings, Progress, Referee};
use chatspec_judge::verdict::Calibration;
use chatspec_notation::ast::{Act, Method};
use chatspec_wire::engine::Frame;
use futures_util::future::join_all;
use tokio::time::timeout_at;

use crate::client::foreign::Driver;
use crate::client::{Dialer, Opening, Speaker};
use crate::clock::{self, Allowance, Clock, LagMeter};
use crate::log::Log;
use crate::target::dialect::Company;
use crate::target::{Manners, Nodes, Running, USUAL_PATH};

/// Where a plan is run.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) nodes: Nodes,
    pub(crate) calibration: Calibration,
    pub(crate) lag: LagMeter,
    /// How the target is spoken to, and what its chat was found to lack.
    pub(crate) manners: Manners,
    /// Whether a message to a room where nobody is comes back answered, and nobody hears it.
    pub(crate) flushes: bool,
    /// Whose clients take part; our own, where there is none.
    pub(crate) driver: Option<Arc<Driver>>,
}

impl Ground {
    /// A deadline on this ground: a slow link gets the time of a score of round trips more.
    pub(crate) fn deadline(&self, asked: Option<Duration>) -> Duration {
        const ROUND_TRIPS: u32 = 20;
        let worst = Duration::from_micros(self.calibration.worst_round_trip_us);
        asked.unwrap_or(DEADLINE) + worst * ROUND_TRIPS
    }

    /// `limit`, counted on this ground.
    pub(crate) fn allowance(&self, limit: Duration) -> Allowance {
        Allowance::new(limit, self.lag.clone())
    }
}

/// How long each step of opening a connection may take. Where more clients come at once than a server
/// has room for in its queue, the system drops a part of them without a word, and they knock again after
/// a second: the reference, then with a queue for 128, was found guilty of that once in two hundred runs.
const OPENING: Duration = Duration::from_millis(2500);

/// A finished run.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) history: History,
    pub(crate) findings: Findings,
    pub(crate) duration: Duration,
    pub(crate) lag_us: u64,
}

/// Runs `plan`. `running` is needed by plans that restart the server; they run alone.
pub(crate) async fn execute(
    plan: &Plan,
    ground: &Ground,
    running: Option<&mut Running>,
) -> Execution {
    let clock = Clock::start();
    let late = ground.lag.total();
    let mut stage = Execute {
        plan,
        ground: ground.clone(),
        running,
        log: Log::new(clock),
        referee: Referee::new(plan),
        seen: 0,
        arrived: 0,
        clients: BTreeMap::new(),
        legs: BTreeMap::new(),
        delays: BTreeMap::new(),
        dirty: BTreeSet::new(),
        closed: BTreeSet::new(),
        settled: BTreeSet::new(),
        unanswered: BTreeSet::new(),
        gave_up: false,
        company: Arc::new(Company::of(plan)),
    };
    for index in 0..plan.stages.len() {
        stage.stage(index).await;
        if stage.gave_up || stage.referee.must_stop() {
            break;
        }
    }
    stage.catch_up();
    let mut history = stage.log.history();
    // Connections go on writing; a history is what was judged, so that it is judged alike again.
    history.events.truncate(stage.seen);
    if ground.manners.ways.need_the_server_alone() {
        stage.depart().await;
    }
    Execution {
        history,
        findings: stage.referee.findings(),
        duration: clock.elapsed(),
        lag_us: clock::micros(ground.lag.total().saturating_sub(late)),
    }
}

struct Execute<'p, 'r> {
    plan: &'p Plan,
    ground: Ground,
    running: Option<&'r mut Running>,
    log: Log,
    referee: Referee<'p>,
    /// How many events of the log the referee has seen.
    seen: usize,
    /// How many items have arrived.
    arrived: u64,
    clients: BTreeMap<ActorId, Speaker>,
    /// How many connections each client has opened.
    legs: BTreeMap<ActorId, u32>,
    delays: BTreeMap<ActorId, Duration>,
    /// Clients that have acted since absence was last proven.
    dirty: BTreeSet<ActorId>,
    closed: BTreeSet<Leg>,
    /// Connections whose opening came to an end, good or bad.
    settled: BTreeSet<Leg>,
    /// Flushes and fences without an answer.
    unanswered: BTreeSet<Question>,
    gave_up: bool,
    /// Who takes part, by the names that they take.
    company: Arc<Company>,
}

/// A flush or a fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Flush(Leg, u64),
    Fence(Leg, u64),
}

impl Question {
    const fn leg(self) -> Leg {
        match self {
            Self::Flush(leg, _) | Self::Fence(leg, _) => leg,
        }
    }
}

impl Execute<'_, '_> {
    async fn stage(&mut self, index: usize) {
        self.log.record(Kind::Began { stage: index });
        let plan = self.plan;
        let ran_out_us = match &plan.stages[index] {
            Stage::One(op) => self.one(*op).await,
            Stage::Together(lanes) => self.together(lanes).await,
            Stage::AnyOrder(_) => self.items(&plan.stages[index]).await,
        };
        self.log.record(Kind::Ended {
            stage: index,
            ran_out_us,
        });
        self.catch_up();
    }

    /// One operation, to its end. Gives the wait that ran out, if one did.
    async fn one(&mut self, op: OpId) -> Option<u64> {
        let plan = self.plan;
        match &plan.op(op).kind {
            OpKind::Receive { .. } | OpKind::UpTo { .. } => {
                if plan.is_open() {
                    self.acked(op).await
                } else {
                    self.items(&Stage::One(op)).await
                }
            }
            OpKind::Silence { everyone } => self.prove(plan.op(op).actor, *everyone).await,
            OpKind::RestartServer => self.restart().await,
            OpKind::Http { .. } => {
                self.http(op).await;
                None
            }
            _ => {
                self.start(op);
                self.opened(&[op]).await
            }
        }
    }

    /// Starts the lanes at once, one operation of each in turn, and waits for connections.
    async fn together(&mut self, lanes: &[Vec<OpId>]) -> Option<u64> {
        let longest = lanes.iter().map(Vec::len).max().unwrap_or_default();
        let mut requests = Vec::new();
        let mut started = Vec::new();
        for turn in 0..longest {
            for &op in lanes.iter().filter_map(|lane| lane.get(turn)) {
                if matches!(self.plan.op(op).kind, OpKind::Http { .. }) {
                    requests.push(op);
                } else {
                    self.start(op);
                    started.push(op);
                }
            }
        }
        let this = &*self;
        join_all(requests.into_iter().map(|op| this.http(op))).await;
        self.opened(&started).await
    }

    /// Begins what an operation does; nothing here waits.
    fn start(&mut self, id: OpId) {
        let op = self.plan.op(id);
        let actor = op.actor;
        match &op.kind {
            OpKind::Connect { .. } => self.connect(id),
            OpKind::Emit { event, args, ack } => {
                let captures = self.referee.captures();
                let args: Option<Vec<_>> = args.iter().map(|arg| arg.resolve(captures)).collect();
                let Some(args) = args else {
                    return self.give_up("a line sends a capture that nothing has bound");
                };
                let Some(client) = self.clients.get_mut(&actor) else {
                    return self.absent(actor);
                };
                let ack_id = ack.then(|| client.next_ack());
                let what = Outgoing::Event {
                    event: event.clone(),
                    args: args.clone(),
                    ack: ack_id,
                };
                let sent = Kind::Sent {
                    leg: client.leg(),
                    op: id,
                    what,
                };
                // Recorded first, so that no answer precedes its question.
                let record = |wire| self.log.record_with(sent, wire);
                client.emit(event, args, *ack, record);
                self.dirty.insert(actor);
            }
            OpKind::Act(act) => self.act(id, actor, *act),
            OpKind::RawSend(raw) => {
                let Some(client) = self.clients.get(&actor) else {
                    return self.absent(actor);
                };
                let (text, frame) = match raw {
                    RawPacket::Text(text) => (text.clone(), Frame::Text(text.clone())),
                    RawPacket::Bytes(bytes) => (
                        format!("{} bytes", bytes.len()),
                        Frame::Binary(bytes.clone().into()),
                    ),
                };
                let leg = client.leg();
                self.log.record(Kind::Sent {
                    leg,
                    op: id,
                    what: Outgoing::Raw { text },
                });
                client.raw(frame);
                self.dirty.insert(actor);
            }
            OpKind::DelayLink(delay) => {
                self.delays.insert(actor, *delay);
            }
            OpKind::Receive { .. }
            | OpKind::UpTo { .. }
            | OpKind::Silence { .. }
            | OpKind::Http { .. }
            | OpKind::RestartServer => {} // the notation keeps them out of blocks that only send
        }
    }

    fn connect(&mut self, id: OpId) {
        let op = self.plan.op(id);
        let OpKind::Connect {
            via,
            auth,
            namespace,
            node,
        } = &op.kind
        else {
            return;
        };
        let captures = self.referee.captures();
        let guest = self.guest(id);
        let connection = &self.ground.manners.connection;
        let auth = auth.as_ref().and_then(|auth| auth.resolve(captures));
        let theirs = (namespace == "/").then(|| connection.namespace(&guest));
        let namespace = theirs.flatten().unwrap_or_else(|| namespace.clone());
        let number = self.legs.entry(op.actor).or_default();
        *number += 1;
        let leg = Leg {
            actor: op.actor,
            number: *number,
        };
        let opening = Opening {
            transport: *via,
            auth: auth.or_else(|| connection.auth(&guest)),
            namespace,
            raw: self.plan.speaks_raw(op.actor),
            delay: self.delays.get(&op.actor).copied().unwrap_or_default(),
            patience: self.ground.allowance(self.ground.deadline(Some(OPENING))),
            tongue: self.ground.manners.tongue(&self.company),
        };
        self.log.record(Kind::Connecting { leg, op: id });
        let endpoint = self.ground.nodes.get(*node);
        let endpoint = self.ground.manners.endpoint_of(endpoint, &guest);
        let driver = self.ground.driver.as_ref();
        let client = Speaker::open(driver, &endpoint, opening, leg, &self.log);
        self.clients.insert(op.actor, client);
        self.dirty.insert(op.actor);
    }

    fn act(&mut self, id: OpId, actor: ActorId, act: Act) {
        let Some(client) = self.clients.get(&actor) else {
            return self.absent(actor);
        };
        let what = Outgoing::Act {
            words: act.word().to_owned(),
        };
        self.log.record(Kind::Sent {
            leg: client.leg(),
            op: id,
            what,
        });
        match act {
            Act::Disconnects => client.disconnect(),
            Act::Vanishes => client.vanish(),
            Act::FallsSilent => client.fall_silent(),
            Act::StopsReading => client.read(false),
            Act::ReadsAgain => client.read(true),
        }
        if matches!(act, Act::Disconnects | Act::Vanishes) {
            self.unanswered
                .retain(|question| question.leg().actor != actor);
            self.clients.remove(&actor);
            self.dirty.insert(actor);
        }
    }

    /// Waits until the connections that `ops` began are open, refused or lost.
    async fn opened(&mut self, ops: &[OpId]) -> Option<u64> {
        let connecting = ops.iter().map(|op| self.plan.op(*op)).filter_map(|op| {
            let client = self.clients.get(&op.actor)?;
            matches!(op.kind, OpKind::Connect { .. }).then(|| client.leg())
        });
        let connecting: Vec<_> = connecting.collect();
        if connecting.is_empty() {
            return None;
        }
        // Each step of opening has its own patience; this is for a CONNECT without an answer.
        let patience = self.ground.deadline(Some(OPENING)) + self.ground.deadline(None) * 2;
        let settled = |this: &Self| connecting.iter().all(|leg| this.settled.contains(leg));
        let ran_out = self.wait(patience, settled).await?;
        for leg in connecting.iter().filter(|leg| !self.settled.contains(leg)) {
            let cause = format!("its CONNECT was not answered within {} ms", ran_out / 1000);
            self.log.record(Kind::ConnectFailed { leg: *leg, cause });
        }
        Some(ran_out)
    }

    /// Waits for the items of a stage, each with its own deadline.
    async fn items(&mut self, stage: &Stage) -> Option<u64> {
        let mut asked = None;
        for op in stage.ops() {
            match &self.plan.op(op).kind {
                OpKind::Receive {
                    already, within, ..
                } => {
                    asked = asked.max(*within);
                    if *already {
                        self.fence(self.plan.op(op).actor);
                    }
                }
                OpKind::UpTo { within, .. } => asked = asked.max(*within),
                _ => {}
            }
        }
        if let Stage::One(op) = stage
            && self.is_lenient(*op)
        {
            return self.lenient(*op).await;
        }
        let deadline = self.ground.deadline(asked);
        loop {
            self.catch_up();
            let taken = self.referee.taken();
            let moved = |this: &Self| {
                this.referee.progress() != Progress::Waiting || this.referee.taken() > taken
            };
            let ran_out = self.wait(deadline, moved).await;
            if ran_out.is_some() || self.referee.progress() != Progress::Waiting {
                return ran_out;
            }
        }
    }

    /// The ack that a line of an open case waits for, and then fences that it must not overtake.
    ///
    /// It is not waited for as long as other items are: when a server in order has acked a later
    /// request, and what it wrote before has arrived, it has not acked this one. Thousands of chats
    /// are tried, and a server that owes an ack owes it in most of them.
    async fn acked(&mut self, op: OpId) -> Option<u64> {
        const GRACE: Duration = Duration::from_millis(100);
        let deadline = self.ground.deadline(Some(GRACE));
        let here = |this: &Self| this.referee.progress() != Progress::Waiting;
        if self.wait(deadline, here).await.is_some()
            && !self.gave_up
            && let Some(ran_out) = self.lenient(op).await
        {
            return Some(ran_out);
        }
        self.fence_others(self.plan.op(op).actor);
        None
    }

    /// Whether the server may break a line without breaking its case.
    fn is_lenient(&self, op: OpId) -> bool {
        self.plan.op(op).level < self.plan.source.scenario.level.into()
    }

    /// What need not come is not waited for: it is here, or it is proven that it is not.
    async fn lenient(&mut self, op: OpId) -> Option<u64> {
        let began = clock::now();
        self.catch_up();
        if self.referee.progress() != Progress::Waiting {
            return None;
        }
        // A proof that goes unanswered here is asked for again by the next silence, which tells.
        let ran_out = self.prove(self.plan.op(op).actor, false).await;
        self.catch_up();
        (self.referee.progress() == Progress::Waiting)
            .then(|| ran_out.unwrap_or_else(|| clock::micros(clock::now().duration_since(began))))
    }

    async fn http(&self, op: OpId) {
        let OpKind::Http {
            method,
            target,
            body,
            ..
        } = &self.plan.op(op).kind
        else {
            return;
        };
        let dialer = Dialer::new(
            self.ground
                .nodes
                .get(self.plan.node_of(self.plan.op(op).actor))
                .clone(),
            Arc::default(),
            Duration::ZERO,
        );
        let at = &dialer.endpoint().path;
        let target = match target.strip_prefix(USUAL_PATH) {
            Some(rest) => &format!("{at}{rest}"),
            None => target,
        };
        let mut lane = dialer.http();
        let body = body
            .clone()
            .or_else(|| (*method == Method::Post).then(String::new));
        let request = lane.request(*method, target, body);
        let deadline = self.ground.deadline(None);
        let answer = match self.ground.allowance(deadline).bound(request).await {
            Err(waited) => Err(format!("no answer within {} ms", waited.as_millis())),
            Ok(Err(error)) => Err(error.to_string()),
            Ok(Ok(answer)) => Ok((answer.status, answer.text())),
        };
        self.log.record(Kind::HttpAnswered { op, answer });
    }

    async fn restart(&mut self) -> Option<u64> {
        let Some(running) = &mut self.running else {
            self.give_up("the server is not ours to restart");
            return None;
        };
        match running.restart().await {
            Ok(()) => {
                self.ground.nodes = running.nodes().clone();
                self.log.record(Kind::ServerRestarted);
            }
            Err(error) => self.give_up(&error.to_string()),
        }
        None
    }

    /// Waits until `done`, for `limit` and as much longer as the harness itself could not run.
    /// Gives how long was waited, in microseconds, if that was not enough.
    async fn wait(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> Option<u64> {
        let allowance = self.ground.allowance(limit);
        let spending = allowance.begin();
        loop {
            self.catch_up();
            if done(self) {
                return None;
            }
            if let Some(spent) = spending.spent() {
                if spent.starved {
                    let (lag, waited) = (spent.lag.as_millis(), spent.waited.as_millis());
                    self.give_up(&format!(
                        "the harness was starved: of {waited} ms it could not use {lag} ms"
                    ));
                }
                return Some(clock::micros(spent.waited));
            }
            // Whether it grows or not, the loop looks again.
            drop(timeout_at(spending.until(), self.log.grown()).await);
        }
    }

    /// Shows the referee what has happened since it last looked.
    fn catch_up(&mut self) {
        for event in self.log.since(self.seen) {
            self.seen += 1;
            match &event.kind {
                Kind::Connected { leg } | Kind::ConnectFailed { leg, .. } => {
                    self.settled.insert(*leg);
                }
                Kind::Arrived { leg, item } => {
                    self.arrived += 1;
                    self.settled.insert(*leg);
                    if matches!(item, Item::Closed { .. }) {
                        self.closed.insert(*leg);
                    }
                }
                Kind::FlushAcked { leg, id } => {
                    self.unanswered.remove(&Question::Flush(*leg, *id));
                }
                Kind::FenceAnswered { leg, id } => {
                    self.unanswered.remove(&Question::Fence(*leg, *id));
                }
                _ => {}
            }
            self.referee.observe(&event);
        }
    }

    fn give_up(&mut self, cause: &str) {
        self.gave_up = true;
        self.log.record(Kind::GaveUp {
            cause: cause.to_owned(),
        });
    }

    fn absent(&mut self, actor: ActorId) {
        let name = &self.plan.actor(actor).name;
        self.give_up(&format!("the scenario has {name} act without a connection"));
    }
}
