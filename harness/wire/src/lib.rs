//! The packets of Engine.IO v4 and Socket.IO v5, without I/O.
//!
//! Two layers travel on one connection, and each has its module:
//!
//! - [`engine`]: the lower one. Opening, heartbeat, upgrade and the frames that carry messages over
//!   WebSocket and HTTP long-polling.
//! - [`socket`]: the upper one, inside the engine's messages. Namespaces, events, acks and binary
//!   attachments.
//!
//! [`data::Data`] is what events and acks carry: JSON in which bytes are a value of their own.
//!
//! Decoders are strict. They read what a *server* may send, and what they refuse is evidence
//! against it, so there is one error variant per misbehaviour, and each names its clause in the
//! protocol documents: [Engine.IO protocol v4] and [Socket.IO protocol v5].
//!
//! Nothing here opens a socket, starts a task or reads a clock.
//!
//! [Engine.IO protocol v4]: https://github.com/socketio/engine.io-protocol
//! [Socket.IO protocol v5]: https://github.com/socketio/socket.io-protocol

pub mod data;
pub mod engine;
mod excerpt;
pub mod socket;

pub use excerpt::Excerpt;
