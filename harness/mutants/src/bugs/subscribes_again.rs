//! A listener that is registered for each connection of somebody, and taken away for none. Seen in
//! netty-socketio, whose connect listener ran twice after a reconnect.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Occasion, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "subscribes-again",
    chapter: "departure",
    summary: "whoever comes back hears everything once more than before",
    bug: || Box::new(SubscribesAgain::default()),
};

#[derive(Default)]
struct SubscribesAgain {
    /// How often somebody of a nickname has left.
    left: HashMap<String, usize>,
}

impl Bug for SubscribesAgain {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        if let Some(Data::Text(nickname)) = chat.nickname(from) {
            *self.left.entry(nickname.clone()).or_default() += 1;
        }
    }

    fn audience(
        &mut self,
        chat: &Chat,
        _occasion: Occasion,
        from: SocketId,
        room: &Room,
    ) -> Vec<SocketId> {
        let others = chat.others_in(room, from).into_iter();
        let times = |socket: SocketId| {
            let nickname = chat.nickname(socket).and_then(Data::as_text);
            1 + nickname
                .and_then(|name| self.left.get(name))
                .copied()
                .unwrap_or_default()
        };
        others
            .flat_map(|socket| std::iter::repeat_n(socket, times(socket)))
            .collect()
    }
}
