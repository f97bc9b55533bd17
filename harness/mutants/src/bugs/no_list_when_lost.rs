//! The list is sent where the client says goodbye, and not where its connection breaks.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-list-when-lost",
    chapter: "room list",
    summary: "the list of rooms is not sent when a connection breaks",
    bug: || Box::new(NoListWhenLost),
};

struct NoListWhenLost;

impl Bug for NoListWhenLost {
    fn list_audience(
        &mut self,
        _chat: &Chat,
        change: Change,
        _by: SocketId,
        _changed: Option<&Room>,
        right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        match change {
            Change::Lost => Vec::new(),
            _ => right,
        }
    }
}
