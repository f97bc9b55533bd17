//! What the server announces when a connection opens.

use serde::{Deserialize, Serialize};

/// The JSON of the `open` packet. Clause: Engine.IO protocol v4, "Handshake".
///
/// On the wire the fields are called `sid`, `upgrades`, `pingInterval`, `pingTimeout` and
/// `maxPayload`. Unknown fields are ignored: the protocol has grown by fields before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// The id of the engine's session: the `sid` of every later request. Not the id that Socket.IO
    /// hands out per namespace.
    pub sid: String,
    /// Transports that the client may upgrade to.
    pub upgrades: Vec<String>,
    /// Time between two pings of the server, in milliseconds.
    #[serde(rename = "pingInterval")]
    pub ping_interval_ms: u64,
    /// How long the server waits for the pong, in milliseconds.
    #[serde(rename = "pingTimeout")]
    pub ping_timeout_ms: u64,
    /// The largest long-polling body that the server takes, in bytes. Servers older than
    /// Engine.IO 6.2 do not announce it.
    #[serde(
        rename = "maxPayload",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub max_payload: Option<u64>,
}
