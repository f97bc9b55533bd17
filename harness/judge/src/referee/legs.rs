//! The connections of the clients, as far as the history has come.

use std::collections::BTreeMap;

use crate::history::Leg;
use crate::ids::{ActorId, OpId};

/// Each client's latest connection.
#[derive(Default)]
pub(crate) struct Legs {
    latest: BTreeMap<ActorId, Connection>,
}

struct Connection {
    number: u32,
    op: OpId,
    state: State,
    reads: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is there, or on its way.
    Here,
    /// The server ended it, or never let it begin.
    Ended,
    /// The client left.
    Left,
}

impl Legs {
    /// `op` opens a connection; whatever the client had before is over.
    pub(crate) fn connecting(&mut self, leg: Leg, op: OpId) {
        let connection = Connection {
            number: leg.number,
            op,
            state: State::Here,
            reads: true,
        };
        self.latest.insert(leg.actor, connection);
    }

    /// The server ended it. Whether that is news: a DISCONNECT and the end of the connection below
    /// it are one end.
    pub(crate) fn ended(&mut self, leg: Leg) -> bool {
        let Some(connection) = self.current(leg) else {
            return false;
        };
        let news = connection.state == State::Here;
        if news {
            connection.state = State::Ended;
        }
        news
    }

    /// The client left.
    pub(crate) fn left(&mut self, leg: Leg) {
        if let Some(connection) = self.current(leg) {
            connection.state = State::Left;
        }
    }

    /// The client stopped to read, or reads again.
    pub(crate) fn reads(&mut self, leg: Leg, reads: bool) {
        if let Some(connection) = self.current(leg) {
            connection.reads = reads;
        }
    }

    /// Whether the client has nothing to do with this connection any more: it left, or has another.
    /// What a server that has not heard of it yet still sends is nobody's business.
    pub(crate) fn is_forgotten(&self, leg: Leg) -> bool {
        let known = self.latest.get(&leg.actor);
        known.is_some_and(|latest| leg.number < latest.number || latest.state == State::Left)
    }

    /// Whether this connection is still there.
    pub(crate) fn is_here(&self, leg: Leg) -> bool {
        let known = self.latest.get(&leg.actor);
        known.is_some_and(|latest| latest.number == leg.number && latest.state == State::Here)
    }

    /// Whether the client takes what its connection brings.
    pub(super) fn is_reading(&self, actor: ActorId) -> bool {
        self.latest.get(&actor).is_none_or(|latest| latest.reads)
    }

    /// The connection that the client has.
    pub(crate) fn here(&self, actor: ActorId) -> Option<Leg> {
        let latest = self.latest.get(&actor)?;
        let number = latest.number;
        (latest.state == State::Here).then_some(Leg { actor, number })
    }

    /// The operation that opened it.
    pub(super) fn opened_by(&self, leg: Leg) -> Option<OpId> {
        let latest = self.latest.get(&leg.actor)?;
        (latest.number == leg.number).then_some(latest.op)
    }

    fn current(&mut self, leg: Leg) -> Option<&mut Connection> {
        let latest = self.latest.get_mut(&leg.actor)?;
        (latest.number == leg.number).then_some(latest)
    }
}
