//! A scenario on one transport against one target, with nothing left to decide.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chatspec_notation::ast::{Act, Method, Scenario, Transport};
use chatspec_notation::span::Span;

use crate::ids::{ActorId, CaseId, OpId};
use crate::notices::aside;
use crate::pattern::{Namer, Pattern};
use crate::verdict::{Level, SourceLine};
use crate::ways::Ways;

/// A scenario's text and what was read from it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file, as the user knows it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// What it says.
    pub scenario: Scenario,
}

/// What is to be done, in order: clients, rooms, operations.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The case.
    pub case: CaseId,
    /// Where it comes from.
    pub source: Arc<Source>,
    /// The seed that its names came from.
    pub seed: u64,
    /// How many times the case had been run before with that seed.
    pub attempt: u32,
    /// A text that is this run's alone; every room name of this run begins with it.
    pub tag: String,
    /// Declared name and name of this run, for every room.
    pub rooms: Vec<(String, String)>,
    /// The clients, members of groups one by one.
    pub actors: Vec<Actor>,
    /// Events of the target's that are no part of any inbox, because the scenario was written without
    /// them (see [`notices`](crate::notices)).
    pub aside: BTreeSet<String>,
    /// In which ways the chat that it is run on differs from the seed contract.
    pub ways: Ways,
    /// Every operation; stages refer to them.
    pub ops: Vec<Op>,
    /// The operations in order.
    pub stages: Vec<Stage>,
}

/// A client of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// As transcripts name it: `ana`, `crowd.7`.
    pub name: String,
}

/// One step of the plan's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// One operation.
    One(OpId),
    /// Lanes that are started at once; each keeps its order. They only send.
    Together(Vec<Vec<OpId>>),
    /// Lanes whose items may interleave; each keeps its order. They only receive.
    AnyOrder(Vec<Vec<OpId>>),
}

/// One operation of one client.
#[derive(Clone, Debug)]
pub struct Op {
    /// Who.
    pub actor: ActorId,
    /// What.
    pub kind: OpKind,
    /// How binding it is.
    pub level: Level,
    /// The line that asks for it; none for what the harness adds (the proof at the end).
    pub span: Option<Span>,
}

/// What an operation does.
#[derive(Clone, Debug)]
pub enum OpKind {
    /// Open a connection and join a namespace.
    Connect {
        /// The transport.
        via: Transport,
        /// The payload of the CONNECT packet.
        auth: Option<Pattern>,
        /// The namespace, with its slash.
        namespace: String,
        /// The node of the server, counted from 1.
        node: u32,
    },
    /// Emit an event.
    Emit {
        /// Its name.
        event: String,
        /// Its arguments.
        args: Vec<Pattern>,
        /// Whether an acknowledgement is asked for.
        ack: bool,
    },
    /// Receive the next item.
    Receive {
        /// What it must be.
        wanted: Wanted,
        /// Whether it must precede the answer of a fence begun now.
        already: bool,
        /// The deadline, where it is not the usual one.
        within: Option<Duration>,
    },
    /// Receive a prefix of these events in order, then the end.
    UpTo {
        /// The events.
        series: Vec<Wanted>,
        /// Whether all of them without an end is right too.
        or_all: bool,
        /// The deadline of each, where it is not the usual one.
        within: Option<Duration>,
    },
    /// Prove that nothing more is owed to this client, or, without a client of its own
    /// ([`Op::actor`] is then meaningless), to any.
    Silence {
        /// Every client, rather than this one.
        everyone: bool,
    },
    /// Do something to the connection.
    Act(Act),
    /// Send a raw Engine.IO packet.
    RawSend(RawPacket),
    /// Send an HTTP request of one's own.
    Http {
        /// The method.
        method: Method,
        /// Path and query.
        target: String,
        /// The request's body.
        body: Option<String>,
        /// The status of the answer.
        status: u16,
        /// The body of the answer; `...` stands for any text.
        answer: Option<String>,
    },
    /// Restart the server and wait until it accepts again.
    RestartServer,
    /// Delay every byte of this client's further connections, both ways.
    DelayLink(Duration),
}

/// What an item must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// An event.
    Event {
        /// Its name.
        event: String,
        /// Its arguments.
        args: Vec<Pattern>,
    },
    /// The acknowledgement of a request.
    Ack {
        /// The emit it answers.
        request: OpId,
        /// The label, where the scenario gave one.
        label: Option<String>,
        /// Its arguments.
        args: Vec<Pattern>,
    },
    /// A refused CONNECT.
    ConnectError(Pattern),
    /// The end of the connection.
    Closed,
    /// A raw Engine.IO packet; in text, `...` stands for any text.
    Raw(RawPacket),
}

/// A raw Engine.IO packet, as a scenario writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawPacket {
    /// A text packet.
    Text(String),
    /// A binary packet.
    Bytes(Vec<u8>),
}

impl Plan {
    /// The same on a target with these capabilities.
    #[must_use]
    pub fn on(self, capabilities: &[String]) -> Self {
        Self {
            aside: aside(&self.source.scenario, capabilities),
            ..self
        }
    }

    /// The operation `id`, which comes from this plan.
    pub fn op(&self, id: OpId) -> &Op {
        &self.ops[id.0 as usize]
    }

    /// The client `id`, which comes from this plan.
    pub fn actor(&self, id: ActorId) -> &Actor {
        &self.actors[id.0 as usize]
    }

    /// On how many nodes of one server its clients sit.
    pub fn nodes(&self) -> u32 {
        self.source.scenario.nodes()
    }

    /// The node on which a client sits unless its line says otherwise: they are placed in turn, so
    /// that neighbours in the header are on different nodes.
    pub fn node_of(&self, actor: ActorId) -> u32 {
        actor.0 % self.nodes() + 1
    }

    /// Whether a client speaks Engine.IO only: one that receives raw packets does.
    pub fn speaks_raw(&self, actor: ActorId) -> bool {
        self.ops.iter().any(|op| {
            let receives = matches!(
                op.kind,
                OpKind::Receive {
                    wanted: Wanted::Raw(_),
                    ..
                }
            );
            receives && op.actor == actor
        })
    }

    /// Whether its lines only send, so that nothing but its history as a whole can be judged.
    pub fn is_open(&self) -> bool {
        self.source.scenario.open
    }

    /// What turns values of the run back into the notation.
    pub fn namer(&self) -> Namer<'_> {
        Namer { rooms: &self.rooms }
    }

    /// The line of the source that an operation stands for.
    pub fn line(&self, op: &Op) -> Option<SourceLine> {
        let span = op.span?;
        let text = &self.source.text;
        let start = span.start.min(text.len());
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |length| start + length);
        Some(SourceLine {
            file: self.source.file.clone(),
            line: before.matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            text: text[line_start..line_end].trim().to_owned(),
        })
    }
}

impl Stage {
    /// Every operation of the stage.
    pub fn ops(&self) -> impl Iterator<Item = OpId> + '_ {
        let lanes: &[Vec<OpId>] = match self {
            Self::One(_) => &[],
            Self::Together(lanes) | Self::AnyOrder(lanes) => lanes,
        };
        let one = match self {
            Self::One(op) => Some(*op),
            _ => None,
        };
        one.into_iter().chain(lanes.iter().flatten().copied())
    }
}
