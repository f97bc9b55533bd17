//! The contract: who hears what, and what is left out or late on purpose.

use std::collections::VecDeque;

use super::options::Options;
use super::packet::{Call, Packet, inside, room_name};
use super::rooms::Rooms;
use super::wires::{Member, Peer, Wires};
use crate::clock::Nanos;

/// The chat, without its sockets.
#[derive(Debug)]
pub(super) struct Chat {
    rooms: Rooms,
    /// How long a relay is held, in nanoseconds.
    delay: u64,
    /// Relays that are held. They are all held for the same time, so the first is due first.
    held: VecDeque<Held>,
    drops: Drops,
    /// A packet, while it is sent.
    packet: String,
}

/// A relay that is not due yet. Who hears it is asked when it is.
#[derive(Debug)]
struct Held {
    due: Nanos,
    from: Member,
    serial: u64,
    room: Box<str>,
    packet: Box<str>,
    ack: Option<Box<str>>,
}

/// Which deliveries are left out.
#[derive(Debug)]
struct Drops {
    one_in: Option<u64>,
    count: u64,
}

impl Chat {
    /// A chat where nobody is.
    pub(super) fn new(options: &Options) -> Self {
        Self {
            rooms: Rooms::default(),
            delay: u64::try_from(options.delay.as_nanos()).unwrap_or(u64::MAX),
            held: VecDeque::new(),
            drops: Drops {
                one_in: options.drop_one_in,
                count: 0,
            },
            packet: String::new(),
        }
    }

    /// Does what a packet asks. Says whether it ends the Engine.IO session.
    pub(super) fn take(&mut self, wires: &mut Wires, from: Member, packet: &str) -> bool {
        let Some(packet) = Packet::read(packet) else {
            return false;
        };
        match packet {
            Packet::Close => return true,
            Packet::Connect => Self::connect(wires, from),
            Packet::ConnectElsewhere(namespace) => {
                let error = r#"{"message":"Invalid namespace"}"#;
                self.send(wires, from, &["44", namespace, ",", error]);
            }
            Packet::Disconnect => {
                if let Some(peer) = wires.peer(from) {
                    let peer = std::mem::replace(
                        peer,
                        Peer {
                            serial: peer.serial,
                            ..Peer::default()
                        },
                    );
                    self.left(from, peer);
                }
            }
            Packet::Event {
                call,
                what,
                room,
                ack,
            } => {
                let Some(peer) = wires.peer(from).filter(|peer| peer.is_connected) else {
                    return false;
                };
                let room = room_name(room);
                match call {
                    Call::Enter => {
                        peer.nickname = what.map(Into::into);
                        self.enter(wires, from, what, &room, ack);
                    }
                    Call::Say => {
                        let nickname = inside(peer.nickname.as_deref());
                        let text = inside(what);
                        self.packet.clear();
                        for part in [r#"42["new_message",""#, &nickname, ": ", &text, r#""]"#] {
                            self.packet.push_str(part);
                        }
                        let serial = peer.serial;
                        self.relay_or_hold(wires, (from, serial), &room, ack);
                    }
                }
            }
        }
        false
    }

    /// Takes a client that is gone out of its rooms.
    pub(super) fn left(&mut self, member: Member, peer: Peer) {
        for room in peer.rooms {
            self.rooms.leave(room, member);
        }
    }

    /// When the next relay is due.
    pub(super) fn due(&self) -> Option<Nanos> {
        self.held.front().map(|held| held.due)
    }

    /// Does the relays that are due.
    pub(super) fn relay_due(&mut self, wires: &mut Wires, now: Nanos) {
        while let Some(held) = self.held.pop_front_if(|held| held.due <= now) {
            self.packet.clear();
            self.packet.push_str(&held.packet);
            // Whoever has its place now is somebody else, if the sender has gone.
            let is_there = |peer: &mut Peer| peer.serial == held.serial && peer.is_connected;
            let from = wires.peer(held.from).is_some_and(is_there);
            let from = from.then_some(held.from);
            self.relay(wires, from, &held.room, held.ack.as_deref());
        }
    }

    fn connect(wires: &mut Wires, from: Member) {
        let sid = wires.new_sid();
        if let Some(peer) = wires.peer(from)
            && !peer.is_connected
        {
            peer.is_connected = true;
            wires.put(from, &format!(r#"40{{"sid":"{sid}"}}"#));
        }
    }

    fn enter(
        &mut self,
        wires: &mut Wires,
        from: Member,
        nickname: Option<&str>,
        room: &str,
        ack: Option<&str>,
    ) {
        if let Some(peer) = wires.peer(from) {
            let id = self.rooms.id(room);
            if id.is_none_or(|id| !peer.rooms.contains(&id)) {
                peer.rooms.push(self.rooms.enter(room, from));
            }
        }
        self.ack(wires, from, ack);
        self.packet.clear();
        // What is undefined is null in JSON.
        for part in [r#"42["welcome","#, nickname.unwrap_or("null"), "]"] {
            self.packet.push_str(part);
        }
        let members = self.rooms.members(room);
        wires.put_to_all(members, &self.packet, |member| member != from);
    }

    fn relay_or_hold(
        &mut self,
        wires: &mut Wires,
        (from, serial): (Member, u64),
        room: &str,
        ack: Option<&str>,
    ) {
        if self.delay == 0 {
            self.relay(wires, Some(from), room, ack);
        } else {
            self.held.push_back(Held {
                due: Nanos::now().plus(self.delay),
                from,
                serial,
                room: room.into(),
                packet: self.packet.as_str().into(),
                ack: ack.map(Into::into),
            });
        }
    }

    /// Sends the packet at hand to everyone else in the room, then the ack.
    fn relay(&mut self, wires: &mut Wires, from: Option<Member>, room: &str, ack: Option<&str>) {
        let members = self.rooms.members(room);
        let drops = &mut self.drops;
        wires.put_to_all(members, &self.packet, |member| {
            Some(member) != from && !drops.next()
        });
        if let Some(from) = from {
            self.ack(wires, from, ack);
        }
    }

    fn ack(&mut self, wires: &mut Wires, to: Member, ack: Option<&str>) {
        if let Some(ack) = ack {
            self.send(wires, to, &["43", ack, "[]"]);
        }
    }

    fn send(&mut self, wires: &mut Wires, to: Member, parts: &[&str]) {
        self.packet.clear();
        for part in parts {
            self.packet.push_str(part);
        }
        wires.put(to, &self.packet);
    }
}

impl Drops {
    /// Whether the next delivery is one that is left out.
    const fn next(&mut self) -> bool {
        let Some(one_in) = self.one_in else {
            return false;
        };
        self.count += 1;
        let is_left_out = self.count >= one_in;
        if is_left_out {
            self.count = 0;
        }
        is_left_out
    }
}
