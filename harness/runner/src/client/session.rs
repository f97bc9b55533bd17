//! What a connection does with the packets it reads, on any transport.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatspec_judge::history::{Item, Kind, Leg};
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use chatspec_wire::engine::{self, Handshake};
use chatspec_wire::socket::{Decoder, Encoded, Packet};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinError;
use tokio_tungstenite::tungstenite;

use super::link::{Dialer, HttpError, LARGEST};
use super::writer::{Outbox, Queue};
use super::{FENCE, Opening, polling, websocket};
use crate::log::{Exhausted, Log};
use crate::target::dialect::{Heard, Tongue};

/// How late a ping may come beyond what the handshake promises, before the server counts as gone:
/// official clients allow nothing, but a busy machine is not a dead server.
const PING_GRACE: Duration = Duration::from_secs(5);

/// What a client and its session share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Packets that wait for the CONNECT to be answered; none once it is.
    pending: Mutex<Option<Vec<engine::Packet>>>,
    flushes: Mutex<BTreeSet<u64>>,
    pub(super) leaving: AtomicBool,
    pub(super) reset: Arc<AtomicBool>,
    pub(super) silent: AtomicBool,
    pub(super) upgrading: AtomicBool,
    /// The interpreter, where the chat has other words than the suite.
    tongue: Option<Mutex<Tongue>>,
}

impl Shared {
    pub(super) fn new(tongue: Option<Tongue>) -> Self {
        Self {
            tongue: tongue.map(Mutex::new),
            pending: Mutex::new(Some(Vec::new())),
            flushes: Mutex::default(),
            leaving: AtomicBool::default(),
            reset: Arc::default(),
            silent: AtomicBool::default(),
            upgrading: AtomicBool::default(),
        }
    }

    pub(super) fn is_interpreted(&self) -> bool {
        self.tongue.is_some()
    }

    /// What the interpreter makes of something; none where there is no need of one.
    pub(super) fn interpreted<T>(&self, by: impl FnOnce(&mut Tongue) -> T) -> Option<T> {
        let tongue = self.tongue.as_ref()?;
        Some(by(&mut tongue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)))
    }

    /// Keeps `packets` until the connection is ready, or gives them back because it is.
    pub(super) fn hold_back(&self, packets: Vec<engine::Packet>) -> Option<Vec<engine::Packet>> {
        match &mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(pending) => {
                pending.extend(packets);
                None
            }
            None => Some(packets),
        }
    }

    /// Lets go of what was held back. The lock is kept while it is sent, so that nothing overtakes.
    fn release(&self, outbox: &Outbox) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        outbox.send_all(pending.take().unwrap_or_default());
    }

    pub(super) fn expect_flush(&self, id: u64) {
        self.flushes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id);
    }

    fn is_flush(&self, id: u64) -> bool {
        self.flushes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&id)
    }
}

/// Why a connection is over.
#[derive(Debug)]
pub(super) enum End {
    /// One side left, or the other never came.
    Lost(String),
    /// What came is none of the protocol's packets, and nothing behind it can be trusted.
    Broken(String),
}

impl End {
    pub(super) fn lost(cause: impl Into<String>) -> Self {
        Self::Lost(cause.into())
    }

    pub(super) fn cause(&self) -> &str {
        let (Self::Lost(cause) | Self::Broken(cause)) = self;
        cause
    }
}

/// What ends a connection without a word from the other side.
macro_rules! lost {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for End {
            fn from(error: $error) -> Self {
                Self::Lost(error.to_string())
            }
        }
    )+};
}

lost!(
    io::Error,
    HttpError,
    Exhausted,
    JoinError,
    oneshot::error::RecvError,
    watch::error::RecvError,
);

impl From<engine::DecodeError> for End {
    fn from(error: engine::DecodeError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<tungstenite::Error> for End {
    fn from(error: tungstenite::Error) -> Self {
        use tungstenite::Error;
        use tungstenite::error::ProtocolError;
        match error {
            Error::ConnectionClosed => Self::lost("the server closed the WebSocket"),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::lost("the server ended the connection without closing the WebSocket")
            }
            Error::Capacity(_) => Self::Broken(format!(
                "a message longer than the {} MiB that the harness reads",
                LARGEST >> 20
            )),
            Error::Protocol(_) | Error::Utf8(_) => Self::Broken(error.to_string()),
            Error::Io(error) => error.into(),
            other => Self::Lost(other.to_string()),
        }
    }
}

/// One connection, from the first byte to the last.
pub(super) struct Session {
    leg: Leg,
    pub(super) opening: Opening,
    pub(super) log: Log,
    pub(super) shared: Arc<Shared>,
    pub(super) outbox: Outbox,
    /// Whether the client reads at the moment.
    pub(super) reading: watch::Receiver<bool>,
    decoder: Decoder,
    /// Whether the CONNECT was answered, one way or the other.
    answered: bool,
    /// Whether the server offers to recover the connection's state: then it appends an offset to
    /// its events.
    recovers: bool,
    /// The length of the packet that was read last, while nothing of it is kept.
    unkept: Option<usize>,
    /// The packet that was read last, as it came, unless encoding what it means gives the same.
    came: Option<Encoded>,
}

impl Session {
    pub(super) fn new(
        leg: Leg,
        opening: Opening,
        log: Log,
        shared: Arc<Shared>,
        outbox: Outbox,
        reading: watch::Receiver<bool>,
    ) -> Self {
        if opening.raw {
            shared.release(&outbox);
        }
        if opening.transport == Transport::Upgrade {
            shared.upgrading.store(true, Ordering::Release);
        }
        let decoder = Decoder::new();
        Self {
            leg,
            opening,
            log,
            shared,
            outbox,
            reading,
            decoder,
            answered: false,
            recovers: false,
            unkept: None,
            came: None,
        }
    }

    /// Opens the connection and reads until it ends.
    pub(super) async fn run(mut self, dialer: Dialer, queue: Queue) {
        let ended = match self.opening.transport {
            Transport::Websocket => websocket::converse(&mut self, &dialer, queue).await,
            Transport::Polling | Transport::Upgrade => {
                polling::converse(&mut self, &dialer, queue).await
            }
        };
        self.shared.upgrading.store(false, Ordering::Release);
        if let Err(end) = ended
            && !self.shared.leaving.load(Ordering::Acquire)
        {
            self.record_end(end);
        }
    }

    /// What every transport does once the handshake is read: ask for the namespace.
    pub(super) fn opened(&mut self) {
        if self.opening.raw {
            self.answered = true;
            self.log.record(Kind::Connected { leg: self.leg });
            return;
        }
        let connect = Packet::Connect {
            ns: self.opening.namespace.clone(),
            data: self.opening.auth.clone(),
        };
        let encoded = connect.encode();
        self.outbox.send(engine::Packet::Message(encoded.text));
        self.outbox.send_all(
            encoded
                .attachments
                .into_iter()
                .map(engine::Packet::Binary)
                .collect(),
        );
    }

    pub(super) fn upgraded(&self) {
        self.shared.upgrading.store(false, Ordering::Release);
        self.log.record(Kind::Upgraded { leg: self.leg });
    }

    /// What to call when the upgrade fails: the session itself waits for a poll at that moment.
    pub(super) fn upgrade_failure(&self) -> impl Fn(&str) + Send + 'static {
        let (leg, log, shared) = (self.leg, self.log.clone(), Arc::clone(&self.shared));
        move |cause| {
            shared.upgrading.store(false, Ordering::Release);
            let cause = format!("the upgrade to WebSocket failed: {cause}");
            log.record(Kind::ConnectFailed { leg, cause });
        }
    }

    /// Takes one packet.
    pub(super) fn take(&mut self, packet: engine::Packet) -> Result<(), End> {
        if !matches!(packet, engine::Packet::Binary(_)) {
            self.came = None;
        }
        match &packet {
            // Nothing of it is kept.
            engine::Packet::Noop if !self.opening.raw => {}
            engine::Packet::Ping(text) if text.is_empty() && !self.opening.raw => {}
            engine::Packet::Message(text)
            | engine::Packet::Ping(text)
            | engine::Packet::Pong(text) => self.log.receive(text.len())?,
            engine::Packet::Binary(bytes) => self.log.receive(bytes.len())?,
            _ => self.log.receive(0)?,
        }
        match packet {
            engine::Packet::Ping(text) => {
                if !self.shared.silent.load(Ordering::Acquire) {
                    self.outbox.pong(text);
                }
            }
            engine::Packet::Close => {
                return Err(End::lost("the server sent an Engine.IO close"));
            }
            engine::Packet::Noop => {}
            packet if self.opening.raw => {
                let text = match packet.encode() {
                    engine::Frame::Text(text) => text,
                    engine::Frame::Binary(bytes) => Data::Binary(bytes).to_string(),
                };
                self.arrived(Item::Raw { text });
            }
            engine::Packet::Message(text) => {
                self.unkept = Some(text.len());
                let decoded = self.decoder.text(&text);
                self.came = Some(Encoded {
                    text,
                    attachments: Vec::new(),
                });
                self.decoded(decoded);
            }
            engine::Packet::Binary(bytes) => {
                self.unkept = None;
                if let Some(came) = &mut self.came {
                    came.attachments.push(bytes.clone());
                }
                let decoded = self.decoder.binary(bytes);
                self.decoded(decoded);
            }
            engine::Packet::Open(_) => self.broken("a second Engine.IO handshake".to_owned()),
            engine::Packet::Pong(_) => self.broken("a pong, which only clients send".to_owned()),
            engine::Packet::Upgrade => {
                self.broken("an upgrade, which only clients send".to_owned());
            }
        }
        Ok(())
    }

    /// A frame or payload that is no Engine.IO packet.
    pub(super) fn broken(&mut self, cause: String) {
        self.arrived(Item::Broken { cause });
    }

    /// How long a healthy server may be silent (Engine.IO protocol v4, "Heartbeat").
    pub(super) fn patience(handshake: &Handshake) -> Duration {
        Duration::from_millis(
            handshake
                .ping_interval_ms
                .saturating_add(handshake.ping_timeout_ms),
        ) + PING_GRACE
    }

    fn decoded<E: std::error::Error>(&mut self, decoded: Result<Option<Packet>, E>) {
        match decoded {
            Ok(Some(packet)) => {
                // What is interpreted means something else than it says.
                if !self.shared.is_interpreted() {
                    let again = packet.encode();
                    self.came.take_if(|came| *came == again);
                }
                self.packet(packet);
            }
            Ok(None) => {}
            Err(error) => self.broken(error.to_string()),
        }
    }

    fn packet(&mut self, packet: Packet) {
        if let Some(id) = packet.ns().strip_prefix(FENCE) {
            match (id.parse(), &packet) {
                (Ok(id), Packet::Connect { .. } | Packet::ConnectError { .. }) => {
                    self.log.record(Kind::FenceAnswered { leg: self.leg, id });
                }
                _ => self.foreign(&packet),
            }
            return;
        }
        if packet.ns() != self.opening.namespace {
            self.foreign(&packet);
            return;
        }
        match packet {
            Packet::Connect { .. } if self.answered => {
                self.broken("a second answer to its CONNECT".to_owned());
            }
            Packet::Connect { data, .. } => {
                self.answered = true;
                let sid = data
                    .as_ref()
                    .and_then(|data| data.get("sid"))
                    .and_then(Data::as_text);
                let pid = data.as_ref().and_then(|data| data.get("pid"));
                self.recovers = pid.and_then(Data::as_text).is_some();
                if sid.is_none_or(str::is_empty) {
                    self.broken("an answer to its CONNECT without a session id".to_owned());
                }
                // What the client emitted meanwhile leaves before anything else is read.
                self.shared.release(&self.outbox);
                self.log.record(Kind::Connected { leg: self.leg });
            }
            Packet::ConnectError { data, .. } => {
                self.answered = true;
                self.arrived(Item::ConnectError {
                    data: data.unwrap_or(Data::Null),
                });
            }
            Packet::Disconnect { .. } => {
                self.arrived(Item::Closed {
                    cause: "the server sent a DISCONNECT".to_owned(),
                });
            }
            Packet::Event { id, args, .. } => {
                let mut args = args.into_iter();
                let event = args
                    .next()
                    .and_then(|name| name.as_text().map(str::to_owned));
                let event = event.unwrap_or_default(); // the decoder refuses anything but text here
                let mut args: Vec<Data> = args.collect();
                // The offset is the protocol's and not the chat's (Socket.IO protocol v5, "Connection
                // state recovery"). Events that ask for an ack have none, and volatile ones either: a
                // lone text is therefore left alone.
                let offset = self.recovers && id.is_none() && args.len() > 1;
                args.pop_if(|last| offset && last.as_text().is_some());
                if self.shared.is_interpreted() {
                    let heard = self
                        .shared
                        .interpreted(|tongue| tongue.hear(event, args, id));
                    return self.heard(heard.unwrap_or(Heard::Nothing));
                }
                self.arrived(Item::Event {
                    event,
                    args,
                    ack: id,
                });
            }
            Packet::Ack { id, args, .. } => {
                if self.shared.is_interpreted() {
                    let heard = self.shared.interpreted(|tongue| tongue.acked(id, args));
                    return self.heard(heard.unwrap_or(Heard::Nothing));
                }
                self.heard(Heard::Item(Item::Ack { id, args }));
            }
        }
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Nothing => {
                // The chat's own business may be more than a case may hold.
                if let Some(length) = self.unkept.take() {
                    self.log.forget(length);
                }
            }
            Heard::Answered(id) => self.heard(Heard::Item(Item::Ack {
                id,
                args: Vec::new(),
            })),
            Heard::Item(Item::Ack { id, .. }) if self.shared.is_flush(id) => {
                self.log.record(Kind::FlushAcked { leg: self.leg, id });
            }
            Heard::Item(item) => self.arrived(item),
        }
    }

    fn foreign(&mut self, packet: &Packet) {
        let cause = format!(
            "a packet for the namespace {}, which it never joined",
            packet.ns()
        );
        self.broken(cause);
    }

    fn arrived(&mut self, item: Item) {
        let wire = self.came.take().map_or_else(Vec::new, Encoded::readable);
        let leg = self.leg;
        self.log.record_with(Kind::Arrived { leg, item }, wire);
    }

    fn record_end(&mut self, end: End) {
        if !self.answered {
            let (End::Lost(cause) | End::Broken(cause)) = end;
            return self.log.record(Kind::ConnectFailed {
                leg: self.leg,
                cause,
            });
        }
        let cause = match end {
            End::Lost(cause) => cause,
            End::Broken(cause) => {
                self.broken(cause);
                "the harness left after a broken packet".to_owned()
            }
        };
        self.came = None;
        self.arrived(Item::Closed { cause });
    }
}

/// A server's text for a message: bounded, on one line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let text = text.trim();
    let mut shown = String::new();
    for char in text.chars().take(LONGEST) {
        if char.is_control() {
            shown.extend(char.escape_debug());
        } else {
            shown.push(char);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    if shown.is_empty() {
        "an empty body".to_owned()
    } else {
        shown
    }
}
