//! A limit on the transport below the one that is announced. Seen the other way round in
//! socketioxide, which announces 100,000 bytes and takes 64 MiB over WebSocket.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "closes-on-long-text",
    chapter: "text",
    summary: "a message of more than 65,536 bytes ends the connection of its sender",
    bug: || Box::new(ClosesOnLongText),
};

/// In bytes of UTF-8.
const LIMIT: usize = 65_536;

struct ClosesOnLongText;

impl Bug for ClosesOnLongText {
    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        match &request.call {
            Call::NewMessage {
                text: Some(Data::Text(text)),
                ..
            } if text.len() > LIMIT => {
                vec![Effect::Close(request.from)]
            }
            _ => effects,
        }
    }
}
