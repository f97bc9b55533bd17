//! Who is in which room, and how everyone there is told something.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;
use socketioxide::extract::SocketRef;
use socketioxide::operators::BroadcastOperators;
use socketioxide::socket::Sid;
use socketioxide::{BroadcastError, SendError, SocketError, SocketIo};
use tokio::sync::{Mutex, MutexGuard};

use crate::line::{Admission, Line, event_size};

/// What happens in a room happens one thing at a time, as in the single thread of the original: all
/// members hear it in one order, nothing reaches a newcomer before its ack, and of two who enter at
/// once only the first hears of the other.
///
/// A lock stands for all rooms whose names hash alike, so that there are as many as there ever will be.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    shards: [Mutex<Shard>; 32],
    names: RandomState,
}

type Shard = BTreeMap<String, BTreeMap<Sid, Line>>;

/// A room, and the right to do something in it.
///
/// The members are known here as well as to the library: it tells them, and whether they may be told is
/// asked of their lines.
#[derive(Debug)]
pub(crate) struct Room<'a> {
    name: &'a str,
    shard: MutexGuard<'a, Shard>,
}

/// On whose behalf a room is told something.
#[derive(Clone, Copy)]
pub(crate) enum Speaker<'a> {
    /// A client, which is not told itself.
    Client(&'a SocketRef),
    /// Nobody who is here.
    Nobody(&'a SocketIo),
}

impl Rooms {
    /// Waits until nobody else does anything in the room of this name.
    pub(crate) async fn enter<'a>(&'a self, name: &'a str) -> Room<'a> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "truncated on purpose, it is a hash"
        )]
        let place = self.names.hash_one(name) as usize % self.shards.len();
        Room {
            name,
            shard: self.shards[place].lock().await,
        }
    }
}

impl Room<'_> {
    pub(crate) fn name(&self) -> &str {
        self.name
    }

    /// Makes a client a member, unless it is being disconnected.
    pub(crate) fn join(&mut self, socket: &SocketRef, line: &Line) {
        socket.join(self.name.to_owned());
        if line.is_open() {
            let members = self.shard.entry(self.name.to_owned()).or_default();
            members.insert(socket.id, line.clone());
        } else {
            // Whoever closed the line may have emptied its rooms before it joined this.
            socket.leave(self.name.to_owned());
        }
    }

    /// Ends the membership of a client that has asked for it.
    pub(crate) fn leave(&mut self, socket: &SocketRef) {
        socket.leave(self.name.to_owned());
        self.forget(socket.id);
    }

    /// Forgets a client whose connection is over: the library has noticed that by itself.
    pub(crate) fn forget(&mut self, member: Sid) {
        if let Some(members) = self.shard.get_mut(self.name) {
            members.remove(&member);
            if members.is_empty() {
                self.shard.remove(self.name);
            }
        }
    }

    /// Tells an event to everyone in the room but the speaker; gives how many took it.
    ///
    /// It is encoded once. The library does not say whom it missed, so every member is first asked
    /// whether the packet fits, and whoever has no room for it leaves before the others are told.
    pub(crate) async fn tell(
        &mut self,
        speaker: Speaker<'_>,
        event: &str,
        argument: &RawValue,
    ) -> u64 {
        let Some(members) = self.shard.get(self.name) else {
            return 0;
        };
        let size = event_size(event, argument);
        let mut told = 0;
        let mut leaving = Vec::new();
        for (member, line) in members {
            if speaker.is(*member) {
                continue;
            }
            match line.admit(size) {
                Admission::Taken => told += 1,
                Admission::Full => leaving.push((*member, true)),
                Admission::Closed => leaving.push((*member, false)),
            }
        }
        for (member, is_slow) in leaving {
            self.expel(speaker, member, is_slow);
        }
        if told == 0 {
            return 0;
        }
        match speaker.to(self.name) {
            Some(room) => match room.emit(event, argument).await {
                Ok(()) => told,
                Err(error) => told.saturating_sub(self.missed(speaker, &error)),
            },
            None => 0,
        }
    }

    /// Takes a member out of the room for good. One whose line is closed already may be on its way out
    /// of its rooms; the others must not be told before it is out of this one.
    fn expel(&mut self, speaker: Speaker<'_>, member: Sid, is_slow: bool) {
        let members = self.shard.get_mut(self.name);
        let line = members.and_then(|members| members.remove(&member));
        if let (Some(line), Some(socket)) = (line, speaker.socket(member)) {
            socket.leave(self.name.to_owned());
            if is_slow {
                line.expel_slow_reader(&socket);
            }
        }
    }

    /// Somebody's buffer was full although the line had room: it is full of what the library says by
    /// itself, which only a client can bring about that asks and asks and does not read. Whoever
    /// missed a packet must get nothing more.
    fn missed(&mut self, speaker: Speaker<'_>, error: &BroadcastError) -> u64 {
        let BroadcastError::Socket(errors) = error else {
            tracing::error!(%error, "cannot tell a room");
            return u64::MAX;
        };
        let full = |error: &&SocketError| matches!(error, SocketError::InternalChannelFull);
        let missed = errors.iter().filter(full).count();
        if missed > 0 {
            for member in self.overrun(speaker, missed) {
                self.expel(speaker, member, true);
            }
        }
        errors.len() as u64
    }

    /// Who may have missed a packet, if so many have: whoever still has no room, and first of all
    /// whoever has most to read.
    fn overrun(&self, speaker: Speaker<'_>, missed: usize) -> Vec<Sid> {
        let members = self.shard.get(self.name).into_iter().flatten();
        let mut suspects: Vec<_> = members
            .filter(|(member, _)| !speaker.is(**member))
            .map(|(member, line)| {
                let is_full = speaker.socket(*member).is_some_and(|it| is_full(&it));
                (is_full, line.waiting(), *member)
            })
            .collect();
        suspects.sort_unstable_by(|one, other| other.cmp(one));
        suspects
            .into_iter()
            .enumerate()
            .take_while(|(place, (is_full, ..))| *is_full || *place < missed)
            .map(|(_, (.., member))| member)
            .collect()
    }
}

impl Speaker<'_> {
    fn is(&self, member: Sid) -> bool {
        matches!(self, Self::Client(socket) if socket.id == member)
    }

    fn to(&self, room: &str) -> Option<BroadcastOperators> {
        match self {
            Self::Client(socket) => Some(socket.to(room.to_owned())),
            Self::Nobody(io) => Some(io.of("/")?.within(room.to_owned())),
        }
    }

    fn socket(&self, member: Sid) -> Option<SocketRef> {
        match self {
            Self::Client(socket) => socket.broadcast().get_socket(member),
            Self::Nobody(io) => io.of("/")?.get_socket(member),
        }
    }
}

/// Whether one packet more finds no room in the library's buffer. A packet takes its place there before
/// it is encoded, so that one that cannot be encoded asks for a place and takes none.
fn is_full(socket: &SocketRef) -> bool {
    let asked = socket.emit("", &Nothing);
    matches!(
        asked,
        Err(SendError::Socket(SocketError::InternalChannelFull))
    )
}

/// What cannot be encoded.
struct Nothing;

impl Serialize for Nothing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("there is nothing to send"))
    }
}
