//! The list is sent when it changes, and a newcomer waits for that.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-list-at-connect",
    chapter: "room list",
    summary: "a newcomer is not told which rooms there are",
    bug: || Box::new(NoListAtConnect),
};

struct NoListAtConnect;

impl Bug for NoListAtConnect {
    fn list_audience(
        &mut self,
        _chat: &Chat,
        change: Change,
        _by: SocketId,
        _changed: Option<&Room>,
        right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        match change {
            Change::Connect => Vec::new(),
            _ => right,
        }
    }
}
