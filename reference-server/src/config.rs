//! What the server does for its clients, and what it allows them.

mod origins;
mod settings;
pub(crate) mod units;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cluster::RedisUrl;
pub use origins::{Origin, OriginError};
pub(crate) use settings::local;
pub use settings::{ConfigError, Settings};
use units::{duration, size};

/// What a server offers, and its limits. The default offers the seed contract alone, and has the limits
/// of socket.io for Node, where it has them; the others are far beyond what people who chat need.
///
/// It is read from a file with a key for each field ([`Config::load`]), from the environment and from
/// the command line ([`Settings`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an extension of its own, there or not"
)]
pub struct Config {
    /// Where [`cli::run`](crate::cli::run) listens. Who gives a listener has chosen already.
    #[serde(deserialize_with = "settings::address")]
    pub listen: SocketAddr,

    /// Whether arguments are sent back: the event `message` is answered by the event `message-back`
    /// with its arguments, and `message-with-ack` is acked with them.
    pub echo: bool,

    /// Whether a room can be left: the event `leave_room` (room, ack) takes the socket out of it and calls
    /// ack.
    pub leave_room: bool,

    /// Whether everyone else in a room is told who leaves it (`bye` with the nickname), by asking or by the
    /// end of its connection. Not on a node of several ([`Config::redis`]).
    pub bye: bool,

    /// Whether everyone is told which rooms there are (`room_change` with a list of names and members), on
    /// connecting and whenever that changes. Each change is a packet to everyone who is connected. Not on a
    /// node of several ([`Config::redis`]).
    pub room_change: bool,

    /// How long after a pong the next ping is sent (Engine.IO `pingInterval`).
    #[serde(with = "duration")]
    pub ping_interval: Duration,

    /// How long a client may take for its pong (Engine.IO `pingTimeout`), and how long the server's
    /// writes to a connection may make no progress at all before the connection is cut.
    #[serde(with = "duration")]
    pub ping_timeout: Duration,

    /// The largest message taken from a client, in bytes, on either transport (Engine.IO
    /// `maxPayload`). Over polling it limits the body of a request.
    #[serde(deserialize_with = "size::deserialize")]
    pub max_payload: usize,

    /// The longest nickname, in bytes of UTF-8, as it is printed. A kibibyte is a longer name than any
    /// list of members can show, and every message carries it.
    #[serde(deserialize_with = "size::deserialize")]
    pub max_nickname: usize,

    /// The longest name of a room, in bytes of UTF-8, as it is printed. It is kept for every member.
    #[serde(deserialize_with = "size::deserialize")]
    pub max_room: usize,

    /// The longest text of a message, in bytes of UTF-8, as it is printed. Unless it is given,
    /// [`Config::max_payload`] is the limit, as for the original.
    #[serde(
        deserialize_with = "size::optional::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_text: Option<usize>,

    /// How many rooms a socket may be in. Without [`Config::leave_room`] no client leaves one but by leaving
    /// altogether, so that this bounds what one of them can make the server remember.
    pub max_rooms: NonZeroUsize,

    /// How many events a socket may send in a second, on average; as many may come at once. No limit
    /// unless it is given, as for the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_messages_per_second: Option<NonZeroU32>,

    /// How many clients may be connected at once. No limit unless it is given, as for the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<NonZeroUsize>,

    /// How many packets may wait for one slow reader. One more, and that member is taken out of its
    /// rooms and disconnected: it has then received everything up to a point and nothing after it.
    /// Node has no such limit and lets them pile up until the next missed pong.
    pub max_buffer_packets: NonZeroUsize,

    /// How many bytes may wait for one slow reader. As with packets, one more is too many; only what
    /// is larger by itself is let through when nothing else waits.
    #[serde(deserialize_with = "size::deserialize")]
    pub max_buffer_bytes: usize,

    /// How many bytes of one client's events may wait to be done, counting an event of no size as a
    /// few hundred. A client that sends faster than its messages can be relayed is disconnected
    /// when it has got that far ahead; and so is one that sends so much while it reads nothing at all.
    #[serde(deserialize_with = "size::deserialize")]
    pub max_backlog: usize,

    /// Which pages of other origins may use the server. If there are none, it does as the original
    /// does: no page of another origin can poll, since no CORS header allows it, and any can open a
    /// WebSocket. Otherwise those that are listed can do both, and others neither.
    pub allowed_origins: Vec<Origin>,

    /// The Redis through which this server is a node of several, one chat together; without it, it is
    /// one by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redis: Option<RedisUrl>,

    /// How long a stopping server may take: for what its clients have sent, and for their leave.
    #[serde(with = "duration")]
    pub shutdown_grace: Duration,

    /// What the lines of the log look like. The binary heeds it; a library leaves that to its user.
    pub log_format: LogFormat,
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: an object a line.
    Json,
}

impl Default for Config {
    fn default() -> Self {
        const THOUSAND: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
        // The library's 128 lost seven of eight messages of a burst of a thousand. The worst
        // honest case is a room in which every member sends at once while all readers wait for
        // their turn on the CPU: a thousand members, a few dozen messages each.
        const PACKETS: NonZeroUsize = NonZeroUsize::new(65_536).unwrap();
        // As many packets of the size of a long line.
        const BYTES: usize = 64 * 1024 * 1024;
        Self {
            listen: (Ipv4Addr::LOCALHOST, 3000).into(),
            echo: false,
            leave_room: false,
            bye: false,
            room_change: false,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: 1_000_000,
            max_nickname: 1024,
            max_room: 1024,
            max_text: None,
            max_rooms: THOUSAND,
            max_messages_per_second: None,
            max_connections: None,
            max_buffer_packets: PACKETS,
            max_buffer_bytes: BYTES,
            max_backlog: BYTES,
            allowed_origins: Vec::new(),
            redis: None,
            shutdown_grace: Duration::from_secs(5),
            log_format: LogFormat::Text,
        }
    }
}
