//! Members are kept by their nicknames, and the clean-up after one takes its namesakes along.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "leaves-by-name",
    chapter: "nickname",
    summary: "with a member that disconnects go all others of its nickname",
    bug: || Box::new(LeavesByName),
};

struct LeavesByName;

impl Bug for LeavesByName {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        let nickname = chat.nickname(from).cloned();
        let namesakes = chat.others(from).into_iter();
        let namesakes = namesakes.filter(|other| chat.nickname(*other) == nickname.as_ref());
        let namesakes: Vec<_> = namesakes.collect();
        let rooms: Vec<_> = chat.rooms(from).cloned().collect();
        for namesake in namesakes {
            for room in &rooms {
                chat.leave(namesake, room);
            }
        }
    }
}
