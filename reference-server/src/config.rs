//! What the server does for its clients, and what it allows them.

use std::time::Duration;

/// What a server offers, and its limits. The default offers the seed contract alone, and has the limits
/// of socket.io for Node, where it has them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an extension of its own, there or not"
)]
pub struct Config {
    /// Whether arguments are sent back: the event `message` is answered by the event `message-back`
    /// with its arguments, and `message-with-ack` is acked with them.
    pub echo: bool,

    /// Whether a room can be left: the event `leave_room` (room, ack) takes the socket out of it and calls
    /// ack.
    pub leave_room: bool,

    /// Whether everyone else in a room is told who leaves it (`bye` with the nickname), by asking or by the
    /// end of its connection.
    pub bye: bool,

    /// Whether everyone is told which rooms there are (`room_change` with a list of names and members), on
    /// connecting and whenever that changes. Each change is a packet to everyone who is connected.
    pub room_change: bool,

    /// How long after a pong the next ping is sent (Engine.IO `pingInterval`).
    pub ping_interval: Duration,

    /// How long a client may take for its pong (Engine.IO `pingTimeout`), and how long the server's
    /// writes to a connection may make no progress at all before the connection is cut.
    pub ping_timeout: Duration,

    /// The largest message taken from a client, in bytes, on either transport (Engine.IO
    /// `maxPayload`). Over polling it limits the body of a request.
    pub max_payload: usize,

    /// How many packets may wait for one slow reader. One more, and that member is taken out of its
    /// rooms and disconnected: it has then received everything up to a point and nothing after it.
    /// Node has no such limit and lets them pile up until the next missed pong.
    pub max_buffer_size: usize,

    /// How many bytes of one client's events may wait to be done, counting an event of no size as a
    /// few hundred. A client that sends faster than its messages can be relayed is disconnected
    /// when it has got that far ahead.
    pub max_backlog: usize,

    /// How long a stopping server waits for its clients to take their leave.
    pub shutdown_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            echo: false,
            leave_room: false,
            bye: false,
            room_change: false,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: 1_000_000,
            // The library's 128 lost seven of eight messages of a burst of a thousand. The worst
            // honest case is a room in which every member sends at once while all readers wait for
            // their turn on the CPU: a thousand members, a few dozen messages each.
            max_buffer_size: 65_536,
            max_backlog: 64 * 1024 * 1024,
            shutdown_grace: Duration::from_secs(3),
        }
    }
}
