//! Connections and polling sessions; everything that leaves goes through here.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use mio::net::TcpStream;
use slab::Slab;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::connection::{Connection, Role, Written};
use super::http;
use super::poller::Poller;
use super::rooms::RoomId;
use crate::frame;

/// A client, by where it is reached. As nobody changes the transport, neither does this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// Over WebSocket, by its connection.
    Socket(usize),
    /// Over long-polling, by its session.
    Poller(usize),
}

/// Who somebody is to the chat.
#[derive(Debug, Default)]
pub(super) struct Peer {
    /// No other client ever has the same one. A place in a slab is used again.
    pub(super) serial: u64,
    /// Whether it is connected to the main namespace.
    pub(super) is_connected: bool,
    /// The nickname, as JSON; none until a room was entered, or if none was given then.
    pub(super) nickname: Option<Box<str>>,
    /// The rooms it is in.
    pub(super) rooms: Vec<RoomId>,
}

/// All connections and polling sessions.
#[derive(Debug, Default)]
pub(super) struct Wires {
    pub(super) connections: Slab<Connection>,
    pub(super) pollers: Slab<Poller>,
    /// Only ever asked for one of them; nothing depends on an order.
    by_sid: HashMap<String, usize>,
    /// Connections to which something is to be written.
    unwritten: Vec<usize>,
    /// Sessions with a poll that may have an answer now.
    unanswered: Vec<usize>,
    /// Connections to read from although nothing new may have arrived.
    pub(super) unread: Vec<usize>,
    /// Members whose connection or session is gone and who are still in their rooms.
    pub(super) gone: Vec<(Member, Peer)>,
    /// A frame, while it is copied.
    frame: Vec<u8>,
    keys: RandomState,
    serials: u64,
    /// What may wait for one reader, in bytes.
    most_unread: usize,
}

const TEXT: OpCode = OpCode::Data(Data::Text);

impl Wires {
    /// No connection and no session. Who lets more than so many bytes wait is left.
    pub(super) fn new(most_unread: usize) -> Self {
        Self {
            most_unread,
            ..Self::default()
        }
    }

    /// Who a client is; none if it is gone.
    pub(super) fn peer(&mut self, member: Member) -> Option<&mut Peer> {
        match member {
            Member::Socket(at) => match &mut self.connections.get_mut(at)?.role {
                Role::WebSocket { peer, .. } => Some(peer),
                Role::Http { .. } => None,
            },
            Member::Poller(at) => Some(&mut self.pollers.get_mut(at)?.peer),
        }
    }

    /// A client that was never there before.
    pub(super) fn new_peer(&mut self) -> Peer {
        self.serials += 1;
        Peer {
            serial: self.serials,
            ..Peer::default()
        }
    }

    /// An id that nobody can guess and nobody else has.
    pub(super) fn new_sid(&mut self) -> String {
        self.serials += 1;
        let serial = self.serials;
        format!("{:016x}{serial:04x}", self.keys.hash_one(serial))
    }

    /// Takes in a connection; says where it is.
    pub(super) fn connect(&mut self, stream: TcpStream) -> usize {
        self.connections.insert(Connection::new(stream))
    }

    /// Opens a polling session; says where it is.
    pub(super) fn open_poller(&mut self, sid: &str) -> usize {
        let peer = self.new_peer();
        let at = self.pollers.insert(Poller::new(sid.to_owned(), peer));
        self.by_sid.insert(sid.to_owned(), at);
        at
    }

    /// The polling session with this id.
    pub(super) fn poller(&self, sid: &str) -> Option<usize> {
        self.by_sid.get(sid).copied()
    }

    /// Sends a packet to one client.
    pub(super) fn put(&mut self, to: Member, packet: &str) {
        self.put_to_all(&[to], packet, |_| true);
    }

    /// Sends a packet to many, of whom `wants` is asked for each. It is put into a frame once.
    pub(super) fn put_to_all(
        &mut self,
        members: &[Member],
        packet: &str,
        mut wants: impl FnMut(Member) -> bool,
    ) {
        self.frame.clear();
        frame::put(&mut self.frame, TEXT, packet.as_bytes(), None);
        for &member in members {
            if !wants(member) {
                continue;
            }
            match member {
                Member::Socket(at) => {
                    if let Some(connection) = self.connections.get_mut(at)
                        && connection.put(&self.frame, self.most_unread)
                    {
                        self.unwritten.push(at);
                    }
                }
                Member::Poller(at) => {
                    if let Some(poller) = self.pollers.get_mut(at)
                        && poller.put(packet.as_bytes(), self.most_unread)
                    {
                        self.unanswered.push(at);
                    }
                }
            }
        }
    }

    /// Sends bytes that `put` makes on a connection, as they are.
    pub(super) fn put_raw(&mut self, at: usize, put: impl FnOnce(&mut Vec<u8>)) {
        if let Some(connection) = self.connections.get_mut(at)
            && !connection.is_ending()
        {
            put(connection.out());
            if connection.list() {
                self.unwritten.push(at);
            }
        }
    }

    /// Lets a connection write again.
    pub(super) fn is_writable(&mut self, at: usize) {
        if let Some(connection) = self.connections.get_mut(at)
            && connection.has_out()
            && connection.list()
        {
            self.unwritten.push(at);
        }
    }

    /// Ends a connection when what waits has been written.
    pub(super) fn end(&mut self, at: usize) {
        if let Some(connection) = self.connections.get_mut(at) {
            connection.end();
            if connection.list() {
                self.unwritten.push(at);
            }
        }
    }

    /// Drops a connection, and with it whoever is there.
    pub(super) fn drop_connection(&mut self, at: usize) {
        let Some(connection) = self.connections.try_remove(at) else {
            return;
        };
        match connection.role {
            Role::WebSocket { peer, .. } => self.gone.push((Member::Socket(at), peer)),
            Role::Http {
                waits: Some((poller, _)),
            } => {
                if let Some(poller) = self.pollers.get_mut(poller) {
                    poller.waits_on = None;
                }
            }
            Role::Http { waits: None } => {}
        }
    }

    /// Ends a polling session. A poll that waits is answered with what waits, or with `last`.
    pub(super) fn end_poller(&mut self, at: usize, last: &str) {
        let Some(mut poller) = self.pollers.try_remove(at) else {
            return;
        };
        self.by_sid.remove(&poller.sid);
        if let Some(connection) = poller.waits_on {
            let body = poller.take();
            self.answer(connection, body.as_deref().unwrap_or(last.as_bytes()));
        }
        self.gone.push((Member::Poller(at), poller.peer));
    }

    /// Writes all that waits, once for each connection.
    pub(super) fn flush(&mut self) {
        let mut unanswered = std::mem::take(&mut self.unanswered);
        for at in unanswered.drain(..) {
            self.answer_poll(at);
        }
        self.unanswered = unanswered;

        let mut unwritten = std::mem::take(&mut self.unwritten);
        for at in unwritten.drain(..) {
            let written = self.connections.get_mut(at).map(Connection::write);
            if written == Some(Written::Ended) {
                self.drop_connection(at);
            }
        }
        self.unwritten = unwritten;
    }

    /// Answers the poll of a session that waits, if there is something.
    pub(super) fn answer_poll(&mut self, at: usize) {
        let Some(poller) = self.pollers.get_mut(at) else {
            return;
        };
        poller.is_listed = false;
        if poller.is_overdue {
            self.end_poller(at, "1");
            return;
        }
        if let Some(connection) = poller.waits_on
            && let Some(body) = poller.take()
        {
            poller.waits_on = None;
            self.answer(connection, &body);
        }
    }

    /// Answers the poll that waits on a connection.
    fn answer(&mut self, at: usize, body: &[u8]) {
        let Some(connection) = self.connections.get_mut(at) else {
            return;
        };
        let Role::Http { waits } = &mut connection.role else {
            return;
        };
        let Some((_, keeps)) = waits.take() else {
            return;
        };
        if !connection.inbox.is_empty() {
            self.unread.push(at);
        }
        self.put_raw(at, |out| http::put_body(out, body, keeps));
        if !keeps {
            self.end(at);
        }
    }
}
