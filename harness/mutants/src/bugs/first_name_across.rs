//! Nodes keep the nicknames of each other's clients, and learn each once.

use std::collections::HashMap;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room, SocketId};
use crate::javascript::text_of;

pub(super) const ENTRY: Entry = Entry {
    name: "first-name-across",
    chapter: "cluster",
    summary: "on other nodes a client goes by the first nickname that it ever had",
    bug: || Box::new(FirstNameAcross::default()),
};

#[derive(Default)]
struct FirstNameAcross {
    last: Option<String>,
    first: HashMap<SocketId, String>,
}

impl Bug for FirstNameAcross {
    fn introduction(&mut self, nickname: Option<Data>) -> Option<Data> {
        self.last = nickname.as_ref().and_then(Data::as_text).map(str::to_owned);
        nickname
    }

    fn entered(&mut self, _chat: &mut Chat, from: SocketId, _room: &Room) {
        if let Some(nickname) = self.last.take() {
            self.first.entry(from).or_insert(nickname);
        }
    }

    fn crosses(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        let (Call::NewMessage { text, .. }, Some(first)) =
            (&request.call, self.first.get(&request.from))
        else {
            return effects;
        };
        let line = format!("{first}: {}", text_of(text.as_ref()));
        for effect in &mut effects {
            if let Effect::Emit { args, .. } = effect {
                *args = vec![line.clone().into()];
            }
        }
        effects
    }
}
