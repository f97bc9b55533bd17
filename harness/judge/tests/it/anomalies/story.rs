//! A history, told step by step.

use chatspec_judge::anomalies::{AnomalyKind, Examination, examine};
use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, WELCOME};
use chatspec_judge::history::{Event, History, Item, Kind, Leg, Outgoing};
use chatspec_judge::ids::{ActorId, OpId, Seq};
use chatspec_judge::plan::{OpKind, Plan};
use chatspec_notation::ast::Act;
use chatspec_wire::data::Data;

use crate::support::plan;

pub(super) const ANA: u32 = 0;
pub(super) const BEN: u32 = 1;
pub(super) const CYN: u32 = 2;

/// A history under way; clients are told of by number, each in its latest connection.
pub(super) struct Story {
    pub(super) plan: Plan,
    pub(super) history: History,
    legs: [u32; 4],
    next_id: u64,
}

impl Story {
    pub(super) fn new() -> Self {
        Self::on_nodes(1)
    }

    /// On two nodes, Ana and Cyn are on the first, and Ben and Dan on the second.
    pub(super) fn on_nodes(nodes: u32) -> Self {
        let plan = plan(&format!(
            "# Whatever happens.\nmust     seed.welcome\ncatches  no-relay\n\
             needs    nodes {nodes}\nclients  ana ben cyn dan\nrooms    lobby kitchen\n\n\
             ana disconnects\nben disconnects\ncyn disconnects\ndan disconnects\n",
        ));
        let mut story = Self {
            plan,
            history: History::default(),
            legs: [0; 4],
            next_id: 0,
        };
        for who in 0..4 {
            story.connect(who);
        }
        story
    }

    /// Ana, Ben and Cyn in the lobby, each by its own name.
    pub(super) fn in_lobby() -> Self {
        Self::in_lobby_on(1)
    }

    /// The same on several nodes.
    pub(super) fn in_lobby_on(nodes: u32) -> Self {
        let mut story = Self::on_nodes(nodes);
        let names = ["Ana", "Ben", "Cyn"];
        for (who, name) in (0..).zip(names) {
            story.enter(who, name, "lobby");
            for earlier in 0..who {
                story.welcome(earlier, name);
            }
        }
        story
    }

    pub(super) fn record(&mut self, kind: Kind) -> Seq {
        let seq = Seq(self.history.events.len() as u64);
        let at_us = seq.0;
        self.history.events.push(Event {
            seq,
            at_us,
            kind,
            wire: Vec::new(),
        });
        seq
    }

    pub(super) fn leg(&self, who: u32) -> Leg {
        Leg {
            actor: ActorId(who),
            number: self.legs[who as usize],
        }
    }

    pub(super) fn fresh(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(super) fn connect(&mut self, who: u32) {
        self.legs[who as usize] += 1;
        let leg = self.leg(who);
        let op = self.op(who, |kind| matches!(kind, OpKind::Connect { .. }));
        self.record(Kind::Connecting { leg, op });
        self.record(Kind::Connected { leg });
    }

    pub(super) fn leave(&mut self, who: u32) {
        let leg = self.leg(who);
        let op = self.op(who, |kind| matches!(kind, OpKind::Act(Act::Disconnects)));
        let words = "disconnects".to_owned();
        self.record(Kind::Sent {
            leg,
            op,
            what: Outgoing::Act { words },
        });
    }

    /// An event goes out; gives the id of its ack.
    pub(super) fn sends(&mut self, who: u32, event: &str, args: &[&str]) -> u64 {
        let id = self.fresh();
        self.sends_as(who, event, args, Some(id));
        id
    }

    pub(super) fn sends_as(&mut self, who: u32, event: &str, args: &[&str], ack: Option<u64>) {
        let args = args.iter().map(|arg| Data::from(*arg)).collect();
        let leg = self.leg(who);
        self.record(Kind::Sent {
            leg,
            op: OpId(0),
            what: Outgoing::Event {
                event: event.to_owned(),
                args,
                ack,
            },
        });
    }

    pub(super) fn room(&self, name: &str) -> String {
        let found = self
            .plan
            .rooms
            .iter()
            .find(|(declared, _)| declared == name);
        found.expect("a declared room").1.clone()
    }

    pub(super) fn asks(&mut self, who: u32, name: &str, room: &str) -> u64 {
        let room = self.room(room);
        self.sends(who, ENTER_ROOM, &[name, &room])
    }

    pub(super) fn enter(&mut self, who: u32, name: &str, room: &str) {
        let id = self.asks(who, name, room);
        self.ack(who, id);
    }

    pub(super) fn writes(&mut self, who: u32, text: &str, room: &str) -> u64 {
        let room = self.room(room);
        self.sends(who, NEW_MESSAGE, &[text, &room])
    }

    pub(super) fn ack(&mut self, who: u32, id: u64) {
        self.arrives(who, Item::Ack { id, args: vec![] });
    }

    pub(super) fn arrives(&mut self, who: u32, item: Item) {
        let leg = self.leg(who);
        self.record(Kind::Arrived { leg, item });
    }

    pub(super) fn event(&mut self, who: u32, event: &str, text: &str) {
        let (event, args) = (event.to_owned(), vec![Data::from(text)]);
        self.arrives(
            who,
            Item::Event {
                event,
                args,
                ack: None,
            },
        );
    }

    pub(super) fn hears(&mut self, who: u32, text: &str) {
        self.event(who, NEW_MESSAGE, text);
    }

    pub(super) fn hears_each(&mut self, who: u32, texts: &[&str]) {
        for text in texts {
            self.hears(who, text);
        }
    }

    pub(super) fn hear_all(&mut self, listeners: &[u32], text: &str) {
        for who in listeners {
            self.hears(*who, text);
        }
    }

    pub(super) fn welcome_all(&mut self, listeners: &[u32], name: &str) {
        for who in listeners {
            self.welcome(*who, name);
        }
    }

    pub(super) fn welcome(&mut self, who: u32, name: &str) {
        self.event(who, WELCOME, name);
    }

    pub(super) fn flush(&mut self, who: u32) {
        let (leg, id) = (self.leg(who), self.fresh());
        self.record(Kind::FlushSent { leg, id });
        self.record(Kind::FlushAcked { leg, id });
    }

    pub(super) fn fence(&mut self, who: u32) {
        let (leg, id) = (self.leg(who), self.fresh());
        self.record(Kind::FenceSent { leg, id });
        self.record(Kind::FenceAnswered { leg, id });
    }

    /// The proof of absence, for the clients whose latest connection is there.
    pub(super) fn quiet(&mut self, who: &[u32]) {
        for who in who {
            self.flush(*who);
        }
        for who in who {
            self.fence(*who);
        }
    }

    pub(super) fn examined(&self) -> Examination {
        examine(&self.plan, &self.history)
    }

    pub(super) fn kinds(&self) -> Vec<AnomalyKind> {
        let found = self.examined().anomalies;
        found.into_iter().map(|anomaly| anomaly.kind).collect()
    }

    fn op(&self, who: u32, is: impl Fn(&OpKind) -> bool) -> OpId {
        let mut ops = (0..).zip(&self.plan.ops);
        let found = ops.find(|(_, op)| op.actor == ActorId(who) && is(&op.kind));
        OpId(found.expect("an operation of this client").0)
    }
}
