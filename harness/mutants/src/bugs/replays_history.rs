//! A feature that nobody asked for: history is not a part of the contract.

use std::collections::HashMap;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room};

pub(super) const ENTRY: Entry = Entry {
    name: "replays-history",
    chapter: "welcome",
    summary: "a newcomer is sent what was said in the room before",
    bug: || Box::new(ReplaysHistory::default()),
};

#[derive(Default)]
struct ReplaysHistory {
    /// The line that is being relayed.
    last: String,
    said: HashMap<Room, Vec<String>>,
}

impl Bug for ReplaysHistory {
    fn line(&mut self, nickname: &str, text: &str) -> String {
        let line = format!("{nickname}: {text}");
        self.last.clone_from(&line);
        line
    }

    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        match &request.call {
            Call::EnterRoom { room, .. } => {
                let said = self.said.get(&Room::of(room.as_ref()));
                effects.extend(said.into_iter().flatten().map(|line| Effect::Emit {
                    to: request.from,
                    event: "new_message".to_owned(),
                    args: vec![line.clone().into()],
                }));
            }
            Call::NewMessage { room, .. } => {
                let said = self.said.entry(Room::of(room.as_ref())).or_default();
                said.push(std::mem::take(&mut self.last));
            }
            Call::LeaveRoom { .. } | Call::Echo { .. } | Call::Other { .. } => {}
        }
        effects
    }
}
