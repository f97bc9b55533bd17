//! Recovery of a connection, for somebody who has asked for none: who left and who comes are taken
//! for one because they bear one nickname.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "keeps-for-later",
    chapter: "departure",
    summary: "what was said while somebody was away is delivered when it enters again",
    bug: || Box::new(KeepsForLater::default()),
};

#[derive(Default)]
struct KeepsForLater {
    /// The line that is being relayed.
    last: String,
    /// By nickname and room of whoever left.
    missed: HashMap<(String, Room), Vec<String>>,
}

impl Bug for KeepsForLater {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        if let Some(Data::Text(nickname)) = chat.nickname(from) {
            let rooms = chat.rooms(from).cloned();
            let away = rooms.map(|room| ((nickname.clone(), room), Vec::new()));
            self.missed.extend(away);
        }
    }

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
            Call::EnterRoom {
                nickname: Some(Data::Text(nickname)),
                room,
            } => {
                let away = (nickname.clone(), Room::of(room.as_ref()));
                let missed = self.missed.remove(&away).unwrap_or_default();
                effects.extend(missed.into_iter().map(|line| Effect::Emit {
                    to: request.from,
                    event: "new_message".to_owned(),
                    args: vec![line.into()],
                }));
            }
            Call::NewMessage { room, .. } => {
                let room = Room::of(room.as_ref());
                let away = self.missed.iter_mut().filter(|((_, of), _)| *of == room);
                away.for_each(|(_, missed)| missed.push(self.last.clone()));
            }
            _ => {}
        }
        effects
    }
}
