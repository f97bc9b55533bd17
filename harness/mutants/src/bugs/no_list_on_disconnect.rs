//! The list is sent where requests are handled, and only there.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Change, Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "no-list-on-disconnect",
    chapter: "room list",
    summary: "the list of rooms is not sent when somebody disconnects",
    bug: || Box::new(NoListOnDisconnect),
};

struct NoListOnDisconnect;

impl Bug for NoListOnDisconnect {
    fn list_audience(
        &mut self,
        _chat: &Chat,
        change: Change,
        _by: SocketId,
        _changed: Option<&Room>,
        right: Vec<SocketId>,
    ) -> Vec<SocketId> {
        match change {
            Change::Disconnect | Change::Lost => Vec::new(),
            _ => right,
        }
    }
}
