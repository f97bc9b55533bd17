//! What goes out to one member, and what becomes of a member to whom it cannot go.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tokio::time::MissedTickBehavior;

/// Why a member is disconnected by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expulsion {
    /// As many packets wait for this member as may wait for anyone.
    SlowReader,
    /// This member's events arrive faster than they can be done.
    FastSender,
    /// An event of this member is not JSON, or bytes have no place of their own in it.
    Malformed,
}

impl fmt::Display for Expulsion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SlowReader => "reads too slowly: its buffer is full",
            Self::FastSender => "sends faster than its messages can be relayed",
            Self::Malformed => "sent an event that is not JSON, or bytes that have no place in it",
        })
    }
}

/// The way to one member: open until the first packet that could not be put on it.
///
/// Kept in the socket's extensions, since those who write to a member are the others in its room. The
/// lock makes "did not fit, so nothing more" one step: without it, of two messages relayed at once the
/// first may be refused and the second, a moment later, find room.
#[derive(Debug, Clone)]
pub(crate) struct Line(Arc<Mutex<bool>>);

impl Line {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(true)))
    }

    /// The line of this socket; every socket that has handlers has one.
    pub(crate) fn of(socket: &SocketRef) -> Option<Self> {
        socket.extensions.get()
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `put` unless the line is closed; closes it if what was put did not fit.
    pub(crate) fn send(&self, socket: &SocketRef, put: impl FnOnce() -> Result<(), SendError>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !*open {
            return;
        }
        match put() {
            Ok(()) => {}
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                *open = false;
                drop(open);
                expel(socket, Expulsion::SlowReader);
            }
            Err(SendError::Socket(SocketError::Closed)) => {
                tracing::debug!(sid = %socket.id, "has left before it could be told");
            }
            Err(SendError::Serialize(error)) => {
                tracing::error!(sid = %socket.id, %error, "cannot encode a packet");
            }
        }
    }

    /// Closes the line from the server's side; does nothing if it is closed.
    pub(crate) fn close(&self, socket: &SocketRef, why: Expulsion) {
        let was_open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if was_open {
            expel(socket, why);
        }
    }
}

/// Takes the member out of its rooms and disconnects it, behind whatever already waits for it.
fn expel(socket: &SocketRef, why: Expulsion) {
    tracing::warn!(sid = %socket.id, reason = %why, "disconnected a member");
    socket.leave_all();
    tokio::spawn(take_leave(socket.clone()));
}

/// Sends the DISCONNECT packet as soon as there is room for it.
///
/// The library tells nobody when a buffer has room again, so it is asked. This ends: the buffer of a
/// member that never reads has no room for a ping either, and then the heartbeat closes the session.
async fn take_leave(socket: SocketRef) {
    let mut retry = tokio::time::interval(Duration::from_millis(20));
    retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while socket.connected() {
        retry.tick().await;
        match socket.clone().disconnect() {
            Err(SocketError::InternalChannelFull) => {}
            Ok(()) | Err(SocketError::Closed) => return,
        }
    }
}
