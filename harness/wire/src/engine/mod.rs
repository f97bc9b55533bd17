//! Engine.IO v4: the transport below Socket.IO.
//!
//! A [`Packet`] is one unit of the protocol. Over WebSocket each is a [`Frame`] of its own; over
//! HTTP long-polling several share one body, see [`payload`].

mod error;
mod handshake;
mod packet;
pub mod payload;

pub use error::DecodeError;
pub use handshake::Handshake;
pub use packet::{Frame, Packet};
