//! Two locks that are taken in two orders. Seen in the Socket.IO server for Java, which stands still
//! when several clients leave a chat room at once.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "hangs-when-many-leave",
    chapter: "departure",
    summary: "when twenty leave in a row, nothing is answered any more",
    bug: || Box::new(HangsWhenManyLeave::default()),
};

const MANY: u32 = 20;

/// Longer than anybody waits.
const FOREVER: Duration = Duration::from_hours(1);

#[derive(Default)]
struct HangsWhenManyLeave {
    left_in_a_row: u32,
}

impl Bug for HangsWhenManyLeave {
    fn leaving(&mut self, _chat: &mut Chat, _from: SocketId) {
        self.left_in_a_row += 1;
    }

    fn effects(
        &mut self,
        _chat: &Chat,
        _request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if self.left_in_a_row >= MANY {
            effects.insert(0, Effect::Wait(FOREVER));
        } else {
            self.left_in_a_row = 0;
        }
        effects
    }
}
