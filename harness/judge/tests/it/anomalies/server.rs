//! A right server and its clients, who do things in any order that the contract allows.
//!
//! What it promises, and no more: the events of one client in order; a relay, then its ack; the ack
//! of an entering, then the welcome; and what is written to a connection arrives there in order. A
//! relay to several members may be interleaved with anything that others ask for, a fence is
//! answered before events that wait, and nobody knows when the server notices that a client is gone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, WELCOME};
use chatspec_judge::history::{Item, Kind, Leg};
use chatspec_wire::data::Data;

use super::story::Story;

/// Numbers at random, until there are none left.
#[derive(Clone, Debug)]
pub(super) struct Dice(VecDeque<u8>);

impl Dice {
    pub(super) fn new(numbers: Vec<u8>) -> Self {
        Self(numbers.into())
    }

    fn roll(&mut self, below: usize) -> usize {
        self.0.pop_front().map_or(0, usize::from) % below
    }

    fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// What clients do beyond writing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// They enter at any time, leave and return, reuse words, and forget the ack function.
    Wild,
    /// Once inside they write, flush and fence; all words differ.
    Calm,
}

const ROOMS: [&str; 2] = ["lobby", "kitchen"];
const NAMES: [&str; 4] = ["Ana", "Ben", "Ana: a", ""];
const TEXTS: [&str; 5] = ["hi", "a: hi", "", "undefined: hi", "Ben"];

/// On its way to the server.
enum Asked {
    Enter(String, String, Option<u64>),
    Write(String, String, Option<u64>),
    Flush(u64),
}

/// One write that the server still has to do for a client.
struct Write(Leg, Packet);

/// On its way to a client.
#[derive(Clone)]
enum Packet {
    Item(Item),
    FlushAck(u64),
    Fenced(u64),
}

#[derive(Default)]
struct Link {
    up: VecDeque<Asked>,
    fences: VecDeque<u64>,
    down: VecDeque<Packet>,
    work: VecDeque<Write>,
    nickname: Option<String>,
    rooms: BTreeSet<String>,
    /// The client has left, and the server has not noticed.
    is_left: bool,
}

/// The world of one story.
pub(super) struct World {
    pub(super) story: Story,
    dice: Dice,
    links: BTreeMap<Leg, Link>,
    here: [bool; 4],
    mood: Mood,
    texts: usize,
}

/// A history of a right server, ended by a proof of absence.
pub(super) fn live(mood: Mood, dice: Dice) -> World {
    let mut world = World {
        story: Story::new(),
        dice,
        links: BTreeMap::new(),
        here: [true; 4],
        mood,
        texts: 0,
    };
    for who in 0..4 {
        world.links.insert(world.story.leg(who), Link::default());
    }
    if mood == Mood::Calm {
        world.settle_in();
    }
    while !world.dice.is_over() {
        match world.dice.roll(3) {
            0 => world.client(),
            1 => world.server(),
            _ => world.network(),
        }
    }
    world.prove();
    world
}

impl World {
    /// All enter the lobby, and Ana, Ben and Cyn the kitchen.
    fn settle_in(&mut self) {
        for (who, name) in (0..).zip(["Ana", "Ben", "Cyn", "Dan"]) {
            self.enter(who, name, "lobby", true);
            if name != "Dan" {
                self.enter(who, name, "kitchen", true);
            }
            self.drain();
        }
    }

    fn client(&mut self) {
        let who = [0, 1, 2, 3][self.dice.roll(4)];
        let is_wild = self.mood == Mood::Wild;
        if !self.here[who as usize] {
            self.story.connect(who);
            self.here[who as usize] = true;
            self.links.insert(self.story.leg(who), Link::default());
            return;
        }
        let room = ROOMS[self.dice.roll(2)];
        match self.dice.roll(12) {
            0..2 if is_wild => {
                let name = NAMES[self.dice.roll(NAMES.len())];
                let acked = self.dice.roll(6) > 0;
                self.enter(who, name, room, acked);
            }
            2 if is_wild => {
                self.story.leave(who);
                self.here[who as usize] = false;
                let leg = self.story.leg(who);
                self.link(leg).is_left = true;
            }
            3 => self.flush(who),
            4 => self.fence(who),
            _ => {
                self.texts += 1;
                let text = if is_wild && self.dice.roll(2) == 0 {
                    TEXTS[self.dice.roll(TEXTS.len())].to_owned()
                } else {
                    format!("m{}", self.texts)
                };
                let acked = !is_wild || self.dice.roll(6) > 0;
                self.write(who, text, room, acked);
            }
        }
    }

    fn enter(&mut self, who: u32, name: &str, room: &str, acked: bool) {
        let ack = acked.then(|| self.story.fresh());
        let room = self.story.room(room);
        self.story.sends_as(who, ENTER_ROOM, &[name, &room], ack);
        let asked = Asked::Enter(name.to_owned(), room, ack);
        let leg = self.story.leg(who);
        self.link(leg).up.push_back(asked);
    }

    fn write(&mut self, who: u32, text: String, room: &str, acked: bool) {
        let ack = acked.then(|| self.story.fresh());
        let room = self.story.room(room);
        self.story.sends_as(who, NEW_MESSAGE, &[&text, &room], ack);
        let leg = self.story.leg(who);
        self.link(leg).up.push_back(Asked::Write(text, room, ack));
    }

    fn flush(&mut self, who: u32) {
        let (leg, id) = (self.story.leg(who), self.story.fresh());
        self.story.record(Kind::FlushSent { leg, id });
        self.link(leg).up.push_back(Asked::Flush(id));
    }

    fn fence(&mut self, who: u32) {
        let (leg, id) = (self.story.leg(who), self.story.fresh());
        self.story.record(Kind::FenceSent { leg, id });
        self.link(leg).fences.push_back(id);
    }

    /// The server does one thing for somebody.
    fn server(&mut self) {
        let Some(leg) = self.some_leg() else {
            return;
        };
        let is_left = self.link(leg).is_left;
        match self.dice.roll(4) {
            0 if is_left => {
                self.links.remove(&leg);
            }
            1 => {
                let link = self.link(leg);
                let fence = link.fences.pop_front();
                link.down.extend(fence.map(Packet::Fenced));
            }
            _ => {
                self.serve(leg);
            }
        }
    }

    /// Goes on with a client's events. Whether there was anything to do.
    fn serve(&mut self, leg: Leg) -> bool {
        if let Some(Write(to, packet)) = self.link(leg).work.pop_front() {
            // Who is gone is written to in vain.
            if let Some(link) = self.links.get_mut(&to) {
                link.down.push_back(packet);
            }
            return true;
        }
        let Some(asked) = self.link(leg).up.pop_front() else {
            return false;
        };
        let mut work = VecDeque::new();
        match asked {
            Asked::Enter(name, room, ack) => {
                let link = self.link(leg);
                link.nickname = Some(name.clone());
                link.rooms.insert(room.clone());
                work.extend(ack.map(|id| acked(leg, id)));
                work.extend(self.everyone_else(leg, &room, WELCOME, &name));
            }
            Asked::Write(text, room, ack) => {
                let name = self.link(leg).nickname.clone();
                let text = format!("{}: {text}", name.as_deref().unwrap_or("undefined"));
                work.extend(self.everyone_else(leg, &room, NEW_MESSAGE, &text));
                work.extend(ack.map(|id| acked(leg, id)));
            }
            Asked::Flush(id) => {
                work.push_back(Write(leg, Packet::FlushAck(id)));
            }
        }
        self.link(leg).work = work;
        true
    }

    fn everyone_else(&self, leg: Leg, room: &str, event: &str, text: &str) -> Vec<Write> {
        let members = self.links.iter();
        members
            .filter(|(member, link)| **member != leg && link.rooms.contains(room))
            .map(|(member, _)| {
                let item = Item::Event {
                    event: event.to_owned(),
                    args: vec![Data::from(text)],
                    ack: None,
                };
                Write(*member, Packet::Item(item))
            })
            .collect()
    }

    /// One packet arrives somewhere.
    fn network(&mut self) {
        if let Some(leg) = self.some_leg() {
            self.deliver(leg);
        }
    }

    fn some_leg(&mut self) -> Option<Leg> {
        let legs: Vec<Leg> = self.links.keys().copied().collect();
        (!legs.is_empty()).then(|| legs[self.dice.roll(legs.len())])
    }

    fn deliver(&mut self, leg: Leg) -> bool {
        let Some(packet) = self.link(leg).down.pop_front() else {
            return false;
        };
        self.story.record(match packet {
            Packet::Item(item) => Kind::Arrived { leg, item },
            Packet::FlushAck(id) => Kind::FlushAcked { leg, id },
            Packet::Fenced(id) => Kind::FenceAnswered { leg, id },
        });
        true
    }

    /// Everything that is under way comes to its end.
    fn drain(&mut self) {
        loop {
            let mut moved = false;
            let legs: Vec<Leg> = self.links.keys().copied().collect();
            for leg in legs {
                let link = self.link(leg);
                let fence = link.fences.pop_front();
                link.down.extend(fence.map(Packet::Fenced));
                moved |= fence.is_some();
                moved |= self.serve(leg);
                moved |= self.deliver(leg);
            }
            if !moved {
                return;
            }
        }
    }

    fn prove(&mut self) {
        let here: Vec<u32> = (0..4).filter(|who| self.here[*who as usize]).collect();
        for who in &here {
            self.flush(*who);
        }
        self.drain();
        for who in &here {
            self.fence(*who);
        }
        self.drain();
    }

    fn link(&mut self, leg: Leg) -> &mut Link {
        self.links.entry(leg).or_default()
    }
}

fn acked(leg: Leg, id: u64) -> Write {
    Write(leg, Packet::Item(Item::Ack { id, args: vec![] }))
}
