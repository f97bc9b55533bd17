//! One connection's interpreter: the seed's words out, the chat's words in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use chatspec_judge::expand::{ENTER_ROOM, nickname};
use chatspec_judge::history::Item;
use chatspec_judge::pattern::Pattern;
use chatspec_judge::plan::{OpKind, Plan};
use chatspec_wire::data::Data;

use super::template::{Bindings, Known, Slot, Template, matches_all};
use super::{Asks, Dialect, Event, Ignored, Tells};

/// Everybody who takes part in one run.
#[derive(Debug, Default)]
pub(crate) struct Company {
    /// What they call themselves: nobody else is a nickname.
    names: BTreeSet<String>,
    spoken: Mutex<Spoken>,
}

/// What is needed where a chat does not say who it was.
#[derive(Debug, Default)]
struct Spoken {
    /// Who said a text last.
    by: BTreeMap<String, String>,
    /// Who entered last.
    entered: Option<String>,
}

impl Company {
    /// Clients that call themselves so.
    pub(crate) fn named(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            names: names.into_iter().collect(),
            spoken: Mutex::default(),
        }
    }

    /// The clients of a plan, by all the nicknames that they take.
    pub(crate) fn of(plan: &Plan) -> Self {
        let entering = plan.ops.iter().filter_map(|op| match &op.kind {
            OpKind::Emit { event, args, .. } if event == ENTER_ROOM => match args.first() {
                Some(Pattern::Exactly(Data::Text(name))) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        });
        let actors = plan.actors.iter().map(|actor| nickname(&actor.name));
        Self::named(entering.chain(actors))
    }

    fn spoken<T>(&self, with: impl FnOnce(&mut Spoken) -> T) -> T {
        with(&mut self.spoken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is under way on one connection.
#[derive(Debug)]
pub(crate) struct Tongue {
    dialect: Arc<Dialect>,
    company: Arc<Company>,
    nickname: Option<Data>,
    rooms: BTreeSet<String>,
    asked: Vec<Asked>,
    /// How many requests were made, for `$id`.
    count: u64,
}

/// A request that is not answered yet, or not all of it.
#[derive(Debug)]
struct Asked {
    asks: Asks,
    /// The id under which the suite waits for it, if it does.
    id: Option<u64>,
    with: Bindings,
    ack: bool,
    event: bool,
    echo: bool,
}

/// A packet that is to be sent: the event's name and its arguments, and the id of its ack.
pub(crate) type Spoke = (Vec<Data>, Option<u64>);

/// What something that arrived means.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    /// An item for the inbox.
    Item(Item),
    /// The request of this id is answered.
    Answered(u64),
    /// Nothing: it is the chat's own business, or only a part of an answer.
    Nothing,
}

impl Tongue {
    pub(crate) fn new(dialect: Arc<Dialect>, company: Arc<Company>) -> Self {
        Self {
            dialect,
            company,
            nickname: None,
            rooms: BTreeSet::new(),
            asked: Vec::new(),
            count: 0,
        }
    }

    /// The packets that say what the seed says with `event`.
    pub(crate) fn say(&mut self, event: &str, args: Vec<Data>, ack: Option<u64>) -> Vec<Spoke> {
        let found = Asks::named(event).and_then(|asks| {
            let request = self.dialect.requests.get(&asks)?;
            Some((asks, request.clone()))
        });
        let Some((asks, request)) = found else {
            let packet = std::iter::once(Data::from(event)).chain(args).collect();
            return vec![(packet, ack)];
        };
        let with = self.understood(asks, args);
        let wants_ack = request.ack.is_some() && ack.is_some();
        let asked = Asked {
            asks,
            id: ack,
            with: with.clone(),
            ack: wants_ack,
            event: request.event.is_some(),
            echo: request.echo,
        };
        if !asked.is_answered() {
            self.asked.push(asked);
        }
        let last = request.emit.len().saturating_sub(1);
        let packets = request.emit.iter().enumerate().map(|(index, event)| {
            let id = ack.filter(|_| wants_ack && index == last);
            (filled(event, &with), id)
        });
        packets.collect()
    }

    /// What a request says, and what is remembered of it.
    fn understood(&mut self, asks: Asks, args: Vec<Data>) -> Bindings {
        self.count += 1;
        let mut with = Bindings {
            nickname: self.nickname.clone(),
            id: Some(Data::Text(format!("chatspec-{}", self.count))),
            ..Bindings::default()
        };
        for (slot, value) in asks.arguments().iter().zip(args) {
            match slot {
                Slot::Nickname => with.nickname = Some(value),
                Slot::Room => with.room = Some(value),
                Slot::Text => with.text = Some(value),
                Slot::Rooms | Slot::Id | Slot::Any => {}
            }
        }
        let text = |value: &Option<Data>| value.as_ref().and_then(Data::as_text).map(str::to_owned);
        let (name, room, said) = (text(&with.nickname), text(&with.room), text(&with.text));
        match asks {
            Asks::Enter => {
                self.nickname.clone_from(&with.nickname);
                self.rooms.extend(room);
                self.company.spoken(|spoken| spoken.entered = name);
            }
            Asks::Say => {
                if let (Some(said), Some(name)) = (said, name) {
                    self.company.spoken(|spoken| spoken.by.insert(said, name));
                }
            }
            Asks::Leave => {}
        }
        with
    }

    /// What an event means.
    pub(crate) fn hear(&mut self, event: String, args: Vec<Data>, ack: Option<u64>) -> Heard {
        let answered = (0..self.asked.len()).find(|index| self.answers(*index, &event, &args));
        if let Some(index) = answered {
            return self.done(index);
        }
        for tells in Tells::ALL {
            if let Some(args) = self.told(tells, &event, &args) {
                let event = tells.name().to_owned();
                return Heard::Item(Item::Event { event, args, ack });
            }
        }
        let ignored = self.dialect.ignore.iter().any(|ignored| match ignored {
            Ignored::Named(name) => *name == event,
            Ignored::Like(like) => self.reads(like, &event, &args).is_some(),
        });
        if ignored {
            return Heard::Nothing;
        }
        Heard::Item(Item::Event { event, args, ack })
    }

    /// What an ack means.
    pub(crate) fn acked(&mut self, id: u64, args: Vec<Data>) -> Heard {
        let place = self
            .asked
            .iter()
            .position(|asked| asked.ack && asked.id == Some(id));
        let Some(place) = place else {
            return Heard::Item(Item::Ack { id, args });
        };
        let asked = &self.asked[place];
        let expected = self.dialect.requests.get(&asked.asks);
        let fits = expected
            .and_then(|request| request.ack.as_ref())
            .is_some_and(|(templates, open)| {
                let mut with = asked.with.clone();
                matches_all(templates, *open, &args, self.known(), &mut with)
            });
        if !fits {
            // It is not what target.toml says, and is shown as it is.
            self.asked.remove(place);
            return Heard::Item(Item::Ack { id, args });
        }
        self.asked[place].ack = false;
        self.done(place)
    }

    /// Whether an event is a part of the answer to a request; it is then taken.
    fn answers(&mut self, index: usize, event: &str, args: &[Data]) -> bool {
        let asked = &self.asked[index];
        let Some(request) = self.dialect.requests.get(&asked.asks) else {
            return false;
        };
        let is_it = |expected: &Event| {
            let mut with = asked.with.clone();
            expected.name == event
                && matches_all(&expected.args, expected.open, args, self.known(), &mut with)
        };
        let echo = self.dialect.told.get(&asked.asks.tells());
        if asked.event && request.event.as_ref().is_some_and(is_it) {
            self.asked[index].event = false;
            true
        } else if asked.echo && echo.is_some_and(is_it) {
            self.asked[index].echo = false;
            true
        } else {
            false
        }
    }

    /// What comes of a part of an answer.
    fn done(&mut self, index: usize) -> Heard {
        if !self.asked[index].is_answered() {
            return Heard::Nothing;
        }
        let id = self.asked.remove(index).id;
        id.map_or(Heard::Nothing, Heard::Answered)
    }

    /// The seed's arguments of what an event tells, if it tells that.
    fn told(&self, tells: Tells, event: &str, args: &[Data]) -> Option<Vec<Data>> {
        let template = self.dialect.told.get(&tells)?;
        let read = self.reads(template, event, args)?;
        Some(match tells {
            Tells::Message => {
                let text = read.text?;
                let by = match &read.nickname {
                    Some(name) => name.as_text().map(str::to_owned),
                    None => text.as_text().and_then(|text| {
                        self.company.spoken(|spoken| spoken.by.get(text).cloned())
                    }),
                };
                vec![Dialect::seed_message(&by?, &text)]
            }
            Tells::Welcome | Tells::Bye => match read.nickname {
                Some(name) => vec![name],
                None if tells == Tells::Welcome => {
                    let entered = self.company.spoken(|spoken| spoken.entered.clone());
                    vec![Data::Text(entered?)]
                }
                None => return None,
            },
            Tells::RoomChange => vec![read.rooms?],
        })
    }

    fn reads(&self, template: &Event, event: &str, args: &[Data]) -> Option<Bindings> {
        let mut found = Bindings::default();
        let fits = template.name == event
            && matches_all(
                &template.args,
                template.open,
                args,
                self.known(),
                &mut found,
            );
        fits.then_some(found)
    }

    fn known(&self) -> Known<'_> {
        Known {
            names: &self.company.names,
            rooms: &self.rooms,
            folds_names: self.dialect.folds_names,
        }
    }
}

impl Asked {
    const fn is_answered(&self) -> bool {
        !self.ack && !self.event && !self.echo
    }
}

/// An event with its places filled in. What is not known is left out at the end, and null before it.
fn filled(event: &Event, with: &Bindings) -> Vec<Data> {
    let args = Template::Array(event.args.clone(), false).fill(with);
    let mut packet = vec![Data::from(event.name.as_str())];
    if let Some(Data::Array(args)) = args {
        packet.extend(args);
    }
    packet
}

#[cfg(test)]
mod tests;
