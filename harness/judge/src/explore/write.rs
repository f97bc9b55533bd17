//! Programs as scenarios.

use std::collections::BTreeSet;

use chatspec_notation::ast::{
    Act, ClientDecl, Connect, Emit, Level, Line, Reply, Scenario, Series, Step as ScenarioStep,
    StepKind, Who,
};
use chatspec_notation::names::{ClauseId, ClientName, EventName, Label, RoomName, Variable};
use chatspec_notation::span::{Span, Spanned};
use chatspec_notation::value::{Text, Value};

use super::program::{Block, Does, Program, Step, Words};
use crate::anomalies::AnomalyKind;
use crate::expand::{ENTER_ROOM, NEW_MESSAGE, nickname};

/// The names of the clients, by number.
pub(super) const CLIENTS: &[&str] = &["ana", "ben", "eve", "dan", "mia"];

/// The names of the rooms, by number. Some of them a server may take for one another.
pub(super) const ROOMS: &[&str] = &[
    "lobby", "kitchen", "lobby2", "Lobby", "attic", "hall", "porch",
];

/// The variable of a series.
const N: &str = "n";

/// What the head of a scenario says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Why it exists, one sentence.
    pub reason: String,
    /// What else is known of it.
    pub notes: Vec<String>,
    /// The clauses that it is about.
    pub clauses: BTreeSet<&'static str>,
}

impl Told {
    /// The head of a scenario of which nothing is known yet.
    pub fn nothing() -> Self {
        Self {
            reason: "A chat that nobody wrote.".to_owned(),
            notes: Vec::new(),
            clauses: clauses([]),
        }
    }
}

/// `program` as an open scenario, which [`chatspec_notation::parse`] reads back.
pub fn scenario(program: &Program, told: &Told) -> Scenario {
    let mut writer = Writer::default();
    let lines = program.blocks.iter().map(|block| writer.block(block));
    let body = lines.collect();
    let clients = program.clients().into_iter().map(|client| ClientDecl {
        name: ClientName::from(CLIENTS[client % CLIENTS.len()]),
        count: None,
    });
    let rooms = program.rooms().into_iter().map(room);
    Scenario {
        reason: told.reason.clone(),
        notes: told.notes.clone(),
        level: Level::Must,
        clauses: told
            .clauses
            .iter()
            .map(|id| ClauseId::from(*id).into())
            .collect(),
        catches: Vec::new(),
        needs: Vec::new(),
        over: vec![program.over.into()],
        alone: false,
        open: true,
        clients: clients.map(Spanned::from).collect(),
        rooms: rooms.map(Spanned::from).collect(),
        present: Vec::new(),
        body,
    }
}

/// The clauses that a server breaks whose history has such anomalies; those of every chat where
/// there are none to go by.
pub fn clauses(kinds: impl IntoIterator<Item = AnomalyKind>) -> BTreeSet<&'static str> {
    let mut clauses: BTreeSet<_> = kinds.into_iter().flat_map(broken).copied().collect();
    if clauses.is_empty() {
        clauses.extend(ACKS);
    }
    clauses
}

/// Which of the two an ack is for, its anomaly does not say.
const ACKS: &[&str] = &["seed.enter-ack", "seed.message-ack"];

const fn broken(kind: AnomalyKind) -> &'static [&'static str] {
    match kind {
        AnomalyKind::Lost
        | AnomalyKind::Duplicated
        | AnomalyKind::Phantom
        | AnomalyKind::Misdirected
        | AnomalyKind::Echoed
        | AnomalyKind::Early => &["seed.relay"],
        AnomalyKind::Altered => &["seed.text-unchanged"],
        AnomalyKind::Misordered => &["seed.order"],
        AnomalyKind::CausallyMisordered | AnomalyKind::Late => &["seed.relay-before-ack"],
        AnomalyKind::WrongAuthor | AnomalyKind::WrongNickname => &["seed.nickname"],
        AnomalyKind::AckedTwice
        | AnomalyKind::NeverAcked
        | AnomalyKind::UnknownAck
        | AnomalyKind::AlteredAck => ACKS,
        AnomalyKind::AckedLate => &["seed.enter-ack-first"],
        AnomalyKind::AcksMisordered => &["seed.ack-order"],
        AnomalyKind::WelcomeLost
        | AnomalyKind::WelcomeDuplicated
        | AnomalyKind::WelcomeToSelf
        | AnomalyKind::WelcomeMisdirected
        | AnomalyKind::WelcomeEarly
        | AnomalyKind::WelcomePhantom => &["seed.welcome"],
    }
}

/// Numbers what has to have a name of its own.
#[derive(Default)]
struct Writer {
    requests: u32,
    texts: u32,
}

impl Writer {
    fn block(&mut self, block: &Block) -> Line {
        match block {
            Block::Awaited(step) => self.line(step, true),
            Block::Together(steps) => match steps.as_slice() {
                [only] => self.line(only, false),
                steps => {
                    let lines = steps.iter().map(|step| self.line(step, false));
                    line(StepKind::Together(lines.collect()))
                }
            },
        }
    }

    fn line(&mut self, step: &Step, awaited: bool) -> Line {
        let who = Who {
            name: ClientName::from(CLIENTS[step.client % CLIENTS.len()]),
            member: None,
            leg: None,
            span: Span::default(),
        };
        line(match &step.does {
            Does::Connect(via) => StepKind::Connect(Connect {
                who,
                via: Some(*via),
                auth: None,
                to: None,
                node: None,
            }),
            Does::Enter { nickname, room } => {
                let name = nickname.unwrap_or(Words::NameOf(step.client));
                StepKind::Emit(Emit {
                    who,
                    event: EventName::from(ENTER_ROOM).into(),
                    args: vec![Value::Text(text(name)), room_value(*room)],
                    reply: self.reply(awaited, false),
                    series: None,
                })
            }
            Does::Say { words, room, times } => {
                let series = (*times > 1).then(|| Series {
                    variable: Variable::from(N),
                    first: 1,
                    last: *times,
                });
                let words = words.map_or_else(|| self.text_of_its_own(series.is_some()), text);
                StepKind::Emit(Emit {
                    who,
                    event: EventName::from(NEW_MESSAGE).into(),
                    args: vec![Value::Text(words), room_value(*room)],
                    reply: self.reply(awaited, series.is_some()),
                    series,
                })
            }
            Does::Disconnect => StepKind::Act(who, Act::Disconnects),
            Does::Vanish => StepKind::Act(who, Act::Vanishes),
        })
    }

    fn text_of_its_own(&mut self, in_series: bool) -> Text {
        self.texts += 1;
        let number = self.texts;
        Text::plain(if in_series {
            format!("m{number}-{{{N}}}")
        } else {
            format!("m{number}")
        })
    }

    fn reply(&mut self, awaited: bool, in_series: bool) -> Reply {
        if awaited {
            return Reply::Await(Vec::new());
        }
        self.requests += 1;
        let number = self.requests;
        let label = if in_series {
            format!("r{number}-{{{N}}}")
        } else {
            format!("r{number}")
        };
        Reply::As(Label::new(label).into())
    }
}

fn line(kind: StepKind) -> Line {
    Line::Step(ScenarioStep {
        at: None,
        kind,
        level: None,
        span: Span::default(),
    })
}

fn text(words: Words) -> Text {
    match words {
        Words::Plain(text) => Text::plain(text),
        Words::Long(length) => Text {
            repeat: Some(length),
            ..Text::plain("x")
        },
        Words::NameOf(client) => Text::plain(nickname(CLIENTS[client % CLIENTS.len()])),
    }
}

fn room(number: usize) -> RoomName {
    RoomName::from(ROOMS[number % ROOMS.len()])
}

fn room_value(number: usize) -> Value {
    Value::Name(Spanned::from(room(number).to_string()))
}
