//! One Socket.IO packet.

use crate::data::Data;

/// The namespace that a packet belongs to when it names none.
pub const MAIN_NAMESPACE: &str = "/";

/// Event names that the libraries use for their own notices. The reference implementation refuses
/// packets that carry them, so that a peer cannot forge a notice.
pub const RESERVED_EVENTS: [&str; 6] = [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
];

/// One Socket.IO packet. Clause: Socket.IO protocol v5, "Exchange protocol".
///
/// `BINARY_EVENT` and `BINARY_ACK` are no variants: an [`Event`](Self::Event) or
/// [`Ack`](Self::Ack) with [`Data::Binary`] inside is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// Joins a namespace (client), or says that it has been joined (server).
    Connect {
        /// The namespace, with its leading slash.
        ns: String,
        /// Credentials (client), or an object with the `sid` (server).
        data: Option<Data>,
    },
    /// Leaves a namespace.
    Disconnect {
        /// The namespace, with its leading slash.
        ns: String,
    },
    /// An event; it asks for an ack when it has an id.
    Event {
        /// The namespace, with its leading slash.
        ns: String,
        /// What the ack must repeat.
        id: Option<u64>,
        /// The event's name, which is text, and then its arguments.
        args: Vec<Data>,
    },
    /// The answer to an event that had an id.
    Ack {
        /// The namespace, with its leading slash.
        ns: String,
        /// The id of the event.
        id: u64,
        /// The arguments; there may be none.
        args: Vec<Data>,
    },
    /// A namespace may not be joined.
    ConnectError {
        /// The namespace, with its leading slash.
        ns: String,
        /// Usually an object with a `message`; some servers send plain text.
        data: Option<Data>,
    },
}

impl Packet {
    /// An event of the main namespace.
    pub fn event(name: &str, args: impl IntoIterator<Item = Data>, id: Option<u64>) -> Self {
        let args = std::iter::once(Data::from(name)).chain(args).collect();
        Self::Event {
            ns: MAIN_NAMESPACE.to_owned(),
            id,
            args,
        }
    }

    /// An ack in the main namespace.
    pub fn ack(id: u64, args: impl IntoIterator<Item = Data>) -> Self {
        Self::Ack {
            ns: MAIN_NAMESPACE.to_owned(),
            id,
            args: args.into_iter().collect(),
        }
    }

    /// The namespace that the packet belongs to.
    pub fn ns(&self) -> &str {
        match self {
            Self::Connect { ns, .. }
            | Self::Disconnect { ns }
            | Self::Event { ns, .. }
            | Self::Ack { ns, .. }
            | Self::ConnectError { ns, .. } => ns,
        }
    }
}
