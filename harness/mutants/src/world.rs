//! The chat, its bug and everybody's connection, behind one lock.
//!
//! One lock, because the original is single-threaded: all members of a room see its messages in the
//! same order.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chatspec_wire::data::Data;
use chatspec_wire::engine;
use chatspec_wire::socket::{MAIN_NAMESPACE, Packet};

use crate::bug::{Bug, Effect, Request};
use crate::chat::{Change, Chat, Node, SocketId};
use crate::session::Session;

pub(crate) struct World {
    chat: Chat,
    pub(crate) bug: Box<dyn Bug>,
    sockets: HashMap<SocketId, Arc<Session>>,
}

/// Why effects were not all performed.
pub(crate) enum Pause {
    /// The others have to wait.
    Wait(Duration),
    /// There is nobody left to perform them.
    Die,
}

impl World {
    pub(crate) fn new(bug: Box<dyn Bug>, announces: bool) -> Self {
        Self {
            chat: Chat::new(announces),
            bug,
            sockets: HashMap::new(),
        }
    }

    /// A client has joined the namespace; tells it so.
    pub(crate) fn connect(&mut self, session: &Arc<Session>) {
        let effects = self.chat.connect(self.bug.as_mut(), session.id);
        self.sockets.insert(session.id, Arc::clone(session));
        let sid = [("sid".to_owned(), Data::from(session.socket_sid()))]
            .into_iter()
            .collect();
        let ns = MAIN_NAMESPACE.to_owned();
        self.send(
            session.id,
            &Packet::Connect {
                ns,
                data: Some(Data::Object(sid)),
            },
        );
        self.announce(effects);
    }

    /// A client has left the namespace.
    pub(crate) fn disconnect(&mut self, socket: SocketId, change: Change) {
        let effects = self.chat.disconnect(self.bug.as_mut(), socket, change);
        self.sockets.remove(&socket);
        self.announce(effects);
    }

    /// Performs what takes no time.
    fn announce(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Emit { to, event, args } = effect {
                self.send(to, &Packet::event(&event, args, None));
            }
        }
    }

    /// What the requests of one client lead to.
    pub(crate) fn handle(&mut self, requests: Vec<Request>) -> VecDeque<Effect> {
        let requests = self.bug.order(requests);
        let mut effects = Vec::new();
        for request in &requests {
            let all = self.chat.handle(self.bug.as_mut(), request);
            effects.extend(across(self.bug.as_mut(), &self.chat, request, all));
        }
        self.bug.all_effects(effects).into()
    }

    /// Performs effects up to the first that needs time.
    pub(crate) fn perform(&mut self, effects: &mut VecDeque<Effect>) -> Option<Pause> {
        while let Some(effect) = effects.pop_front() {
            if !self.bug.performs(&effect) {
                continue;
            }
            match effect {
                Effect::Ack { to, id, args } => self.send(to, &Packet::ack(id, args)),
                Effect::Emit { to, event, args } => {
                    self.send(to, &Packet::event(&event, args, None));
                }
                Effect::Join { socket, room } => self.chat.join(socket, room),
                Effect::Leave { socket, room } => self.chat.leave(socket, &room),
                Effect::Close(socket) => {
                    if let Some(session) = self.sockets.get(&socket) {
                        session.close();
                    }
                }
                Effect::Wait(time) => return Some(Pause::Wait(time)),
                Effect::Die => return Some(Pause::Die),
            }
        }
        None
    }

    fn send(&mut self, to: SocketId, packet: &Packet) {
        let Some(session) = self.sockets.get(&to) else {
            return;
        };
        let packets = self
            .bug
            .packets(to, session.unheard(), engine_packets(packet));
        session.push(packets);
    }
}

/// How long what is said on one node takes to another.
const CROSSING: Duration = Duration::from_millis(2);

/// Effects on sockets of other nodes take place later than those on the node that was asked, and in
/// their order, since this client's further requests wait. What came in front of its ack still does:
/// an ack of this server speaks for all nodes (the capability `ack-across-nodes`).
fn across(bug: &mut dyn Bug, chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
    let Node(asked) = request.from.1;
    let is_far = |effect: &Effect| matches!(effect, Effect::Emit { to: SocketId(_, Node(on)), .. } if *on != asked);
    let Some(last) = effects.iter().rposition(is_far) else {
        return effects;
    };
    let acked_behind = effects[last..].iter().any(Effect::is_ack) && !bug.acks_before_crossing();
    let (far, mut near): (Vec<_>, Vec<_>) = effects.into_iter().partition(is_far);
    let far = bug.crosses(chat, request, far);
    let crossing = std::iter::once(Effect::Wait(CROSSING)).chain(far);
    let place = match near.iter().position(Effect::is_ack) {
        Some(ack) if acked_behind => ack,
        _ => near.len(),
    };
    near.splice(place..place, crossing);
    near
}

/// A socket packet as the engine carries it: its text, and then its attachments.
pub(crate) fn engine_packets(packet: &Packet) -> Vec<engine::Packet> {
    let encoded = packet.encode();
    let text = std::iter::once(engine::Packet::Message(encoded.text));
    text.chain(encoded.attachments.into_iter().map(engine::Packet::Binary))
        .collect()
}
