//! Which way each line of a transcript went, and the packets that it was.
//!
//! A history keeps packets decoded. What is shown here is encoded again by our own codec: the same
//! packet, of which the server may have spelled numbers, spaces and the order of keys otherwise. Raw
//! packets are as they came.

use std::collections::BTreeMap;

use chatspec_notation::ast::Act;
use chatspec_wire::data::Data;
use chatspec_wire::engine;
use chatspec_wire::socket::{Encoded, Packet};

use crate::history::{Item, Kind, Leg, Outgoing};
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
    pub(super) fn seen(&mut self, kind: &Kind, auth: Option<&Data>) -> Option<WireNote> {
        let (leg, way, packets) = match kind {
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
                    shown(connect.encode())
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
                (Way::ToServer, shown(packet.encode()))
            }
            (Outgoing::Raw { .. }, OpKind::RawSend(RawPacket::Bytes(bytes))) => {
                let bytes = Data::Binary(bytes.clone().into());
                (Way::ToServer, vec![bytes.to_string()])
            }
            (Outgoing::Raw { text }, _) => (Way::ToServer, vec![text.clone()]),
            (Outgoing::Act { .. }, OpKind::Act(Act::Disconnects)) => {
                let ns = self.namespace(leg);
                let packet = Packet::Disconnect { ns };
                (Way::ToServer, shown(packet.encode()))
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
        shown(packet.encode())
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

/// The Engine.IO packets, as they are read.
fn shown(encoded: Encoded) -> Vec<String> {
    let text = engine::Packet::Message(encoded.text).encode_text();
    let attachments = encoded.attachments.into_iter();
    let attachments = attachments.map(|bytes| Data::Binary(bytes).to_string());
    text.into_iter().chain(attachments).map(cut).collect()
}

/// Texts of many kilobytes are in the transcript; how one is framed shows at its beginning.
fn cut(packet: String) -> String {
    const LONGEST: usize = 2_000;
    let length = packet.chars().count();
    match packet.char_indices().nth(LONGEST) {
        None => packet,
        Some((end, _)) => {
            let more = length - LONGEST;
            let head = packet.get(..end).unwrap_or_default();
            format!("{head}... ({more} more characters)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_says_how_much_is_missing() {
        assert_eq!(cut("é".repeat(2_000)), "é".repeat(2_000));
        let long = cut("é".repeat(2_003));
        assert!(long.ends_with("é... (3 more characters)"), "{long}");
    }

    #[test]
    fn bytes_stand_behind_the_packet_that_announces_them() {
        let bytes = Data::Binary(vec![0, 255].into());
        let packet = Packet::event("message", [bytes], Some(7));
        let told = shown(packet.encode());
        assert_eq!(
            told,
            [
                r#"451-7["message",{"_placeholder":true,"num":0}]"#,
                "bytes 00 ff"
            ]
        );
    }
}
