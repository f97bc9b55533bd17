//! Our own Socket.IO client: buffered, strictly ordered, and able to misbehave on purpose. And those of others,
//! which do what their libraries do.
//!
//! # Layout
//! - [`speaker`]: a client, whoever wrote it; [`foreign`]: those of others.
//! - [`session`]: what both transports do with the packets they read.
//! - [`websocket`], [`polling`], [`upgrade`]: one transport each.
//! - [`writer`]: the task through which everything leaves, in order.
//! - [`link`]: the TCP connection beneath, which can be reset.

pub mod foreign;
mod link;
mod polling;
mod session;
mod speaker;
mod upgrade;
mod websocket;
mod writer;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chatspec_judge::history::Leg;
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use chatspec_wire::engine;
use chatspec_wire::socket::Packet;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Allowance;
use crate::log::Log;
use crate::target::Endpoint;
use crate::target::dialect::Tongue;

pub(crate) use link::{Answer, Dialer, HttpError, HttpLane};
use session::Shared;
pub(crate) use speaker::Speaker;
pub(crate) use websocket::{
    answered as answered_over_websocket, greeted as greeted_over_websocket,
};
use writer::{FAREWELL, Out, Outbox};

/// The start of every fence's namespace. No server has it, unless it accepts any.
const FENCE: &str = "/chatspec-fence-";

/// How a connection is to be opened.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) transport: Transport,
    pub(crate) auth: Option<Data>,
    pub(crate) namespace: String,
    /// Speak Engine.IO only: no CONNECT is sent, and every message lands in the inbox as it is.
    pub(crate) raw: bool,
    /// Every byte is held back so long, both ways.
    pub(crate) delay: Duration,
    /// How long each step of opening may take.
    pub(crate) patience: Allowance,
    /// What puts the suite's words into the chat's, and back.
    pub(crate) tongue: Option<Tongue>,
}

/// One connection of one client.
pub(crate) struct Client {
    leg: Leg,
    namespace: String,
    shared: Arc<Shared>,
    outbox: Outbox,
    reading: watch::Sender<bool>,
    next_ack: u64,
    next_fence: u64,
    session: JoinHandle<()>,
}

impl Client {
    /// Begins to connect; the log says how that ends.
    pub(crate) fn open(endpoint: &Endpoint, mut opening: Opening, leg: Leg, log: &Log) -> Self {
        let (outbox, queue) = Outbox::new();
        let (reading, read) = watch::channel(true);
        let shared = Arc::new(Shared::new(opening.tongue.take()));
        let dialer = Dialer::new(endpoint.clone(), Arc::clone(&shared.reset), opening.delay);
        let namespace = opening.namespace.clone();
        let session = session::Session::new(
            leg,
            opening,
            log.clone(),
            Arc::clone(&shared),
            outbox.clone(),
            read,
        );
        let session = tokio::spawn(session.run(dialer, queue));
        Self {
            leg,
            namespace,
            shared,
            outbox,
            reading,
            next_ack: 0,
            next_fence: 0,
            session,
        }
    }

    pub(crate) const fn leg(&self) -> Leg {
        self.leg
    }

    /// Whether its connection was upgraded, or never meant to be.
    pub(crate) fn is_settled(&self) -> bool {
        !self.shared.upgrading.load(Ordering::Acquire)
    }

    /// The id that the next event with an acknowledgement goes out under.
    pub(crate) const fn next_ack(&self) -> u64 {
        self.next_ack
    }

    /// Emits an event; asks for an acknowledgement under [`Client::next_ack`] if `ack`.
    pub(crate) fn emit(&mut self, event: &str, args: Vec<Data>, ack: bool) {
        self.emit_told(event, args, ack, |_| {});
    }

    /// The same, and tells before anything is sent which packets it is going to be, where encoding the event
    /// would not give them.
    pub(crate) fn emit_told(
        &mut self,
        event: &str,
        args: Vec<Data>,
        ack: bool,
        told: impl FnOnce(Vec<String>),
    ) {
        let id = ack.then_some(self.next_ack);
        self.next_ack += u64::from(ack);
        let said = if self.shared.is_interpreted() {
            let said = |tongue: &mut Tongue| tongue.say(event, args, id);
            self.shared.interpreted(said).unwrap_or_default()
        } else {
            let args = std::iter::once(Data::from(event)).chain(args).collect();
            vec![(args, id)]
        };
        let packet = |(args, id)| Packet::Event {
            ns: self.namespace.clone(),
            id,
            args,
        };
        let packets: Vec<_> = said.into_iter().map(packet).collect();
        told(if self.shared.is_interpreted() {
            let packets = packets.iter();
            packets
                .flat_map(|packet| packet.encode().readable())
                .collect()
        } else {
            Vec::new()
        });
        for packet in &packets {
            self.send(packet);
        }
    }

    /// Emits an event whose acknowledgement is the harness's own business, and gives its id.
    pub(crate) fn flush(&mut self, event: &str, args: Vec<Data>) -> u64 {
        let id = self.next_ack;
        self.shared.expect_flush(id);
        self.emit(event, args, true);
        id
    }

    /// The number of the next fence.
    pub(crate) const fn next_fence(&self) -> u64 {
        self.next_fence
    }

    /// Asks for a round trip that any Socket.IO server must answer: a CONNECT to a namespace that
    /// cannot exist (Socket.IO protocol v5, "Connection to a namespace").
    pub(crate) fn fence(&mut self) {
        let ns = format!("{FENCE}{}", self.next_fence);
        self.next_fence += 1;
        self.send(&Packet::Connect { ns, data: None });
    }

    /// Sends a frame as it is, packet or not; over long-polling it is the body of a POST.
    pub(crate) fn raw(&self, frame: engine::Frame) {
        self.outbox.put(Out::Raw(frame));
    }

    /// Leaves in good order: DISCONNECT, then the end of the connection.
    pub(crate) fn disconnect(&self) {
        self.shared.leaving.store(true, Ordering::Release);
        let encoded = Packet::Disconnect {
            ns: self.namespace.clone(),
        }
        .encode();
        self.outbox.send(engine::Packet::Message(encoded.text));
        self.outbox.close();
    }

    /// Waits until the connection is over, as it is soon after [`Client::disconnect`]. A server that does
    /// not let go is not waited for longer than for its goodbye.
    pub(crate) async fn ended(&mut self) {
        if let Err(late) = timeout(FAREWELL, &mut self.session).await {
            tracing::debug!(%late, "a server did not end a connection that its client had left");
        }
    }

    /// Resets the TCP connection.
    pub(crate) fn vanish(&self) {
        self.shared.leaving.store(true, Ordering::Release);
        self.shared.reset.store(true, Ordering::Release);
        self.session.abort();
        self.outbox.abort();
    }

    /// Answers no more pings.
    pub(crate) fn fall_silent(&self) {
        self.shared.silent.store(true, Ordering::Release);
    }

    /// Leaves what arrives in the socket, or takes it again.
    pub(crate) fn read(&self, reading: bool) {
        self.reading.send_replace(reading);
    }

    fn send(&self, packet: &Packet) {
        let encoded = packet.encode();
        let text = engine::Packet::Message(encoded.text);
        let attachments = encoded.attachments.into_iter().map(engine::Packet::Binary);
        let packets: Vec<_> = std::iter::once(text).chain(attachments).collect();
        // Before the CONNECT is answered, packets wait, as in every client library.
        if let Some(packets) = self.shared.hold_back(packets) {
            self.outbox.send_all(packets);
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !self.shared.leaving.load(Ordering::Acquire) {
            self.disconnect();
        }
        // The session ends by itself once the writer has said goodbye; a server that does not
        // answer must not keep it alive.
        self.outbox.expire(&self.session);
    }
}
