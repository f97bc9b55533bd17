//! In which ways a server's chat differs from the seed contract, and what becomes of a plan on it.
//!
//! A chat may have one room for everybody, answer an entering with an event, or not at all, and still be
//! a chat of which most of the contract can be asked. What is asked of it is the scenario as it stands,
//! without the lines that are about what it does not have; and where nothing would be left to see, or a
//! line relies on it, the scenario is skipped. What a scenario relies on is read from its plan: nobody
//! has to write it down.
//!
//! # Layout
//! - here: what a server may lack, and the plan without it.
//! - `needs`: what a plan relies on.

mod needs;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use chatspec_notation::ast::{Expect, Line, Reply, StepKind};
use chatspec_notation::suggest::closest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::expand::WELCOME;
use crate::plan::{OpKind, Plan, Stage, Wanted};

/// What the seed contract has and another chat may lack. Scenarios that rely on it are skipped there.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ability {
    /// More rooms than one, and connections that are in none.
    Rooms,
    /// One connection in several rooms at once.
    SeveralRooms,
    /// Messages to a room from who is not in it.
    Outside,
    /// Entering a room where the connection is already.
    EnteringAgain,
    /// Entering some time after the connection, while others speak.
    LateEntering,
    /// Another nickname on the same connection.
    Renaming,
    /// Two clients with the same nickname at the same time.
    Namesakes,
    /// Nicknames that clients choose.
    Nicknames,
    /// Nicknames of any characters and any length.
    AnyNickname,
    /// Texts of any characters and any length, relayed as they are.
    AnyText,
    /// Rooms of any name, of which those that differ in capitals alone are two.
    AnyRoom,
    /// Arguments of any number and type.
    AnyArguments,
    /// Relays and welcomes that say whose they are.
    Authors,
    /// Acks, and their place among other events.
    Acks,
    /// That the others are told who enters.
    Welcome,
    /// The seed contract's own packets, byte by byte.
    RawPackets,
    /// CONNECT to a namespace, or with a payload, of the scenario's choice.
    OwnConnect,
}

/// A word that names no [`Ability`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is nothing that a chat can lack{}; what can be is {}",
    .meant.map(|meant| format!(" (did you mean `{meant}`?)")).unwrap_or_default(), listed())]
pub struct UnknownAbility {
    /// What was written.
    pub word: String,
    /// What may have been meant.
    pub meant: Option<&'static str>,
}

fn listed() -> String {
    let names: Vec<_> = Ability::ALL.iter().map(|ability| ability.name()).collect();
    names.join(", ")
}

impl Ability {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Rooms,
        Self::SeveralRooms,
        Self::Outside,
        Self::EnteringAgain,
        Self::LateEntering,
        Self::Renaming,
        Self::Namesakes,
        Self::Nicknames,
        Self::AnyNickname,
        Self::AnyText,
        Self::AnyRoom,
        Self::AnyArguments,
        Self::Authors,
        Self::Acks,
        Self::Welcome,
        Self::RawPackets,
        Self::OwnConnect,
    ];

    /// Its name in a target.toml and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rooms => "rooms",
            Self::SeveralRooms => "several-rooms",
            Self::Outside => "outside",
            Self::EnteringAgain => "entering-again",
            Self::LateEntering => "late-entering",
            Self::Renaming => "renaming",
            Self::Namesakes => "namesakes",
            Self::Nicknames => "nicknames",
            Self::AnyNickname => "any-nickname",
            Self::AnyText => "any-text",
            Self::AnyRoom => "any-room",
            Self::AnyArguments => "any-arguments",
            Self::Authors => "authors",
            Self::Acks => "acks",
            Self::Welcome => "welcome",
            Self::RawPackets => "raw-packets",
            Self::OwnConnect => "own-connect",
        }
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Ability {
    type Err = UnknownAbility;

    fn from_str(word: &str) -> Result<Self, UnknownAbility> {
        let found = Self::ALL.into_iter().find(|ability| ability.name() == word);
        found.ok_or_else(|| UnknownAbility {
            word: word.to_owned(),
            meant: closest(word, Self::ALL.map(Self::name)),
        })
    }
}

/// In which ways a chat differs from the seed contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", default)]
pub struct Ways {
    /// What it lacks.
    pub lacks: BTreeSet<Ability>,
    /// Requests, by the seed's names, that nothing answers.
    pub unanswered: BTreeSet<String>,
    /// Requests, by the seed's names, that something else than an ack answers. Where it stands among
    /// other events, the contract does not say.
    pub answered_otherwise: BTreeSet<String>,
}

impl Ways {
    /// Whether it differs in nothing.
    pub fn are_the_seeds(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a history of it can be held against the contract as a whole, and not line by line alone:
    /// the checkers of histories know requests by their acks, and newcomers by their welcomes.
    pub fn are_plain(&self) -> bool {
        self.unanswered.is_empty()
            && self.answered_otherwise.is_empty()
            && !self.lacks.contains(&Ability::Welcome)
            && !self.lacks.contains(&Ability::Rooms)
    }

    /// What it lacks, in words.
    pub fn told(&self) -> impl Iterator<Item = String> + '_ {
        let lacks = self.lacks.iter().map(ToString::to_string);
        let unacked = self.unanswered.iter().chain(&self.answered_otherwise);
        lacks.chain(unacked.map(|request| format!("an ack of {request}")))
    }

    /// Whether a generated chat can be had on it: rooms, and who comes and goes as it likes.
    pub fn allow_anything(&self) -> bool {
        use Ability::{
            AnyArguments, AnyNickname, AnyRoom, Namesakes, Nicknames, OwnConnect, RawPackets,
        };
        let beside = [
            AnyArguments,
            AnyNickname,
            AnyRoom,
            Namesakes,
            Nicknames,
            OwnConnect,
            RawPackets,
        ];
        self.are_plain() && self.lacks.iter().all(|lack| beside.contains(lack))
    }

    /// Whether cases must run one after the other: everybody on the server meets everybody else.
    pub fn need_the_server_alone(&self) -> bool {
        self.lacks.contains(&Ability::Rooms) || self.lacks.contains(&Ability::Namesakes)
    }

    /// What `plan`, as its scenario has it, relies on and these ways lack. Empty for a plan that can be
    /// run.
    pub fn missing(&self, plan: &Plan) -> BTreeSet<Ability> {
        if self.are_the_seeds() {
            return BTreeSet::new();
        }
        let mut missing = needs::of(plan);
        missing.retain(|ability| self.lacks.contains(ability));
        let body = Body::of(&plan.source.scenario.body);
        let without = |requests: &BTreeSet<String>| !requests.is_disjoint(&body.asks);
        if body.receives.is_empty() && !body.has_more && body.acks && without(&self.unanswered) {
            missing.insert(Ability::Acks);
        }
        let otherwise = without(&self.unanswered) || without(&self.answered_otherwise);
        if otherwise && needs::the_place_of_an_ack(plan) {
            missing.insert(Ability::Acks);
        }
        let welcomes_alone = !body.receives.is_empty()
            && body.receives.iter().all(|event| event == WELCOME)
            && !body.has_more;
        if welcomes_alone && self.lacks.contains(&Ability::Welcome) {
            missing.insert(Ability::Welcome);
        }
        missing
    }
}

/// What the steps of a scenario, without its header, ask for and wait for.
#[derive(Default)]
struct Body {
    /// The events that are emitted.
    asks: BTreeSet<String>,
    /// Whether acks are waited for.
    acks: bool,
    /// The events that are waited for.
    receives: BTreeSet<String>,
    /// Whether other things are: silence, the end of a connection, raw packets.
    has_more: bool,
}

impl Body {
    fn of(lines: &[Line]) -> Self {
        let mut body = Self::default();
        body.read(lines);
        body
    }

    fn read(&mut self, lines: &[Line]) {
        for line in lines {
            let Line::Step(step) = line else {
                continue;
            };
            match &step.kind {
                StepKind::Emit(emit) => {
                    self.asks.insert(emit.event.value.to_string());
                    self.acks |= emit.reply != Reply::None;
                }
                StepKind::Receive(receive) => match &receive.what {
                    Expect::Event { event, .. } => {
                        self.receives.insert(event.value.to_string());
                    }
                    Expect::Ack { .. } => self.acks = true,
                    Expect::ConnectError(_) | Expect::Closed => self.has_more = true,
                },
                StepKind::UpTo(up_to) => {
                    self.receives.insert(up_to.event.value.to_string());
                }
                // Silence is proof of something only where something else was to be heard.
                StepKind::Nothing(_) => self.has_more |= self.receives.is_empty(),
                StepKind::RawReceive(_) | StepKind::Http(_) => self.has_more = true,
                StepKind::Together(lines) | StepKind::InAnyOrder(lines) => self.read(lines),
                StepKind::Connect(_)
                | StepKind::Act(..)
                | StepKind::RawSend(..)
                | StepKind::Fault(_) => {}
            }
        }
    }
}

impl Plan {
    /// The same on a chat with these ways: what nothing answers is done when silence is proven, and
    /// nobody waits for a welcome where there is none.
    #[must_use]
    pub fn in_ways(mut self, ways: &Ways) -> Self {
        self.ways = ways.clone();
        if ways.unanswered.is_empty() && !ways.lacks.contains(&Ability::Welcome) {
            return self;
        }
        let mut unanswered = BTreeSet::new();
        for (index, op) in self.ops.iter_mut().enumerate() {
            if let OpKind::Emit { event, ack, .. } = &mut op.kind
                && ways.unanswered.contains(event.as_str())
            {
                *ack = false;
                unanswered.insert(index);
            }
        }
        let mut dropped = BTreeSet::new();
        for (index, op) in self.ops.iter_mut().enumerate() {
            let OpKind::Receive { wanted, .. } = &op.kind else {
                continue;
            };
            match wanted {
                Wanted::Ack { request, label, .. }
                    if unanswered.contains(&(request.0 as usize)) =>
                {
                    if label.is_none() {
                        op.kind = OpKind::Silence { everyone: false };
                    } else {
                        dropped.insert(index);
                    }
                }
                Wanted::Event { event, .. }
                    if event == WELCOME && ways.lacks.contains(&Ability::Welcome) =>
                {
                    dropped.insert(index);
                }
                _ => {}
            }
        }
        let stays = |op: &crate::ids::OpId| !dropped.contains(&(op.0 as usize));
        let stages = std::mem::take(&mut self.stages);
        self.stages = stages
            .into_iter()
            .filter_map(|stage| match stage {
                Stage::One(op) => stays(&op).then_some(Stage::One(op)),
                Stage::Together(lanes) => left(lanes, stays).map(Stage::Together),
                Stage::AnyOrder(lanes) => left(lanes, stays).map(Stage::AnyOrder),
            })
            .collect();
        self
    }
}

/// The lanes without what is dropped; none if nothing is left.
fn left(
    lanes: Vec<Vec<crate::ids::OpId>>,
    stays: impl Fn(&crate::ids::OpId) -> bool,
) -> Option<Vec<Vec<crate::ids::OpId>>> {
    let lanes: Vec<Vec<_>> = lanes
        .into_iter()
        .map(|lane| lane.into_iter().filter(&stays).collect())
        .filter(|lane: &Vec<_>| !lane.is_empty())
        .collect();
    (!lanes.is_empty()).then_some(lanes)
}
