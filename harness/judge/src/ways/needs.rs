//! What a plan relies on, read from what its clients do.

use std::collections::{BTreeMap, BTreeSet};

use chatspec_notation::ast::Act;
use chatspec_wire::data::Data;

use crate::expand::{ENTER_ROOM, NEW_MESSAGE, nickname};
use crate::ids::{ActorId, OpId};
use crate::notices::{BYE, LEAVE_ROOM};
use crate::pattern::Pattern;
use crate::plan::{OpKind, Plan, RawPacket, Stage, Wanted};

use super::Ability;

/// All that `plan` relies on, but for [`Ability::Acks`] and [`Ability::Welcome`], which depend on what
/// else it looks at.
pub(super) fn of(plan: &Plan) -> BTreeSet<Ability> {
    let mut walk = Walk {
        plan,
        here: BTreeMap::new(),
        rooms: BTreeSet::new(),
        said: BTreeMap::new(),
        vanished: BTreeSet::new(),
        needs: BTreeSet::new(),
    };
    for stage in &plan.stages {
        let mut entering = 0;
        for op in in_turn(stage) {
            let is_entering =
                matches!(&plan.op(op).kind, OpKind::Emit { event, .. } if event == ENTER_ROOM);
            entering += usize::from(is_entering);
            walk.op(op);
        }
        if entering > 1 {
            // Which of them a nameless welcome is for, nobody can say.
            walk.needs.insert(Ability::Authors);
        }
    }
    walk.needs
}

/// Whether something is asked that only the place of an ack among other events can answer: a receive that
/// must be here `already`, or an entering that others have noticed and answered before its ack is taken.
pub(super) fn the_place_of_an_ack(plan: &Plan) -> bool {
    let order: Vec<OpId> = plan.stages.iter().flat_map(in_turn).collect();
    let place = |id: OpId| order.iter().position(|op| *op == id);
    order.iter().enumerate().any(|(index, op)| {
        let OpKind::Receive {
            wanted, already, ..
        } = &plan.op(*op).kind
        else {
            return false;
        };
        let Wanted::Ack {
            request,
            label: Some(_),
            ..
        } = wanted
        else {
            return *already;
        };
        let OpKind::Emit { event, .. } = &plan.op(*request).kind else {
            return false;
        };
        let by_others = |between: &OpId| {
            let between = plan.op(*between);
            between.actor != plan.op(*op).actor && matches!(between.kind, OpKind::Emit { .. })
        };
        let since = place(*request).map_or(index, |asked| asked + 1);
        *already
            || (event == ENTER_ROOM
                && order
                    .get(since..index)
                    .is_some_and(|between| between.iter().any(by_others)))
    })
}

/// The operations of a stage in the order in which they are started: of lanes, one of each in turn.
fn in_turn(stage: &Stage) -> Vec<OpId> {
    let lanes = match stage {
        Stage::One(op) => return vec![*op],
        Stage::Together(lanes) | Stage::AnyOrder(lanes) => lanes,
    };
    let longest = lanes.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest)
        .flat_map(|turn| lanes.iter().filter_map(move |lane| lane.get(turn).copied()))
        .collect()
}

struct Walk<'p> {
    plan: &'p Plan,
    /// The connections there are.
    here: BTreeMap<ActorId, Guest>,
    /// The rooms that were named.
    rooms: BTreeSet<String>,
    /// The nicknames of those who are gone without a word, as far as nobody has been told.
    vanished: BTreeSet<String>,
    /// Who said what.
    said: BTreeMap<String, ActorId>,
    needs: BTreeSet<Ability>,
}

/// A client that is connected.
#[derive(Default)]
struct Guest {
    nickname: Option<String>,
    rooms: BTreeSet<String>,
    /// Whether somebody spoke before it entered any.
    waited: bool,
}

impl Walk<'_> {
    fn op(&mut self, id: OpId) {
        let op = self.plan.op(id);
        let actor = op.actor;
        match &op.kind {
            OpKind::Connect {
                auth, namespace, ..
            } => {
                if auth.is_some() || namespace != "/" {
                    self.needs.insert(Ability::OwnConnect);
                }
                self.here.insert(actor, Guest::default());
            }
            OpKind::Emit { event, args, .. } => match event.as_str() {
                ENTER_ROOM => self.enters(actor, args),
                NEW_MESSAGE => self.says(actor, args),
                LEAVE_ROOM => self.leaves(actor, args),
                _ => {}
            },
            OpKind::Receive { wanted, .. } => match wanted {
                Wanted::Closed => {
                    self.here.remove(&actor);
                }
                Wanted::Raw(packet) => self.raw(packet),
                // Whoever tells that somebody is gone has noticed.
                Wanted::Event { event, .. } if event == BYE => self.vanished.clear(),
                Wanted::Event { .. } | Wanted::Ack { .. } | Wanted::ConnectError(_) => {}
            },
            OpKind::RawSend(packet) => self.raw(packet),
            OpKind::Act(Act::Vanishes) => {
                let gone = self.here.remove(&actor);
                self.vanished.extend(gone.and_then(|guest| guest.nickname));
            }
            OpKind::UpTo { .. } | OpKind::Act(Act::Disconnects) => {
                self.here.remove(&actor);
            }
            OpKind::RestartServer => self.here.clear(),
            OpKind::Act(_)
            | OpKind::Silence { .. }
            | OpKind::Http { .. }
            | OpKind::DelayLink(_) => {}
        }
    }

    fn enters(&mut self, actor: ActorId, args: &[Pattern]) {
        let Some((name, room)) = texts(args) else {
            self.needs.insert(Ability::AnyArguments);
            return;
        };
        self.names(room);
        self.speaks_to_all(Some(actor));
        let its_own = nickname(&self.plan.actor(actor).name);
        if name != its_own {
            self.needs.insert(Ability::Nicknames);
            if !is_usual(name) {
                self.needs.insert(Ability::AnyNickname);
            }
        }
        let shared = self
            .here
            .iter()
            .any(|(other, guest)| *other != actor && guest.nickname.as_deref() == Some(name));
        if shared || self.vanished.contains(name) {
            self.needs.insert(Ability::Namesakes);
        }
        let guest = self.here.entry(actor).or_default();
        if guest.rooms.is_empty() && guest.waited {
            self.needs.insert(Ability::LateEntering);
        }
        if guest.rooms.contains(room) {
            self.needs.insert(Ability::EnteringAgain);
        } else if !guest.rooms.is_empty() {
            self.needs.insert(Ability::SeveralRooms);
        }
        if guest
            .nickname
            .as_deref()
            .is_some_and(|before| before != name)
        {
            self.needs.insert(Ability::Renaming);
        }
        guest.nickname = Some(name.to_owned());
        guest.rooms.insert(room.to_owned());
    }

    fn says(&mut self, actor: ActorId, args: &[Pattern]) {
        let Some((text, room)) = texts(args) else {
            self.needs.insert(Ability::AnyArguments);
            return;
        };
        self.names(room);
        self.speaks_to_all(None);
        let guest = self.here.get(&actor);
        if !guest.is_some_and(|guest| guest.rooms.contains(room)) {
            self.needs.insert(Ability::Outside);
        }
        if !is_plain(text) {
            self.needs.insert(Ability::AnyText);
        }
        let by = *self.said.entry(text.to_owned()).or_insert(actor);
        if by != actor {
            self.needs.insert(Ability::Authors);
        }
    }

    fn leaves(&mut self, actor: ActorId, args: &[Pattern]) {
        self.speaks_to_all(None);
        if let (Some(guest), Some(Pattern::Exactly(Data::Text(room)))) =
            (self.here.get_mut(&actor), args.first())
        {
            guest.rooms.remove(room);
        }
    }

    /// A room is named: the second one, or one with a name of the scenario's own, is asking for more.
    fn names(&mut self, room: &str) {
        let is_twin = |other: &String| other != room && other.eq_ignore_ascii_case(room);
        if self.rooms.iter().any(is_twin) {
            self.needs.insert(Ability::AnyRoom);
        }
        self.rooms.insert(room.to_owned());
        if self.rooms.len() > 1 {
            self.needs.insert(Ability::Rooms);
        }
        if !room.starts_with(&self.plan.tag) {
            self.needs.insert(Ability::AnyRoom);
        }
    }

    /// Somebody says something that, were there one room for everybody, a connection in none would hear.
    fn speaks_to_all(&mut self, entering: Option<ActorId>) {
        for (actor, guest) in &mut self.here {
            if Some(*actor) != entering && guest.rooms.is_empty() {
                guest.waited = true;
                self.needs.insert(Ability::Rooms);
            }
        }
    }

    fn raw(&mut self, packet: &RawPacket) {
        let speaks_chat = match packet {
            // Events, acks, CONNECT: what the contract has names for (Socket.IO protocol v5, "Packet
            // types"). Whatever else is garbage everywhere.
            RawPacket::Text(text) => ["40", "42", "43", "44", "45", "46"]
                .iter()
                .any(|kind| text.starts_with(kind)),
            RawPacket::Bytes(_) => false,
        };
        if speaks_chat {
            self.needs.insert(Ability::RawPackets);
        }
    }
}

/// The two texts that a request of the contract has.
fn texts(args: &[Pattern]) -> Option<(&str, &str)> {
    match args {
        [
            Pattern::Exactly(Data::Text(one)),
            Pattern::Exactly(Data::Text(other)),
        ] => Some((one, other)),
        _ => None,
    }
}

/// Whether a text is one that every chat relays as it is: words, as people write them.
fn is_plain(text: &str) -> bool {
    const LONGEST: usize = 200;
    let usual = |char: char| char.is_alphanumeric() || " .,!?-_".contains(char);
    (1..=LONGEST).contains(&text.len())
        && text.chars().all(usual)
        && text.trim() == text
        && !text.contains("  ")
}

/// Whether a nickname is one that any chat takes.
fn is_usual(name: &str) -> bool {
    const LONGEST: usize = 16;
    (1..=LONGEST).contains(&name.len()) && name.chars().all(|char| char.is_ascii_alphanumeric())
}
