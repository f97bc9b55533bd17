//! From a scenario to a plan: rooms get their names, groups their members, series their numbers.
//!
//! # Layout
//! - here: the clients, and who is where before the first step.
//! - `steps`: the operations of each line; `values`: what it says, filled in.

mod steps;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chatspec_notation::ast::{Line, Present, StepKind, Who};
use chatspec_notation::names::{ClientName, RoomName};
use chatspec_notation::span::{Span, Spanned};
use chatspec_wire::data::Data;
use siphasher::sip::SipHasher13;

use crate::ids::{ActorId, CaseId, OpId};
use crate::plan::{Actor, Op, OpKind, Plan, Source, Stage, Wanted};
use crate::verdict::Level;
use crate::ways::Ways;

use values::exactly;

/// The event with which a client enters a room (seed contract).
pub const ENTER_ROOM: &str = "enter_room";
/// The event that writes to a room and that the room hears (seed contract).
pub const NEW_MESSAGE: &str = "new_message";
/// The event that greets a newcomer (seed contract).
pub const WELCOME: &str = "welcome";
/// What the message of a flush says, should a server let it leak.
pub const FLUSH_TEXT: &str = "chatspec flush";

/// The plan of `source` on the case's transport. Everything that is chosen comes from `seed` and
/// `attempt`, so that a run can be repeated and yet never meets the rooms of an earlier one.
///
/// The scenario is one that [`chatspec_notation::parse`] accepted; names it declares are taken for
/// granted, and a step whose client or room is not declared is left out.
pub fn expand(source: Arc<Source>, case: CaseId, seed: u64, attempt: u32) -> Plan {
    let tag = tag(&case, seed, attempt);
    let scenario = source.scenario.clone();
    let rooms = scenario
        .rooms
        .iter()
        // The tag stands first, so that rooms whose names begin alike still do in the run.
        .map(|room| (room.value.to_string(), format!("{tag}-{}", room.value)))
        .collect();
    let mut groups = BTreeMap::new();
    let mut actors = Vec::new();
    for client in &scenario.clients {
        let first = actors.len();
        let name = &client.value.name;
        match client.value.count {
            None => actors.push(Actor {
                name: name.to_string(),
            }),
            Some(count) => {
                actors.extend((1..=count).map(|n| Actor {
                    name: format!("{name}.{n}"),
                }));
            }
        }
        groups.insert(name.clone(), first..actors.len());
    }
    let mut expander = Expander {
        level: scenario.level.into(),
        groups,
        connected: BTreeSet::new(),
        requests: BTreeMap::new(),
        plan: Plan {
            case,
            source,
            seed,
            attempt,
            tag,
            rooms,
            actors,
            aside: BTreeSet::new(),
            ways: Ways::default(),
            ops: Vec::new(),
            stages: Vec::new(),
        },
    };
    expander.bystanders();
    let mut inside: BTreeMap<&RoomName, Vec<ActorId>> = BTreeMap::new();
    for present in &scenario.present {
        let inside = inside.entry(&present.value.room.value).or_default();
        expander.enter(present, inside);
    }
    for line in &scenario.body {
        if let Line::Step(step) = line {
            expander.step(step);
        }
    }
    expander.silence(ActorId(0), true, None);
    expander.plan
}

/// Twelve hex digits, so that no tag begins with another, and so many that no two cases of
/// a run get the same in anybody's lifetime. The hash is one that never changes: whoever judges a
/// stored run again must find the same rooms.
fn tag(case: &CaseId, seed: u64, attempt: u32) -> String {
    const DIGITS: u32 = 12;
    let hash = SipHasher13::new_with_keys(seed, attempt.into()).hash(case.to_string().as_bytes());
    format!("{:012x}", hash >> (u64::BITS - 4 * DIGITS))
}

/// `ana` enters as `Ana`, `crowd.7` as `Crowd7`.
pub fn nickname(actor: &str) -> String {
    let mut chars = actor.chars().filter(|char| *char != '.');
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

struct Expander {
    level: Level,
    groups: BTreeMap<ClientName, std::ops::Range<usize>>,
    connected: BTreeSet<ActorId>,
    requests: BTreeMap<(ActorId, String), OpId>,
    plan: Plan,
}

impl Expander {
    /// A client that takes no step of its own is there to hear what it should not: it connects
    /// before the first step.
    fn bystanders(&mut self) {
        let source = Arc::clone(&self.plan.source);
        let mut acting: BTreeSet<ActorId> = BTreeSet::new();
        for who in takers(&source.scenario.body) {
            acting.extend(self.chosen(who));
        }
        for present in &source.scenario.present {
            for who in &present.value.who {
                acting.extend(self.members_of(&who.value));
            }
        }
        for actor in (0..self.plan.actors.len()).map(actor_id) {
            if !acting.contains(&actor) {
                let connect = self.connected(actor, None);
                self.in_turn(connect);
            }
        }
    }

    /// `in lobby: ana ben`: each enters, is acknowledged and greeted by name, and then nothing more.
    /// `inside` are those who are in the room from an earlier line.
    fn enter(&mut self, present: &Spanned<Present>, inside: &mut Vec<ActorId>) {
        let span = Some(present.span);
        let room = present.value.room.value.as_str();
        let instance = self.room(room).unwrap_or_else(|| room.to_owned());
        let who = present.value.who.iter();
        let members: Vec<_> = who.flat_map(|who| self.members_of(&who.value)).collect();
        for actor in members {
            let name = Data::Text(nickname(&self.plan.actor(actor).name));
            let mut ops = self.connected(actor, span);
            let args = vec![exactly(name.clone()), exactly(Data::Text(instance.clone()))];
            let emit = OpKind::Emit {
                event: ENTER_ROOM.to_owned(),
                args,
                ack: true,
            };
            let request = self.op(actor, emit, span);
            ops.push(request);
            let ack = Wanted::Ack {
                request,
                label: None,
                args: Vec::new(),
            };
            ops.push(self.receive(actor, ack, span));
            // Whether an open case's welcomes come is not asked by lines.
            let greeters = if self.plan.is_open() {
                &[][..]
            } else {
                &inside[..]
            };
            for &earlier in greeters {
                let welcome = Wanted::Event {
                    event: WELCOME.to_owned(),
                    args: vec![exactly(name.clone())],
                };
                ops.push(self.receive(earlier, welcome, span));
            }
            self.in_turn(ops);
            let heard: BTreeSet<_> = inside.iter().map(|who| self.plan.node_of(*who)).collect();
            if (1..=self.plan.nodes()).any(|node| !heard.contains(&node)) {
                // Where nobody hears its welcome (the first one's, or on a node where nobody is yet),
                // nobody's inbox says when it has been emitted; a server that waits between ack and
                // welcome would emit it to whoever enters next.
                self.silence(actor, false, span);
            }
            inside.push(actor);
        }
        self.silence(ActorId(0), true, span);
    }

    fn silence(&mut self, actor: ActorId, everyone: bool, span: Option<Span>) {
        let op = self.op(actor, OpKind::Silence { everyone }, span);
        self.in_turn(vec![op]);
    }

    fn receive(&mut self, actor: ActorId, wanted: Wanted, span: Option<Span>) -> OpId {
        self.op(
            actor,
            OpKind::Receive {
                wanted,
                already: false,
                within: None,
            },
            span,
        )
    }

    /// The connect that a client's first step implies.
    fn connected(&mut self, actor: ActorId, span: Option<Span>) -> Vec<OpId> {
        if !self.connected.insert(actor) {
            return Vec::new();
        }
        let via = self.plan.case.transport;
        let kind = OpKind::Connect {
            via,
            auth: None,
            namespace: "/".to_owned(),
            node: self.plan.node_of(actor),
        };
        vec![self.op(actor, kind, span)]
    }

    fn is_connect(&self, op: OpId) -> bool {
        matches!(self.plan.op(op).kind, OpKind::Connect { .. })
    }

    fn op(&mut self, actor: ActorId, kind: OpKind, span: Option<Span>) -> OpId {
        let id = OpId(u32::try_from(self.plan.ops.len()).unwrap_or(u32::MAX));
        self.plan.ops.push(Op {
            actor,
            kind,
            level: self.level,
            span,
        });
        id
    }

    fn in_turn(&mut self, ops: Vec<OpId>) {
        self.plan.stages.extend(ops.into_iter().map(Stage::One));
    }

    fn each(
        &mut self,
        who: &Who,
        mut lane: impl FnMut(&mut Self, ActorId) -> Vec<OpId>,
    ) -> Vec<Vec<OpId>> {
        let chosen = self.chosen(who);
        chosen.into_iter().map(|actor| lane(self, actor)).collect()
    }

    /// The clients that a step is about: one member of a group, or all.
    fn chosen(&self, who: &Who) -> Vec<ActorId> {
        let members = self.members_of(&who.name);
        match who.member {
            Some(n) => {
                let member = members.get(n.saturating_sub(1) as usize);
                member.copied().into_iter().collect()
            }
            None => members,
        }
    }

    fn members_of(&self, name: &ClientName) -> Vec<ActorId> {
        self.groups
            .get(name)
            .cloned()
            .unwrap_or_default()
            .map(actor_id)
            .collect()
    }
}

/// The clients that take a step of their own.
fn takers(lines: &[Line]) -> Vec<&Who> {
    let steps = lines.iter().filter_map(|line| match line {
        Line::Step(step) => Some(&step.kind),
        Line::Comment(_) | Line::Blank => None,
    });
    let takers = steps.flat_map(|kind| match kind {
        StepKind::Connect(connect) => vec![&connect.who],
        StepKind::Emit(emit) => vec![&emit.who],
        StepKind::Receive(receive) => vec![&receive.who],
        StepKind::UpTo(up_to) => vec![&up_to.who],
        StepKind::Act(who, _) | StepKind::RawSend(who, _) => vec![who],
        StepKind::RawReceive(raw) => vec![&raw.who],
        StepKind::Http(http) => vec![&http.who],
        StepKind::Together(lines) | StepKind::InAnyOrder(lines) => takers(lines),
        // Silence is what a bystander is there for.
        StepKind::Nothing(_) | StepKind::Fault(_) => Vec::new(),
    });
    takers.collect()
}

fn actor_id(index: usize) -> ActorId {
    ActorId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// How long a receive waits unless its line says otherwise: a second is far beyond any local
/// server's answer and short enough that a run with failures stays quick. The runner scales it
/// with what it measured.
pub const DEADLINE: Duration = Duration::from_secs(1);
