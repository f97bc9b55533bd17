//! What goes out to one member, and what becomes of a member to whom it cannot go.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::value::RawValue;
use socketioxide::extract::SocketRef;
use socketioxide::{SendError, SocketError};
use tokio::time::MissedTickBehavior;

use crate::config::Config;
use crate::meter::Flow;
use crate::metrics::Metrics;

/// Why a member is disconnected by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expulsion {
    /// As many packets or bytes wait for this member as may wait for anyone.
    SlowReader,
    /// This member's events arrive faster than they can be done.
    FastSender,
    /// An event of this member is not JSON, or bytes have no place of their own in it.
    Malformed,
}

impl Expulsion {
    pub(crate) const ALL: [Self; 3] = [Self::SlowReader, Self::FastSender, Self::Malformed];

    /// What it is called in the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SlowReader => "slow_consumer",
            Self::FastSender => "fast_sender",
            Self::Malformed => "malformed",
        }
    }
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
pub(crate) struct Line(Arc<Ends>);

#[derive(Debug)]
struct Ends {
    state: Mutex<State>,
    /// Missing only where nobody has counted, as in a server that is put together by hand.
    flow: Option<Arc<Flow>>,
    max_packets: usize,
    max_bytes: u64,
    metrics: Metrics,
}

#[derive(Debug)]
struct State {
    open: bool,
    /// How many bytes were put on the line, at the least: what the library sends by itself is not
    /// known here, but has been written by the time that nothing waits any more.
    handed: u64,
    /// Where in that each packet ends that has not been written, as far as anybody has looked.
    ends: VecDeque<u64>,
}

/// What became of a packet that was to go out to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// There is room for it, and it has been counted: it has to be put on the line now.
    Taken,
    /// There is none, and the line is closed from now on. The member has to be disconnected.
    Full,
    /// The line was closed before.
    Closed,
}

impl Line {
    pub(crate) fn new(socket: &SocketRef, config: &Config, metrics: Metrics) -> Self {
        Self(Arc::new(Ends {
            state: Mutex::new(State {
                open: true,
                handed: 0,
                ends: VecDeque::new(),
            }),
            flow: Flow::of(socket),
            max_packets: config.max_buffer_packets.get(),
            max_bytes: config.max_buffer_bytes as u64,
            metrics,
        }))
    }

    /// The line of this socket; every socket that has handlers has one.
    pub(crate) fn of(socket: &SocketRef) -> Option<Self> {
        socket.extensions.get()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state().open
    }

    /// How many bytes wait in memory for this member to read.
    pub(crate) fn waiting(&self) -> u64 {
        self.0.waiting(&self.state())
    }

    /// Counts a packet of `size` bytes that is about to be put on the line, if there is room for it.
    pub(crate) fn admit(&self, size: usize) -> Admission {
        let mut state = self.state();
        if !state.open {
            return Admission::Closed;
        }
        if self.0.make_room(&mut state, size) {
            return Admission::Taken;
        }
        state.open = false;
        Admission::Full
    }

    /// Does `put` unless the line is closed; closes it if what was put, a packet of `size` bytes or
    /// more, did not fit.
    pub(crate) fn send(
        &self,
        socket: &SocketRef,
        size: usize,
        put: impl FnOnce() -> Result<(), SendError>,
    ) {
        let mut state = self.state();
        if !state.open {
            return;
        }
        let put = if self.0.make_room(&mut state, size) {
            put()
        } else {
            Err(SendError::Socket(SocketError::InternalChannelFull))
        };
        match put {
            Ok(()) => {}
            Err(SendError::Socket(SocketError::InternalChannelFull)) => {
                state.open = false;
                drop(state);
                self.expel_slow_reader(socket);
            }
            Err(SendError::Socket(SocketError::Closed)) => {
                tracing::debug!(sid = %socket.id, "has left before it could be told");
            }
            Err(SendError::Serialize(error)) => {
                tracing::error!(sid = %socket.id, %error, "cannot encode a packet");
            }
        }
    }

    /// Disconnects a member that has no room for what it was to be told.
    pub(crate) fn expel_slow_reader(&self, socket: &SocketRef) {
        let mut state = self.state();
        state.open = false;
        let waiting = self.0.waiting(&state);
        drop(state);
        self.expel(socket, Expulsion::SlowReader, waiting);
    }

    /// Closes the line from the server's side; does nothing if it is closed.
    pub(crate) fn close(&self, socket: &SocketRef, why: Expulsion) {
        let mut state = self.state();
        let was_open = std::mem::take(&mut state.open);
        let waiting = self.0.waiting(&state);
        drop(state);
        if was_open {
            self.expel(socket, why, waiting);
        }
    }

    /// Takes the member out of its rooms and disconnects it, behind whatever already waits for it.
    fn expel(&self, socket: &SocketRef, why: Expulsion, waiting_bytes: u64) {
        tracing::warn!(sid = %socket.id, reason = %why, waiting_bytes, "disconnected a member");
        self.0.metrics.expelled(why);
        socket.leave_all();
        tokio::spawn(take_leave(socket.clone()));
    }
}

impl Ends {
    fn waiting(&self, state: &State) -> u64 {
        let written = self
            .flow
            .as_ref()
            .map_or(state.handed, |flow| flow.written());
        state.handed.saturating_sub(written)
    }

    /// Whether one packet more may wait; counts it if it may. It is done before it is put on the line,
    /// for it may be written before the call that puts it there returns.
    fn make_room(&self, state: &mut State, size: usize) -> bool {
        let Some(flow) = &self.flow else {
            return true;
        };
        let size = flow.framed(size);
        let written = flow.written();
        if written >= state.handed {
            // What the library has sent by itself is out as well.
            state.handed = written + size;
            state.ends.clear();
        } else {
            while state.ends.front().is_some_and(|end| *end <= written) {
                state.ends.pop_front();
            }
            let waiting = state.handed - written;
            if waiting + size > self.max_bytes || state.ends.len() >= self.max_packets {
                return false;
            }
            state.handed += size;
        }
        state.ends.push_back(state.handed);
        true
    }
}

/// How long the packet of an event is: `42["name",argument]`.
pub(crate) fn event_size(event: &str, argument: &RawValue) -> usize {
    r#"42["",]"#.len() + event.len() + argument.get().len()
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
