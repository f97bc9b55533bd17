//! A member's way to the server: packets out, packets in, over either transport.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use mio::{Registry, Token};
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::clock::Nanos;
use crate::frame::{self, Frame, FrameError};
use crate::http::{Head, HeadError, Place};
use crate::inlet::{Inlet, More};
use crate::polling::Polling;
use crate::socket::Socket;

/// What all members of a worker share.
#[derive(Debug)]
pub(crate) struct Ways {
    /// Where they go.
    pub(crate) address: SocketAddr,
    /// What they ask for there.
    pub(crate) place: Place,
    /// The watcher of their sockets.
    pub(crate) registry: Registry,
    /// Counts connections, over all workers of this process.
    pub(crate) number: u32,
    /// The key of every upgrade of this worker, and the answer to it. The key is there to prove that
    /// the server understood, which one key does as well as ten thousand (RFC 6455, section 1.3).
    key: String,
    accept: String,
    random: SmallRng,
}

impl Ways {
    pub(crate) fn new(address: SocketAddr, place: Place, registry: Registry, number: u32) -> Self {
        let key = tungstenite::handshake::client::generate_key();
        Self {
            address,
            place,
            registry,
            number,
            accept: derive_accept_key(key.as_bytes()),
            key,
            random: SmallRng::seed_from_u64(u64::from(number)),
        }
    }

    /// Begins a connection whose events come under `token`.
    pub(crate) fn connect(&mut self, token: Token) -> io::Result<Socket> {
        let mut socket = Socket::connect(self.address, self.number)?;
        self.number += 1;
        socket.register(&self.registry, token)?;
        Ok(socket)
    }
}

/// A packet that has arrived, and lies in the [`Inlet`] until more is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) packet: Range<usize>,
    pub(crate) at: Nanos,
}

/// Why a connection is of no more use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    /// The system says so.
    #[error("{}", .0.kind())]
    Io(#[from] io::Error),
    /// The other side ended it.
    #[error("the server ended the connection")]
    Ended,
    /// The server closed the session.
    #[error("the server closed the session")]
    Closed,
    /// The server answered a request with this status.
    #[error("the server answered {asked} with HTTP {status}")]
    Status {
        /// What was asked.
        asked: &'static str,
        /// What it said.
        status: u16,
    },
    /// The upgrade was answered by somebody who did not understand it.
    #[error("the answer to the upgrade is not that of a WebSocket server")]
    NoWebSocket,
    /// An answer of unknown length.
    #[error("the answer to a poll does not say where it ends (Content-Length, or chunks)")]
    NoLength,
    /// What came is no frame.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// What came is no HTTP.
    #[error("{0}")]
    Head(#[from] HeadError),
    /// What came is no packet that fits here.
    #[error("the server sent {got} where {wanted} was due")]
    Unexpected {
        /// What was waited for.
        wanted: &'static str,
        /// What came.
        got: String,
    },
    /// Nothing came.
    #[error("the server did not let it in within {0} s")]
    Silent(u64),
}

/// A way of either kind.
#[derive(Debug)]
pub(crate) enum Link {
    WebSocket(WebSocket),
    Polling(Box<Polling>),
}

impl Link {
    /// Hands `packet` over.
    pub(crate) fn send(&mut self, ways: &mut Ways, packet: &[u8]) -> Result<(), Cut> {
        match self {
            Self::WebSocket(socket) => socket.send(ways, packet),
            Self::Polling(polling) => polling.send(ways, packet),
        }
    }

    /// Sends what is waiting.
    pub(crate) fn flush(&mut self, second: bool) -> Result<(), Cut> {
        match self {
            Self::WebSocket(socket) => Ok(socket.socket.flush()?),
            Self::Polling(polling) => polling.flush(second),
        }
    }

    /// Begins to read what has arrived; on its second connection, where it has two.
    pub(crate) fn begin(&mut self, inlet: &mut Inlet, second: bool) {
        match self {
            Self::WebSocket(socket) => inlet.begin(&mut socket.kept),
            Self::Polling(polling) => polling.begin(inlet, second),
        }
    }

    /// The next packet that has arrived; none when there is none left, and reading has ended.
    pub(crate) fn next(
        &mut self,
        ways: &mut Ways,
        inlet: &mut Inlet,
    ) -> Result<Option<Arrived>, Cut> {
        match self {
            Self::WebSocket(socket) => socket.next(ways, inlet),
            Self::Polling(polling) => polling.next(ways, inlet),
        }
    }

    /// Ends it.
    pub(crate) fn close(self, ways: &Ways) {
        match self {
            Self::WebSocket(socket) => socket.socket.close(&ways.registry),
            Self::Polling(polling) => polling.close(&ways.registry),
        }
    }
}

/// A WebSocket, or one that is being asked for.
#[derive(Debug)]
pub(crate) struct WebSocket {
    socket: Socket,
    is_upgraded: bool,
    /// What arrived in part.
    kept: Vec<u8>,
    /// The frames so far of a message that comes in several.
    fragments: Vec<u8>,
}

const TEXT: OpCode = OpCode::Data(Data::Text);

impl WebSocket {
    /// Asks for one; events come under `token`.
    pub(crate) fn open(ways: &mut Ways, token: Token) -> Result<Self, Cut> {
        let mut socket = ways.connect(token)?;
        socket.send(ways.place.upgrade(&ways.key).as_bytes())?;
        Ok(Self {
            socket,
            is_upgraded: false,
            kept: Vec::new(),
            fragments: Vec::new(),
        })
    }

    fn send(&mut self, ways: &mut Ways, packet: &[u8]) -> Result<(), Cut> {
        self.send_frame(ways, TEXT, packet)
    }

    fn send_frame(&mut self, ways: &mut Ways, opcode: OpCode, payload: &[u8]) -> Result<(), Cut> {
        let mut bytes = Vec::with_capacity(payload.len() + 14);
        frame::put(&mut bytes, opcode, payload, Some(ways.random.random()));
        Ok(self.socket.send(&bytes)?)
    }

    fn next(&mut self, ways: &mut Ways, inlet: &mut Inlet) -> Result<Option<Arrived>, Cut> {
        loop {
            if !self.is_upgraded {
                self.is_upgraded = is_upgraded(ways, inlet)?;
            }
            if self.is_upgraded
                && let Some((frame, payload)) = inlet.frame()?
            {
                if let Some(packet) = self.data(ways, inlet, &frame, payload)? {
                    let at = inlet.arrived();
                    return Ok(Some(Arrived { packet, at }));
                }
                continue;
            }
            match inlet.read(&mut self.socket)? {
                More::Some => {}
                More::Nothing => {
                    inlet.end(&mut self.kept);
                    return Ok(None);
                }
                More::End => return Err(Cut::Ended),
            }
        }
    }

    /// Where the packet is that a frame brought, if it did.
    fn data(
        &mut self,
        ways: &mut Ways,
        inlet: &mut Inlet,
        frame: &Frame,
        payload: Range<usize>,
    ) -> Result<Option<Range<usize>>, Cut> {
        match frame.opcode {
            OpCode::Control(Control::Close) => return Err(Cut::Closed),
            OpCode::Control(Control::Ping) => {
                let payload = inlet.taken(payload).to_vec();
                self.send_frame(ways, OpCode::Control(Control::Pong), &payload)?;
                return Ok(None);
            }
            OpCode::Control(_) => return Ok(None),
            OpCode::Data(_) => {}
        }
        if frame.is_final && self.fragments.is_empty() {
            // Binary messages are attachments, which a chat has none of; they carry no mark.
            return Ok(Some(payload));
        }
        self.fragments.extend_from_slice(inlet.taken(payload));
        if !frame.is_final {
            return Ok(None);
        }
        Ok(Some(inlet.put(&std::mem::take(&mut self.fragments))))
    }
}

/// Whether the answer to the upgrade is there, and is a yes.
fn is_upgraded(ways: &Ways, inlet: &mut Inlet) -> Result<bool, Cut> {
    let Some(head) = Head::first(inlet.unread())? else {
        return Ok(false);
    };
    if head.status != 101 {
        return Err(Cut::Status {
            asked: "the upgrade",
            status: head.status,
        });
    }
    if head.accept.as_deref() != Some(&ways.accept) {
        return Err(Cut::NoWebSocket);
    }
    inlet.take(head.length);
    Ok(true)
}
