//! The nickname in a variable of the module and not of the socket. So that it shows also where
//! other people of the same name come and go, the last *other* nickname is taken.

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "nickname-global",
    chapter: "nickname",
    summary: "there is one nickname for the whole server: the last that somebody else gave",
    bug: || Box::new(NicknameGlobal::default()),
};

#[derive(Default)]
struct NicknameGlobal {
    /// Every nickname ever given, the last one last.
    given: Vec<Data>,
}

impl Bug for NicknameGlobal {
    fn entered(&mut self, chat: &mut Chat, from: SocketId, _room: &Room) {
        if let Some(nickname) = chat.nickname(from) {
            self.given.retain(|given| given != nickname);
            self.given.push(nickname.clone());
        }
    }

    fn nickname(&mut self, chat: &Chat, from: SocketId, _room: &Room) -> Option<Data> {
        let own = chat.nickname(from);
        let others = self.given.iter().rev().find(|given| Some(*given) != own);
        others.or(own).cloned()
    }
}
