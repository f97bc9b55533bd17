//! What can be wrong with a Socket.IO packet.

use crate::Excerpt;

/// Messages that are no Socket.IO v5 packet, and why.
///
/// The clauses are sections of the Socket.IO protocol, version 5, unless they say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// A message without a packet type. Clause: "Packet encoding".
    #[error("a socket packet needs a type, this one is empty")]
    Empty,

    /// The first character is none of the packet types. Clause: "Packet encoding".
    #[error("unknown socket packet type `{}` in {excerpt}", found.escape_debug())]
    UnknownType {
        /// The character in the place of the type.
        found: char,
        /// The message.
        excerpt: Excerpt,
    },

    /// A binary packet whose type is not followed by a number and a dash. Clause: "Packet
    /// encoding".
    #[error("a binary packet begins with the number of its attachments and a dash: {excerpt}")]
    AttachmentCountMissing {
        /// The message.
        excerpt: Excerpt,
    },

    /// A binary packet that announces no attachments: then it is no binary packet. Clause:
    /// "Packet encoding"; the reference parser refuses it.
    #[error("a binary packet without attachments: {excerpt}")]
    NoAttachments {
        /// The message.
        excerpt: Excerpt,
    },

    /// More attachments announced than the decoder takes. Not a rule of the protocol: it protects
    /// the receiver, as the reference parser's limit does.
    #[error("{count} attachments announced, no more than {limit} are taken: {excerpt}")]
    TooManyAttachments {
        /// How many were announced, as they were written.
        count: String,
        /// How many the decoder takes.
        limit: usize,
        /// The message.
        excerpt: Excerpt,
    },

    /// A placeholder whose `num` is not the index of an attachment. Clause: "Packet encoding".
    #[error("a placeholder needs the number of an attachment, below {count}, not {num}: {excerpt}")]
    Placeholder {
        /// The `num`, as it was written; `null` if it is absent.
        num: Excerpt,
        /// How many attachments there are.
        count: usize,
        /// The message.
        excerpt: Excerpt,
    },

    /// An attachment that no placeholder names: its bytes would be lost. Clause: "Packet encoding".
    #[error("no placeholder names attachment {num}: {excerpt}")]
    AttachmentUnused {
        /// The attachment, counted from 0.
        num: usize,
        /// The message.
        excerpt: Excerpt,
    },

    /// Text while attachments of a packet were outstanding. Clause: "Packet encoding": the
    /// attachments follow their packet.
    #[error("text before the attachments of a packet were complete ({missing} missing): {excerpt}")]
    TextWithinBinary {
        /// How many attachments were outstanding.
        missing: usize,
        /// The text that came instead.
        excerpt: Excerpt,
    },

    /// Bytes that belong to no packet. Clause: "Packet encoding".
    #[error("{len} bytes that no packet announced")]
    BinaryWithoutHeader {
        /// How many bytes.
        len: usize,
    },

    /// What stands between the packet's head and its array is no ack id, or the number is beyond
    /// 64 bits. Clause: "Packet encoding".
    #[error("ack id is no number: {excerpt}")]
    AckId {
        /// The message.
        excerpt: Excerpt,
    },

    /// An ack that does not say what it acknowledges. Clause: "Acknowledgement".
    #[error("an ack without the id of its event: {excerpt}")]
    AckIdMissing {
        /// The message.
        excerpt: Excerpt,
    },

    /// An event or ack that ends before its payload. Clauses: "Sending and receiving data" and
    /// "Acknowledgement": the payload is mandatory.
    #[error("an {kind} needs a payload: {excerpt}")]
    PayloadMissing {
        /// `event` or `ack`.
        kind: &'static str,
        /// The message.
        excerpt: Excerpt,
    },

    /// A payload that is not JSON, that is nested beyond the reader's depth, or that is followed by
    /// something else. Clause: "Packet encoding".
    #[error("payload is not JSON ({reason}): {excerpt}")]
    Json {
        /// What the JSON reader said.
        reason: String,
        /// The message.
        excerpt: Excerpt,
    },

    /// The payload of an event or ack is not an array. Clauses: "Sending and receiving data" and
    /// "Acknowledgement".
    #[error("the payload of an {kind} is an array: {excerpt}")]
    NotAnArray {
        /// `event` or `ack`.
        kind: &'static str,
        /// The message.
        excerpt: Excerpt,
    },

    /// An event whose array is empty. Clause: "Sending and receiving data".
    #[error("an event needs a name: {excerpt}")]
    EventNameMissing {
        /// The message.
        excerpt: Excerpt,
    },

    /// An event whose first item is not text. Clause: "Sending and receiving data"; the reference
    /// parser takes a number as well, but no server of this suite's contract has reason to send one.
    #[error("the name of an event is text, not {found}: {excerpt}")]
    EventName {
        /// What kind of value is there instead.
        found: &'static str,
        /// The message.
        excerpt: Excerpt,
    },

    /// An event with a name that the libraries keep for themselves
    /// ([`RESERVED_EVENTS`](super::RESERVED_EVENTS)). Not in the protocol; the reference parser
    /// closes the connection.
    #[error("`{name}` is a reserved event name: {excerpt}")]
    ReservedEventName {
        /// The name.
        name: &'static str,
        /// The message.
        excerpt: Excerpt,
    },

    /// The data of a `CONNECT` is not an object. Clause: "Connection to a namespace".
    #[error("the data of a connect packet is an object: {excerpt}")]
    ConnectData {
        /// The message.
        excerpt: Excerpt,
    },

    /// The data of a `CONNECT_ERROR` is neither an object nor text. Clause: "Connection to a
    /// namespace" shows an object; servers of the field send text, and the reference parser takes
    /// both.
    #[error("the data of a connect error is an object or text: {excerpt}")]
    ConnectErrorData {
        /// The message.
        excerpt: Excerpt,
    },

    /// A `DISCONNECT` with data. Clause: "Disconnection from a namespace".
    #[error("a disconnect packet carries no data: {excerpt}")]
    DisconnectData {
        /// The message.
        excerpt: Excerpt,
    },
}
