//! What a right server sends, read off the plan itself, and in which order it may.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chatspec_judge::history::Item;
use chatspec_judge::ids::{ActorId, OpId};
use chatspec_judge::pattern::{Captures, Pattern};
use chatspec_judge::plan::{OpKind, Plan, RawPacket, Stage, Wanted};
use chatspec_notation::value::Value;
use chatspec_wire::data::Data;

use super::run::{Happening, Moment, Run, Server};

/// Chooses a number below the one given.
pub(crate) type Choose<'c> = Box<dyn FnMut(usize) -> usize + 'c>;

/// An item that a server is to send.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// Anything but an acknowledgement.
    Item(Item),
    /// The acknowledgement of a request, whatever its id.
    Ack { request: OpId, args: Vec<Data> },
}

/// An item and when it may come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slot {
    pub(crate) wish: Wish,
    /// The line that waits for it.
    pub(crate) op: OpId,
    /// The first stage during which it may come.
    pub(crate) from: usize,
    /// The stage during which it comes at the latest.
    pub(crate) by: usize,
    /// It comes only when the fence that it had to precede is answered.
    pub(crate) late: bool,
}

/// The items of each client, in order.
pub(crate) fn items(plan: &Plan, choose: &mut Choose<'_>) -> Vec<VecDeque<Slot>> {
    let mut walk = Walk {
        plan,
        choose,
        captures: Captures::new(),
        from: vec![0; plan.actors.len()],
        requested: BTreeMap::new(),
        slots: vec![VecDeque::new(); plan.actors.len()],
    };
    for (index, stage) in plan.stages.iter().enumerate() {
        walk.stage(index, stage);
    }
    walk.slots
}

struct Walk<'a, 'c> {
    plan: &'a Plan,
    choose: &'a mut Choose<'c>,
    captures: Captures,
    /// The stage before which nothing may come to a client: it has just been proven silent.
    from: Vec<usize>,
    requested: BTreeMap<OpId, usize>,
    slots: Vec<VecDeque<Slot>>,
}

impl Walk<'_, '_> {
    fn stage(&mut self, index: usize, stage: &Stage) {
        for op in stage.ops() {
            let found = self.plan.op(op);
            match &found.kind {
                OpKind::Emit { .. } => {
                    self.requested.insert(op, index);
                }
                OpKind::Connect { .. } => self.from[found.actor.0 as usize] = index + 1,
                OpKind::Silence { everyone: true } => self.from.fill(index + 1),
                OpKind::Silence { everyone: false } => {
                    self.from[found.actor.0 as usize] = index + 1;
                }
                _ => {}
            }
        }
        let mut lanes: Vec<VecDeque<OpId>> = match stage {
            Stage::One(op) => vec![VecDeque::from([*op])],
            Stage::Together(lanes) | Stage::AnyOrder(lanes) => {
                lanes.iter().cloned().map(VecDeque::from).collect()
            }
        };
        lanes.retain(|lane| !lane.is_empty());
        while !lanes.is_empty() {
            let chosen = (self.choose)(lanes.len());
            if let Some(op) = lanes[chosen].pop_front() {
                self.op(index, op);
            }
            if lanes[chosen].is_empty() {
                lanes.remove(chosen);
            }
        }
    }

    fn op(&mut self, stage: usize, op: OpId) {
        let plan = self.plan;
        let found = plan.op(op);
        match &found.kind {
            OpKind::Receive { wanted, .. } => self.push(stage, op, wanted),
            OpKind::UpTo { series, or_all, .. } => {
                let short = (self.choose)(series.len() + 1);
                let whole = series.len() - short;
                for wanted in &series[..whole] {
                    self.push(stage, op, wanted);
                }
                if short > 0 || !or_all {
                    self.push(stage, op, &Wanted::Closed);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, by: usize, op: OpId, wanted: &Wanted) {
        let actor = self.plan.op(op).actor;
        let mut from = self.from[actor.0 as usize];
        let wish = match wanted {
            Wanted::Event { event, args } => Wish::Item(Item::Event {
                event: event.clone(),
                args: self.values(args),
                ack: None,
            }),
            Wanted::Ack { request, args, .. } => {
                let request = *request;
                from = from.max(self.requested[&request]);
                let args = self.values(args);
                Wish::Ack { request, args }
            }
            Wanted::ConnectError(payload) => Wish::Item(Item::ConnectError {
                data: self.value(payload),
            }),
            Wanted::Closed => Wish::Item(Item::Closed {
                cause: "the server closed it".to_owned(),
            }),
            Wanted::Raw(RawPacket::Text(text)) => Wish::Item(Item::Raw { text: text.clone() }),
            Wanted::Raw(RawPacket::Bytes(bytes)) => Wish::Item(Item::Raw {
                text: Value::Bytes(bytes.clone()).to_string(),
            }),
        };
        let late = false;
        let slot = Slot {
            wish,
            op,
            from,
            by,
            late,
        };
        self.slots[actor.0 as usize].push_back(slot);
    }

    fn values(&mut self, patterns: &[Pattern]) -> Vec<Data> {
        patterns.iter().map(|pattern| self.value(pattern)).collect()
    }

    fn value(&mut self, pattern: &Pattern) -> Data {
        match pattern {
            Pattern::Exactly(data) => data.clone(),
            Pattern::Any => self.any(),
            Pattern::Capture(name) => match self.captures.get(name) {
                Some(bound) => bound.clone(),
                None => {
                    let data = self.any();
                    self.captures.insert(name.clone(), data.clone());
                    data
                }
            },
            Pattern::Array(items) => Data::Array(self.values(items)),
            Pattern::Object(fields) => Data::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), self.value(field)))
                    .collect(),
            ),
        }
    }

    fn any(&mut self) -> Data {
        Data::from(serde_json::json!((self.choose)(3)))
    }
}

/// Sends given items, each in its time; in which order to different clients, and how early, is
/// chosen.
pub(crate) struct Sender<'c> {
    pub(crate) slots: Vec<VecDeque<Slot>>,
    pub(crate) choose: Choose<'c>,
    /// Whether an item may come before the stage that waits for it.
    pub(crate) early: bool,
}

impl Sender<'_> {
    /// The clients whose next item has to come by now, or, if `early`, may.
    fn ready(&self, run: &Run<'_>, stage: usize, early: bool) -> Vec<ActorId> {
        let ready = |(index, slots): (usize, &VecDeque<Slot>)| {
            let actor = ActorId(u32::try_from(index).expect("few clients"));
            let slot = slots.front()?;
            let due = slot.by <= stage;
            let asked = match &slot.wish {
                Wish::Ack { request, .. } => run.requests.contains_key(request),
                Wish::Item(_) => true,
            };
            let may = early && slot.from <= stage && asked && !slot.late;
            ((due || may) && run.is_there(actor)).then_some(actor)
        };
        let slots = self.slots.iter().enumerate();
        slots.filter_map(ready).collect()
    }

    fn send(&mut self, run: &Run<'_>, actor: ActorId) -> Option<Happening> {
        let slots = &mut self.slots[actor.0 as usize];
        let late = slots.front()?.late;
        if late && run.open.iter().any(|(leg, _)| leg.actor == actor) {
            return Some(Happening::Fenced(actor));
        }
        Some(arrives(run, actor, slots.pop_front()?.wish))
    }
}

/// A wish as it arrives on the client's connection.
pub(crate) fn arrives(run: &Run<'_>, actor: ActorId, wish: Wish) -> Happening {
    /// No request goes out under this id.
    const UNKNOWN: u64 = 9_999;
    let leg = run.leg(actor);
    let item = match wish {
        Wish::Item(item) => item,
        Wish::Ack { request, args } => {
            let sent = run.requests.get(&request);
            let id = sent
                .filter(|(on, _)| *on == leg)
                .map_or(UNKNOWN, |sent| sent.1);
            Item::Ack { id, args }
        }
    };
    Happening::Arrives(leg, item)
}

impl Server for Sender<'_> {
    fn next(&mut self, run: &Run<'_>, stage: usize, moment: Moment) -> Option<Happening> {
        if !matches!(moment, Moment::Waiting | Moment::Silence) {
            return None;
        }
        let due = self.ready(run, stage, false);
        if due.is_empty() {
            return None;
        }
        let ready = self.ready(run, stage, self.early);
        let chosen = ready[(self.choose)(ready.len())];
        self.send(run, chosen)
    }

    fn ending(&mut self, run: &Run<'_>, stage: usize) -> Vec<Happening> {
        let mut rest = Vec::new();
        let actors: BTreeSet<ActorId> = self.ready(run, stage, false).into_iter().collect();
        for actor in actors {
            let slots = &mut self.slots[actor.0 as usize];
            while let Some(slot) = slots.pop_front_if(|slot| slot.by <= stage) {
                rest.push(arrives(run, actor, slot.wish));
            }
        }
        rest
    }
}
