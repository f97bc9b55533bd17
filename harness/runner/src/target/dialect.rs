//! What a chat calls the things that the suite speaks of: its events, their shapes, how it answers.
//!
//! The suite speaks the seed contract from its scenarios to its reports. A target.toml says what each
//! request and each event is called on the wire; between the two stands a [`Tongue`] for every
//! connection, and nothing else knows of it. What fits no template goes through as it came, so that it is
//! seen where it is wrong.
//!
//! # Layout
//! - here: a dialect, and in which ways a chat that speaks it differs from the seed.
//! - [`template`]: values with places to fill in.
//! - `tongue`: what is under way on one connection, and what arrives there.

pub(crate) mod template;
mod tongue;

use std::collections::{BTreeMap, BTreeSet};

use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, WELCOME};
use chatspec_judge::notices::{BYE, LEAVE_ROOM, ROOM_CHANGE};
use chatspec_judge::ways::{Ability, Ways};
use chatspec_wire::data::Data;

use super::connection::Connection;
use template::{Slot, Template, Words};
pub(crate) use tongue::{Company, Heard, Tongue};

/// What a client asks of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asks {
    Enter,
    Say,
    Leave,
}

/// What a chat tells who did not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tells {
    Welcome,
    Bye,
    RoomChange,
    Message,
}

impl Asks {
    pub(crate) const ALL: [Self; 3] = [Self::Enter, Self::Say, Self::Leave];

    /// The seed's name for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Enter => ENTER_ROOM,
            Self::Say => NEW_MESSAGE,
            Self::Leave => LEAVE_ROOM,
        }
    }

    fn named(event: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asks| asks.name() == event)
    }

    /// What it consists of, in the order of the seed's arguments.
    pub(crate) const fn arguments(self) -> &'static [Slot] {
        match self {
            Self::Enter => &[Slot::Nickname, Slot::Room],
            Self::Say => &[Slot::Text, Slot::Room],
            Self::Leave => &[Slot::Room],
        }
    }

    /// What the others hear of it, and who asked hears too where the chat tells everybody.
    const fn tells(self) -> Tells {
        match self {
            Self::Enter => Tells::Welcome,
            Self::Say => Tells::Message,
            Self::Leave => Tells::Bye,
        }
    }
}

impl Tells {
    /// In the order in which they are looked for: what says more first.
    const ALL: [Self; 4] = [Self::Welcome, Self::Bye, Self::RoomChange, Self::Message];

    /// The seed's name for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Welcome => WELCOME,
            Self::Bye => BYE,
            Self::RoomChange => ROOM_CHANGE,
            Self::Message => NEW_MESSAGE,
        }
    }
}

/// An event as it stands on the wire, with places to fill in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) args: Vec<Template>,
    /// Whether more arguments may follow.
    pub(crate) open: bool,
}

/// How a request is made, and what answers it. A request is answered when all of it has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    /// What is emitted, one after the other; the last is what is answered.
    pub(crate) emit: Vec<Event>,
    /// The ack's arguments, and whether more may follow; none where there is no ack.
    pub(crate) ack: Option<(Vec<Template>, bool)>,
    /// An event that answers.
    pub(crate) event: Option<Event>,
    /// Whether who asked hears what the others are told.
    pub(crate) echo: bool,
}

/// An event of the chat's own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ignored {
    /// All of this name.
    Named(String),
    /// Those that are so.
    Like(Event),
}

/// What a chat calls the things that the suite speaks of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dialect {
    pub(crate) requests: BTreeMap<Asks, Request>,
    pub(crate) told: BTreeMap<Tells, Event>,
    pub(crate) ignore: Vec<Ignored>,
    /// Whether the case of a nickname's letters means nothing to it.
    pub(crate) folds_names: bool,
}

impl Event {
    /// An event with these places for arguments.
    pub(crate) fn of(name: &str, args: &[Slot]) -> Self {
        Self {
            name: name.to_owned(),
            args: args.iter().copied().map(Template::Slot).collect(),
            open: false,
        }
    }

    pub(crate) fn slots(&self) -> BTreeSet<Slot> {
        let mut slots = BTreeSet::new();
        self.args.iter().for_each(|arg| arg.slots(&mut slots));
        slots
    }
}

impl Default for Dialect {
    /// The seed's own.
    fn default() -> Self {
        let requests = Asks::ALL.map(|asks| {
            let request = Request {
                emit: vec![Event::of(asks.name(), asks.arguments())],
                ack: Some((Vec::new(), false)),
                event: None,
                echo: false,
            };
            (asks, request)
        });
        let told = Tells::ALL.map(|tells| {
            let args = match tells {
                Tells::Welcome | Tells::Bye => vec![Template::Slot(Slot::Nickname)],
                Tells::RoomChange => vec![Template::Slot(Slot::Rooms)],
                Tells::Message => vec![Template::Words(Words::message())],
            };
            let event = Event {
                name: tells.name().to_owned(),
                args,
                open: false,
            };
            (tells, event)
        });
        Self {
            requests: requests.into(),
            told: told.into(),
            ignore: Vec::new(),
            folds_names: false,
        }
    }
}

impl Dialect {
    /// What makes the seed's own message, which is author and text in one.
    pub(crate) fn seed_message(nickname: &str, text: &Data) -> Data {
        match text {
            Data::Text(text) => Data::Text(format!("{nickname}: {text}")),
            other => Data::Text(format!("{nickname}: {other}")),
        }
    }

    /// In which ways a chat that speaks it, and is told these things when one connects, differs from
    /// the seed. `lacks` is what it is said to lack besides.
    pub(crate) fn ways(&self, connection: &Connection, mut lacks: BTreeSet<Ability>) -> Ways {
        let on_connecting = &connection.slots();
        let (enter, say) = (self.asked(Asks::Enter), self.asked(Asks::Say));
        let (enters_with, says_with) = (asked_with(enter), asked_with(say));
        let named = |slot| {
            [on_connecting, &enters_with, &says_with]
                .iter()
                .any(|slots| slots.contains(&slot))
        };
        if !named(Slot::Room) {
            lacks.insert(Ability::Rooms);
        }
        if !says_with.contains(&Slot::Room) {
            // A message goes wherever its connection is.
            lacks.extend([Ability::SeveralRooms, Ability::Outside]);
        }
        if !enters_with.contains(&Slot::Room) && on_connecting.contains(&Slot::Room) {
            lacks.extend([
                Ability::SeveralRooms,
                Ability::EnteringAgain,
                Ability::Outside,
            ]);
        }
        if enter.is_none_or(|enter| enter.emit.is_empty()) {
            // To connect is to enter.
            lacks.extend([Ability::EnteringAgain, Ability::LateEntering]);
        }
        if !named(Slot::Nickname) {
            lacks.extend([Ability::Nicknames, Ability::AnyNickname]);
        }
        if !enters_with.contains(&Slot::Nickname) && !says_with.contains(&Slot::Nickname) {
            lacks.insert(Ability::Renaming);
        }
        for tells in [Tells::Message, Tells::Welcome] {
            let event = self.told.get(&tells);
            if event.is_some_and(|event| !event.slots().contains(&Slot::Nickname)) {
                lacks.insert(Ability::Authors);
            }
        }
        if [Asks::Enter, Asks::Say]
            .iter()
            .any(|asks| !self.is_positional(*asks))
        {
            lacks.insert(Ability::AnyArguments);
        }
        let seeds = Self {
            folds_names: self.folds_names,
            ..Self::default()
        };
        if *self != seeds {
            lacks.insert(Ability::RawPackets);
        }
        if connection.changes_the_connect() {
            lacks.extend([Ability::RawPackets, Ability::OwnConnect]);
        }
        let mut ways = Ways {
            lacks,
            ..Ways::default()
        };
        for (asks, request) in &self.requests {
            let name = asks.name().to_owned();
            if request.is_unanswered() {
                ways.unanswered.insert(name);
            } else if request.event.is_some() || request.echo {
                ways.answered_otherwise.insert(name);
            }
        }
        ways
    }

    /// Whether a message to a room where nobody is can be sent, and answered, without anybody hearing it.
    pub(crate) fn flushes(&self, ways: &Ways) -> bool {
        let say = self.asked(Asks::Say);
        !ways.lacks.contains(&Ability::Rooms)
            && asked_with(say).contains(&Slot::Room)
            && say.is_some_and(|say| !say.is_unanswered() && !say.echo)
    }

    /// The names of all events that it has a word for.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> + '_ {
        let answers = self
            .requests
            .values()
            .filter_map(|request| request.event.as_ref());
        let events = answers.chain(self.told.values());
        events.map(|event| event.name.clone())
    }

    fn asked(&self, asks: Asks) -> Option<&Request> {
        self.requests.get(&asks)
    }

    /// Whether a request has the seed's arguments, in the seed's order, whatever it is called.
    fn is_positional(&self, asks: Asks) -> bool {
        let seeds = Event::of("", asks.arguments());
        self.asked(asks).is_some_and(
            |request| matches!(request.emit.as_slice(), [event] if event.args == seeds.args),
        )
    }
}

impl Request {
    pub(crate) const fn is_unanswered(&self) -> bool {
        self.ack.is_none() && self.event.is_none() && !self.echo
    }
}

fn asked_with(request: Option<&Request>) -> BTreeSet<Slot> {
    let events = request.iter().flat_map(|request| &request.emit);
    events.flat_map(Event::slots).collect()
}
