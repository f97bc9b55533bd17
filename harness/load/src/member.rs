//! A member of a room, from its first byte to its last.

use std::time::Duration;

use mio::Token;

use crate::clock::Nanos;
use crate::link::{Cut, Link, Ways, WebSocket};
use crate::messages::Reader;
use crate::polling::{Polling, shown};
use crate::text::Texts;

/// The ack that answers `enter_room`; those of messages follow it.
pub(crate) const ENTERED: u32 = 0;

/// How long a server may take to let somebody in, or to take somebody further, before it is asked no
/// more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How far somebody has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The Engine.IO session is asked for.
    Opening,
    /// The main namespace is asked for (Socket.IO protocol v5, "Connection to a namespace").
    Connecting,
    /// The room is asked for.
    Entering,
    /// It is in.
    In,
}

/// One who chats, or only listens.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) link: Link,
    pub(crate) stage: Stage,
    pub(crate) reader: Reader,
    /// What its nickname says.
    pub(crate) name: u32,
    /// When its connection was asked for.
    pub(crate) asked: Nanos,
    /// How far the clock of its room was when it asked to enter.
    pub(crate) asked_to_enter: u32,
    /// How far it was when its ack came.
    pub(crate) entered: u32,
    /// How many messages it has written.
    pub(crate) written: u32,
    /// What is known of it as a guest; none of those who stay.
    pub(crate) guest: Option<Box<Guest>>,
}

/// One who enters and leaves while others chat.
#[derive(Debug, Default)]
pub(crate) struct Guest {
    /// Whether it counts: it asked while messages were measured.
    pub(crate) counts: bool,
    /// The first message that it is owed.
    pub(crate) from: u32,
    /// The messages that it has.
    pub(crate) has: Vec<u32>,
    /// When it wants to leave.
    pub(crate) leaves: Nanos,
    /// What it is owed and has not, once it wants to leave.
    pub(crate) misses: Option<Vec<u32>>,
}

/// Whether a guest waited for a message before it would leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// It did not.
    Not,
    /// It did, and waits for others.
    More,
    /// It did, and for no other.
    Last,
}

impl Guest {
    /// How long a guest stays, in nanoseconds.
    pub(crate) const STAYS: u64 = 1_000_000_000;

    /// Takes a message.
    pub(crate) fn got(&mut self, number: u32) -> Waited {
        let Some(misses) = &mut self.misses else {
            self.has.push(number);
            return Waited::Not;
        };
        match misses.iter().position(|missed| *missed == number) {
            None => Waited::Not,
            Some(place) => {
                misses.swap_remove(place);
                if misses.is_empty() {
                    Waited::Last
                } else {
                    Waited::More
                }
            }
        }
    }
}

/// What a packet of the server means to a member that is not in yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing.
    None,
    /// It asked to enter.
    Asked,
    /// It is in.
    Entered,
}

impl Member {
    /// Begins to come in. Its events come under the token of `key`, and the next one.
    pub(crate) fn new(
        ways: &mut Ways,
        key: usize,
        is_polling: bool,
        name: u32,
        reader: Reader,
    ) -> Result<Self, Cut> {
        let [first, second] = tokens(key);
        let asked = Nanos::now();
        let link = if is_polling {
            Link::Polling(Box::new(Polling::open(ways, first, second)?))
        } else {
            Link::WebSocket(WebSocket::open(ways, first)?)
        };
        Ok(Self {
            link,
            stage: Stage::Opening,
            reader,
            name,
            asked,
            asked_to_enter: 0,
            entered: 0,
            written: 0,
            guest: None,
        })
    }

    /// Takes the packet that should be the next on the way in, and answers it.
    pub(crate) fn come_in(
        &mut self,
        ways: &mut Ways,
        texts: &Texts,
        room: &str,
        packet: &[u8],
    ) -> Result<Step, Cut> {
        let wanted = match self.stage {
            Stage::Opening if packet.starts_with(b"0{") => {
                self.stage = Stage::Connecting;
                self.link.send(ways, b"40")?;
                return Ok(Step::None);
            }
            Stage::Connecting if packet.starts_with(b"40") => {
                self.stage = Stage::Entering;
                let name = texts.nickname(self.name);
                let enter = format!("42{ENTERED}[\"enter_room\",\"{name}\",{room}]");
                self.link.send(ways, enter.as_bytes())?;
                return Ok(Step::Asked);
            }
            Stage::Entering if ack(packet) == Some(ENTERED) => {
                self.stage = Stage::In;
                return Ok(Step::Entered);
            }
            // Events of the room may come before the ack, and count for nothing then.
            Stage::Entering if packet.starts_with(b"42") => return Ok(Step::None),
            Stage::In => return Ok(Step::None),
            Stage::Opening => "an Engine.IO handshake",
            Stage::Connecting => "the answer to CONNECT",
            Stage::Entering => "the ack of enter_room",
        };
        let got = shown(packet);
        Err(Cut::Unexpected { wanted, got })
    }
}

/// The tokens of a member: of its first connection, and of a second where it has one.
pub(crate) const fn tokens(key: usize) -> [Token; 2] {
    [Token(2 * key), Token(2 * key + 1)]
}

/// The member whose token it is, and whether it is that of its second connection.
pub(crate) const fn whose(token: Token) -> (usize, bool) {
    (token.0 / 2, token.0 % 2 == 1)
}

/// Which ack a packet is, if it is one of the main namespace (Socket.IO protocol v5, "Acknowledgement").
pub(crate) fn ack(packet: &[u8]) -> Option<u32> {
    let rest = packet.strip_prefix(b"43")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, _) = rest.split_at(digits);
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acks_are_told_by_their_number() {
        assert_eq!(ack(b"430[]"), Some(0));
        assert_eq!(ack(b"4317[\"x\"]"), Some(17));
        assert_eq!(ack(b"43[]"), None);
        assert_eq!(ack(b"43/x,1[]"), None);
        assert_eq!(ack(b"42[\"welcome\"]"), None);
    }

    #[test]
    fn tokens_lead_back() {
        let [first, second] = tokens(7);
        assert_eq!(whose(first), (7, false));
        assert_eq!(whose(second), (7, true));
    }
}
