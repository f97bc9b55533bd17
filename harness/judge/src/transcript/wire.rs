//! Which way each line of a transcript went, and the packets that it was.
//!
//! A history keeps packets decoded, and as they were on the wire where our own codec would not give the same
//! again: where a server spells numbers, spaces or keys otherwise, and where a chat of another dialect was
//! understood. What a library sent, or got, is encoded again here; what it was it does not say.

use std::collections::BTreeMap;

use chatspec_notation::ast::Act;
use chatspec_wire::data::Data;
use chatspec_wire::socket::Packet;

use crate::history::{Event, Item, Kind, Leg, Outgoing};
use crate::ids::ActorId;
use crate::plan::{OpKind, Plan, RawPacket};
use crate::referee::who;
use crate::verdict::{Way, WireNote};

/// Follows a history, for the namespaces that its connections joined.
pub(super) struct Wires<'a> {
    plan: &'a Plan,
    namespaces: BTreeMap<Leg, &'a str>,
}

impl<'a> Wires<'a> {
    pub(super) const fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            namespaces: BTreeMap::new(),
        }
    }

    /// What the event was on the wire; nothing where it is nobody's.
    pub(super) fn seen(&mut self, event: &Event, auth: Option<&Data>) -> Option<WireNote> {
        let (leg, way, packets) = match &event.kind {
            Kind::Connecting { leg, op } => {
                let OpKind::Connect { namespace, .. } = &self.plan.op(*op).kind else {
                    return None;
                };
                self.namespaces.insert(*leg, namespace);
                let connect = Packet::Connect {
                    ns: namespace.clone(),
                    data: auth.cloned(),
                };
                let packets = if self.plan.speaks_raw(leg.actor) {
                    Vec::new()
                } else {
                    connect.encode().readable()
                };
                (*leg, Way::ToServer, packets)
            }
            Kind::Sent { leg, op, what } => {
                let (way, packets) = self.sent(*leg, &self.plan.op(*op).kind, what)?;
                (*leg, way, packets)
            }
            Kind::Arrived { leg, item } => (*leg, Way::FromServer, self.arrived(*leg, item)),
            Kind::FlushSent { leg, .. } | Kind::FenceSent { leg, .. } => {
                (*leg, Way::ToServer, Vec::new())
            }
            Kind::FlushAcked { leg, .. }
            | Kind::FenceAnswered { leg, .. }
            | Kind::ConnectFailed { leg, .. } => (*leg, Way::FromServer, Vec::new()),
            Kind::Upgraded { leg } => (*leg, Way::Neither, Vec::new()),
            Kind::FlushImpossible { actor } => (first(*actor), Way::Neither, Vec::new()),
            Kind::HttpAnswered { op, .. } => {
                (first(self.plan.op(*op).actor), Way::Both, Vec::new())
            }
            _ => return None,
        };
        let packets = if event.wire.is_empty() {
            packets
        } else {
            event.wire.clone()
        };
        Some(WireNote {
            line: 0,
            who: who(&self.plan.actor(leg.actor).name, leg.number).to_string(),
            way,
            packets,
        })
    }

    fn sent(&self, leg: Leg, kind: &OpKind, what: &Outgoing) -> Option<(Way, Vec<String>)> {
        Some(match (what, kind) {
            (Outgoing::Event { event, args, ack }, _) => {
                let packet = self.event(leg, event, args, *ack);
                (Way::ToServer, packet.encode().readable())
            }
            (Outgoing::Raw { .. }, OpKind::RawSend(RawPacket::Bytes(bytes))) => {
                let bytes = Data::Binary(bytes.clone().into());
                (Way::ToServer, vec![bytes.to_string()])
            }
            (Outgoing::Raw { text }, _) => (Way::ToServer, vec![text.clone()]),
            (Outgoing::Act { .. }, OpKind::Act(Act::Disconnects)) => {
                let ns = self.namespace(leg);
                let packet = Packet::Disconnect { ns };
                (Way::ToServer, packet.encode().readable())
            }
            (Outgoing::Act { .. }, OpKind::Act(Act::Vanishes)) => (Way::ToServer, Vec::new()),
            (Outgoing::Act { .. }, OpKind::Act(_)) => (Way::Neither, Vec::new()),
            _ => return None,
        })
    }

    fn arrived(&self, leg: Leg, item: &Item) -> Vec<String> {
        let ns = self.namespace(leg);
        let packet = match item {
            Item::Event { event, args, ack } => self.event(leg, event, args, *ack),
            Item::Ack { id, args } => Packet::Ack {
                ns,
                id: *id,
                args: args.clone(),
            },
            Item::ConnectError { data } => Packet::ConnectError {
                ns,
                data: Some(data.clone()),
            },
            Item::Raw { text } => return vec![text.clone()],
            Item::Closed { .. } | Item::Broken { .. } => return Vec::new(),
        };
        packet.encode().readable()
    }

    fn event(&self, leg: Leg, event: &str, args: &[Data], id: Option<u64>) -> Packet {
        let name = Data::Text(event.to_owned());
        Packet::Event {
            ns: self.namespace(leg),
            id,
            args: std::iter::once(name).chain(args.iter().cloned()).collect(),
        }
    }

    fn namespace(&self, leg: Leg) -> String {
        let joined = self.namespaces.get(&leg);
        joined.map_or("/", |namespace| *namespace).to_owned()
    }
}

/// Who asks over HTTP, or is gone, is named without a connection.
const fn first(actor: ActorId) -> Leg {
    Leg { actor, number: 1 }
}
