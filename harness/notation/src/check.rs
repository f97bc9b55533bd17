//! What a file says, checked against itself: names, labels, captures, and what stands in a block.
//!
//! A name that nothing declares is told once, at its first use.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{Emit, Expect, Fault, Line, Receive, Reply, Scenario, Step, StepKind, Who};
use crate::error::Mistakes;
use crate::mistake::Kind;
use crate::parse::Lost;
use crate::span::Span;
use crate::suggest::closest;
use crate::value::Value;

mod labels;
mod levels;
mod open;

use labels::Labels;
use levels::Levels;

/// What is known of the lines that were given up.
pub(crate) struct Hints {
    /// Every `clients` line was read.
    pub(crate) clients: bool,
    /// Every `rooms` line was read.
    pub(crate) rooms: bool,
    /// Every `needs` and `alone` line was read.
    pub(crate) needs: bool,
    /// Below the last header line.
    pub(crate) below_header: Span,
    /// What the steps that were given up may have named.
    pub(crate) lost: Lost,
}

/// Words that begin no step's value but look like one that was meant.
const LITERALS: &[&str] = &[
    "true", "false", "null", "should", "may", "already", "within",
];

/// Notes what the file says and cannot mean.
pub(crate) fn check(scenario: &Scenario, hints: &Hints, mistakes: &mut Mistakes) {
    let clients = scenario.clients.iter().map(|decl| {
        let decl = &decl.value;
        (decl.name.as_str(), decl.count)
    });
    let mut check = Check {
        scenario,
        hints,
        clients: clients.collect(),
        told: BTreeSet::new(),
        bound: BTreeSet::new(),
        used: Vec::new(),
        labels: Labels::new(&scenario.body, &hints.lost),
        levels: Levels::new(scenario),
        mistakes,
    };
    check.header();
    check.lines(&scenario.body, None);
    if scenario.clients.is_empty() && hints.clients {
        let used = check.used;
        mistakes.note(Kind::NoClients(used), hints.below_header);
    }
}

struct Check<'s, 'm> {
    scenario: &'s Scenario,
    hints: &'s Hints,
    clients: BTreeMap<&'s str, Option<u32>>,
    /// Names that were told to be undeclared.
    told: BTreeSet<&'s str>,
    /// Captures that a receive has bound.
    bound: BTreeSet<&'s str>,
    /// The clients that steps name, in order.
    used: Vec<String>,
    labels: Labels<'s>,
    levels: Levels<'s>,
    mistakes: &'m mut Mistakes,
}

/// The block that a line stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Together,
    InAnyOrder,
}

impl<'s> Check<'s, '_> {
    fn header(&mut self) {
        let scenario = self.scenario;
        for room in &scenario.rooms {
            let clients = &scenario.clients;
            let same = clients
                .iter()
                .find(|client| client.value.name.as_str() == room.value.as_str());
            if let Some(client) = same {
                let (what, how, name) = ("name", "declared", room.value.to_string());
                let kind = Kind::Twice { what, how, name };
                self.mistakes
                    .note_with(kind, room.span, client.span, "first here");
            }
        }
        let mut entered = BTreeMap::new();
        for present in &scenario.present {
            let present = &present.value;
            self.room(present.room.value.as_str(), present.room.span);
            for who in &present.who {
                self.client(who.value.as_str(), who.span);
                let key = (present.room.value.as_str(), who.value.as_str());
                if let Some(first) = entered.insert(key, who.span) {
                    let (room, who_name) = (present.room.value.to_string(), who.value.to_string());
                    let kind = Kind::EntersTwice {
                        who: who_name,
                        room,
                    };
                    self.mistakes.note_with(kind, who.span, first, "first here");
                }
            }
        }
    }

    fn lines(&mut self, lines: &'s [Line], block: Option<Block>) {
        for line in lines {
            if let Line::Step(step) = line {
                self.placed(step, block);
                if self.scenario.open {
                    open::check(step, self.mistakes);
                }
                if block.is_none() {
                    self.levels.step(step, &self.bound, self.mistakes);
                }
                self.step(step);
            }
        }
    }

    /// Whether a step may stand where it stands.
    fn placed(&mut self, step: &Step, block: Option<Block>) {
        if block.is_some() && step.level.is_some() {
            self.mistakes.note(Kind::LevelInBlock, step.span);
        }
        let kind = match (block, &step.kind) {
            (
                Some(Block::Together),
                StepKind::Receive(_)
                | StepKind::Nothing(_)
                | StepKind::UpTo(_)
                | StepKind::RawReceive(_),
            ) => Kind::ReceiveInTogether,
            (Some(Block::Together), StepKind::Emit(emit)) => match emit.reply {
                Reply::Await(_) => Kind::AwaitInTogether,
                Reply::None | Reply::As(_) => return,
            },
            (Some(Block::InAnyOrder), StepKind::Nothing(_)) => Kind::NothingInAnyOrder,
            (
                Some(Block::InAnyOrder),
                StepKind::Receive(_) | StepKind::UpTo(_) | StepKind::RawReceive(_),
            ) => return,
            (Some(Block::InAnyOrder), _) => Kind::SendInAnyOrder,
            _ => return,
        };
        self.mistakes.note(kind, step.span);
    }

    fn step(&mut self, step: &'s Step) {
        match &step.kind {
            StepKind::Connect(connect) => {
                self.who(&connect.who);
                connect.auth.iter().for_each(|auth| self.sent(auth));
                self.node(connect.node, step.span);
            }
            StepKind::Emit(emit) => self.emit(emit),
            StepKind::Receive(receive) => self.receive(receive, step.at.is_some()),
            StepKind::UpTo(up_to) => {
                self.who(&up_to.who);
                up_to.args.iter().for_each(|arg| self.pattern(arg));
            }
            StepKind::Nothing(who) | StepKind::Act(who, _) | StepKind::RawSend(who, _) => {
                self.who(who);
            }
            StepKind::RawReceive(receive) => self.who(&receive.who),
            StepKind::Http(http) => self.who(&http.who),
            StepKind::Fault(Fault::LinkDelays(who, _)) => self.who(who),
            StepKind::Fault(Fault::ServerRestarts) => self.restart(step.span),
            StepKind::Together(lines) => self.lines(lines, Some(Block::Together)),
            StepKind::InAnyOrder(lines) => self.lines(lines, Some(Block::InAnyOrder)),
        }
    }

    fn emit(&mut self, emit: &'s Emit) {
        self.who(&emit.who);
        emit.args.iter().for_each(|arg| self.sent(arg));
        match &emit.reply {
            Reply::None => {}
            Reply::Await(args) => args.iter().for_each(|arg| self.pattern(arg)),
            Reply::As(label) => {
                self.labels
                    .named(&emit.who, label, emit.series.as_ref(), self.mistakes);
            }
        }
    }

    /// A line of a transcript says what came, right or wrong; that it came twice is no mistake of
    /// the line.
    fn receive(&mut self, receive: &'s Receive, transcript: bool) {
        self.who(&receive.who);
        match &receive.what {
            Expect::Event { args, .. } => args.iter().for_each(|arg| self.pattern(arg)),
            Expect::Ack { label, args } => {
                let (who, series) = (&receive.who, receive.series.as_ref());
                let known = self.labels.asked(who, label, series, self.mistakes);
                if known && !transcript {
                    self.labels.once(who, label, series, self.mistakes);
                }
                for arg in args {
                    self.pattern(arg);
                }
            }
            Expect::ConnectError(payload) => self.pattern(payload),
            Expect::Closed => {}
        }
    }

    fn restart(&mut self, span: Span) {
        let needs = &self.scenario.needs;
        let missing = if !needs.iter().any(|need| need.value.as_str() == "restart") {
            "needs    restart"
        } else if !self.scenario.alone {
            "alone"
        } else {
            return;
        };
        if self.hints.needs {
            self.mistakes.note(Kind::RestartUnannounced(missing), span);
        }
    }

    fn node(&mut self, node: Option<u32>, span: Span) {
        if let Some(node) = node.filter(|node| *node > self.scenario.nodes())
            && self.hints.needs
        {
            self.mistakes.note(Kind::NoSuchNode(node), span);
        }
    }

    fn who(&mut self, who: &'s Who) {
        self.client(who.name.as_str(), who.span);
        let name = || who.name.to_string();
        match (who.member, self.clients.get(who.name.as_str())) {
            (Some(_), Some(None)) => self.mistakes.note(Kind::NotAGroup(name()), who.span),
            (Some(member), Some(Some(count))) if member > *count => {
                let (name, count) = (name(), *count);
                let kind = Kind::NoSuchMember {
                    name,
                    member,
                    count,
                };
                self.mistakes.note(kind, who.span)
            }
            _ => return,
        };
    }

    fn client(&mut self, name: &'s str, span: Span) {
        if !self.used.iter().any(|used| used == name) {
            self.used.push(name.to_owned());
        }
        let known = self.clients.contains_key(name);
        if known || self.clients.is_empty() || !self.hints.clients || !self.told.insert(name) {
            return;
        }
        let near = closest(name, self.clients.keys().copied()).map(str::to_owned);
        let name = name.to_owned();
        self.mistakes
            .note(Kind::UndeclaredClient { name, near }, span);
    }

    fn room(&mut self, name: &'s str, span: Span) {
        let rooms = || self.scenario.rooms.iter().map(|room| room.value.as_str());
        let known = rooms().any(|room| room == name);
        if known || !self.hints.rooms || !self.told.insert(name) {
            return;
        }
        if self.clients.contains_key(name) {
            self.mistakes
                .note(Kind::ClientAsValue(name.to_owned()), span);
            return;
        }
        let near = closest(name, rooms().chain(LITERALS.iter().copied())).map(str::to_owned);
        let name = name.to_owned();
        self.mistakes
            .note(Kind::UndeclaredRoom { name, near }, span);
    }

    /// A value that is sent: whatever it captures must be bound.
    fn sent(&mut self, value: &'s Value) {
        match value {
            Value::Capture(capture) => {
                let name = capture.value.as_str();
                let lost = self.hints.lost.captures.iter().any(|lost| lost == name);
                if lost || self.bound.contains(name) {
                    return;
                }
                let near = closest(name, self.bound.iter().copied());
                let near = near.map(|near| format!("${near}"));
                let name = name.to_owned();
                self.mistakes
                    .note(Kind::UnboundCapture { name, near }, capture.span);
            }
            Value::Name(name) => self.room(&name.value, name.span),
            Value::Array(values) => values.iter().for_each(|value| self.sent(value)),
            Value::Object(members) => members.iter().for_each(|(_, value)| self.sent(value)),
            _ => {}
        }
    }

    /// A value that is received: it binds what it captures.
    fn pattern(&mut self, value: &'s Value) {
        match value {
            Value::Capture(capture) => {
                self.bound.insert(capture.value.as_str());
            }
            Value::Name(name) => self.room(&name.value, name.span),
            Value::Array(values) => values.iter().for_each(|value| self.pattern(value)),
            Value::Object(members) => members.iter().for_each(|(_, value)| self.pattern(value)),
            _ => {}
        }
    }
}
