//! The nickname is looked up when a message is relayed and not when it comes, and in between there is
//! an `await`.

use std::time::Duration;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Request};
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "nickname-read-late",
    chapter: "nickname",
    summary: "a message is relayed under a nickname that its sender gives after it",
    bug: || Box::new(NicknameReadLate::default()),
};

/// Pipelined requests arrive within it, also by long-polling.
const TOGETHER: Duration = Duration::from_millis(20);

#[derive(Default)]
struct NicknameReadLate {
    /// The last nickname among the requests that are being handled.
    latest: Option<Data>,
}

impl Bug for NicknameReadLate {
    fn gathers(&self) -> Duration {
        TOGETHER
    }

    fn order(&mut self, requests: Vec<Request>) -> Vec<Request> {
        self.latest = requests
            .iter()
            .rev()
            .find_map(|request| match &request.call {
                Call::EnterRoom { nickname, .. } => nickname.clone(),
                _ => None,
            });
        requests
    }

    fn nickname(&mut self, chat: &Chat, from: SocketId, _room: &Room) -> Option<Data> {
        self.latest.clone().or_else(|| chat.nickname(from).cloned())
    }
}
