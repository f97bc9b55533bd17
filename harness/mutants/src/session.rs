//! One Engine.IO session: what is under way to a client, over whichever transport.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chatspec_wire::data::Data;
use chatspec_wire::engine::{Handshake, Packet};
use chatspec_wire::socket::{self, Decoder, MAIN_NAMESPACE};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use crate::bug::{Call, Oddity, Request};
use crate::chat::{Node, SocketId};
use crate::lock::lock;
use crate::world::engine_packets;

/// Time between two pings.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(25);
/// How long a client may take to answer one.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest message, in bytes, on either transport.
pub(crate) const MAX_PAYLOAD: usize = 1_000_000;

/// What a session asks of its worker, in the order in which the client sent it.
#[derive(Debug)]
pub(crate) enum Queued {
    /// The client joins the namespace.
    Connect,
    /// The client wants something.
    Request(Request),
    /// The client leaves the namespace.
    Disconnect,
    /// The client sent what it should not.
    Odd(Oddity),
    /// The connection is gone.
    Gone,
}

/// How the server speaks to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Polling,
    /// Long-polling, while a WebSocket is being tried.
    Upgrading,
    WebSocket,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SocketId,
    /// The engine's id of the session, a part of every request's URL.
    pub(crate) sid: String,
    state: Mutex<State>,
    changed: Notify,
    queue: mpsc::UnboundedSender<Queued>,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) transport: Transport,
    pub(crate) outbox: VecDeque<Packet>,
    /// Why the session has ended.
    pub(crate) closed: Option<Closed>,
    /// Whether a long-polling GET or POST is being answered; a second one ends the session.
    pub(crate) getting: bool,
    pub(crate) posting: bool,
    connected: bool,
    decoder: Decoder,
    pongs: u64,
    unheard: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    ByClient,
    ByServer,
}

impl Session {
    pub(crate) fn new(
        number: u64,
        node: Node,
        transport: Transport,
        queue: mpsc::UnboundedSender<Queued>,
    ) -> Arc<Self> {
        let state = State {
            transport,
            outbox: VecDeque::new(),
            closed: None,
            getting: false,
            posting: false,
            connected: false,
            decoder: Decoder::new(),
            pongs: 0,
            unheard: 0,
        };
        // Not a secret, but two servers on one machine must not share ids by counting alike.
        let salt = RandomState::new().hash_one(number);
        let session = Self {
            id: SocketId(number, node),
            sid: format!("e{number}-{salt:016x}"),
            state: Mutex::new(state),
            changed: Notify::new(),
            queue,
        };
        let upgrades = match transport {
            Transport::Polling | Transport::Upgrading => vec!["websocket".to_owned()],
            Transport::WebSocket => Vec::new(),
        };
        session.push(vec![Packet::Open(Handshake {
            sid: session.sid.clone(),
            upgrades,
            ping_interval_ms: millis(PING_INTERVAL),
            ping_timeout_ms: millis(PING_TIMEOUT),
            max_payload: Some(MAX_PAYLOAD as u64),
        })]);
        Arc::new(session)
    }

    /// The id in the namespace, which is not the engine's.
    pub(crate) fn socket_sid(&self) -> String {
        self.sid.replacen('e', "s", 1)
    }

    /// Puts packets under way.
    pub(crate) fn push(&self, packets: Vec<Packet>) {
        self.update(|state| {
            if state.closed.is_none() {
                state.unheard += packets.len();
                state.outbox.extend(packets);
            }
        });
    }

    /// How many packets have been sent since the client last sent one.
    pub(crate) fn unheard(&self) -> usize {
        lock(&self.state).unheard
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed.is_some()
    }

    /// Ends the session; the transport that waits is told.
    pub(crate) fn close(&self) {
        self.close_because(Closed::ByServer);
    }

    fn close_because(&self, why: Closed) {
        let first = self.update(|state| {
            let first = state.closed.is_none();
            state.closed.get_or_insert(why);
            first
        });
        if first {
            self.enqueue(Queued::Gone);
        }
    }

    /// Changes the state and wakes everybody who waits for a change.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut lock(&self.state));
        self.changed.notify_waiters();
        result
    }

    /// Waits until `ready` finds what it looks for.
    pub(crate) async fn wait_until<T>(&self, mut ready: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Listen before looking, else a change between the two would be missed.
            changed.as_mut().enable();
            if let Some(found) = ready(&mut lock(&self.state)) {
                return found;
            }
            changed.await;
        }
    }

    pub(crate) async fn until_closed(&self) {
        self.wait_until(|state| state.closed.map(|_| ())).await;
    }

    /// Pings for as long as the client answers, then ends the session. A client that has joined no
    /// namespace by the first ping is not waited for any longer.
    pub(crate) async fn keep_alive(&self) {
        while timeout(PING_INTERVAL, self.until_closed()).await.is_err() {
            let (connected, seen) = self.update(|state| (state.connected, state.pongs));
            self.push(vec![Packet::Ping(String::new())]);
            let answered = self
                .wait_until(|state| (state.closed.is_some() || state.pongs > seen).then_some(()));
            if !connected || timeout(PING_TIMEOUT, answered).await.is_err() {
                self.close();
            }
        }
    }

    /// Takes a packet from the client.
    pub(crate) fn receive(&self, packet: Packet) {
        let decoded = self.update(|state| {
            if state.closed.is_some() {
                return Ok(None);
            }
            state.unheard = 0;
            match packet {
                Packet::Message(text) => state.decoder.text(&text),
                Packet::Binary(bytes) => state.decoder.binary(bytes),
                Packet::Pong(_) => {
                    state.pongs += 1;
                    Ok(None)
                }
                // As the original does, what a client should not send at this time is overlooked.
                Packet::Open(_) | Packet::Upgrade | Packet::Noop => Ok(None),
                Packet::Close => return Err(Closed::ByClient),
                // Only a probe may come from a client, and those do not get here.
                Packet::Ping(_) => return Err(Closed::ByServer),
            }
            .map_err(|_| Closed::ByServer)
        });
        match decoded {
            Ok(None) => {}
            Ok(Some(packet)) => self.receive_socket_packet(packet),
            Err(why) => {
                if why == Closed::ByServer {
                    self.enqueue(Queued::Odd(Oddity::Garbage));
                }
                self.close_because(why);
            }
        }
    }

    fn receive_socket_packet(&self, packet: socket::Packet) {
        use socket::Packet as Socket;
        match packet {
            Socket::Connect { ns, .. } if ns != MAIN_NAMESPACE => {
                let message = [("message".to_owned(), Data::from("Invalid namespace"))];
                let data = Some(Data::Object(message.into_iter().collect()));
                self.push(engine_packets(&Socket::ConnectError { ns, data }));
            }
            Socket::Connect { .. } => self.enter_or_leave(true, Queued::Connect),
            Socket::Disconnect { ns } if ns == MAIN_NAMESPACE => {
                self.enter_or_leave(false, Queued::Disconnect);
            }
            Socket::Event { ns, id, args } if ns == MAIN_NAMESPACE && self.is_connected() => {
                if let Some((call, surplus)) = call(args) {
                    self.enqueue(Queued::Request(Request {
                        from: self.id,
                        id,
                        call,
                        surplus,
                    }));
                }
            }
            // The server asks for no acks, and an ack that nobody waits for harms nobody.
            Socket::Ack { .. } => self.enqueue(Queued::Odd(Oddity::StrayAck)),
            Socket::Event { .. } | Socket::Disconnect { .. } | Socket::ConnectError { .. } => {
                self.close();
            }
        }
    }

    fn is_connected(&self) -> bool {
        lock(&self.state).connected
    }

    /// To join twice, or to leave what was not joined, ends the session.
    fn enter_or_leave(&self, enters: bool, queued: Queued) {
        let was_connected = self.update(|state| std::mem::replace(&mut state.connected, enters));
        if was_connected == enters {
            self.close();
        } else {
            self.enqueue(queued);
        }
    }

    fn enqueue(&self, queued: Queued) {
        // The worker is gone only when the server is.
        drop(self.queue.send(queued));
    }
}

/// What an event asks for, and how many arguments are left over; the name of an event is text, in
/// Socket.IO too.
fn call(args: Vec<Data>) -> Option<(Call, usize)> {
    let mut args = args.into_iter();
    let name = args.next()?;
    let call = match name.as_text()? {
        "enter_room" => Call::EnterRoom {
            nickname: args.next(),
            room: args.next(),
        },
        "new_message" => Call::NewMessage {
            text: args.next(),
            room: args.next(),
        },
        "leave_room" => Call::LeaveRoom { room: args.next() },
        name @ ("message" | "message-with-ack") => Call::Echo {
            in_ack: name == "message-with-ack",
            args: args.by_ref().collect(),
        },
        event => Call::Other {
            event: event.to_owned(),
            args: args.by_ref().collect(),
        },
    };
    Some((call, args.len()))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
