//! What can be wrong with an Engine.IO packet.

use crate::Excerpt;

/// A text that is no Engine.IO v4 packet, and why.
///
/// The clauses are sections of the Engine.IO protocol, version 4.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A packet without its type: an empty frame, an empty long-polling body, or two record
    /// separators in a row. Clause: "Packet encoding".
    #[error("an engine packet needs a type, this one is empty")]
    Empty,

    /// The first character is none of the packet types. Clause: "Packet encoding".
    #[error("unknown engine packet type `{}` in {excerpt}", found.escape_debug())]
    UnknownType {
        /// The character in the place of the type.
        found: char,
        /// The packet.
        excerpt: Excerpt,
    },

    /// An `open` packet whose JSON lacks a field, has one of another type, or is no JSON at all.
    /// Clause: "Handshake".
    #[error("handshake is not what the protocol asks for ({reason}): {excerpt}")]
    Handshake {
        /// What the JSON reader said.
        reason: String,
        /// The packet.
        excerpt: Excerpt,
    },

    /// Data after the type of a packet that carries none (`close`, `upgrade`, `noop`).
    /// Clause: "Packet encoding".
    #[error("{kind} packets carry no data, this one does: {excerpt}")]
    TrailingData {
        /// The packet type, by name.
        kind: &'static str,
        /// The packet.
        excerpt: Excerpt,
    },

    /// A binary packet of a long-polling payload that is not base64.
    /// Clause: "Packet encoding", "HTTP long-polling".
    #[error("binary packet is not base64 ({reason}): {excerpt}")]
    Base64 {
        /// What the base64 reader said.
        reason: String,
        /// The packet.
        excerpt: Excerpt,
    },
}
