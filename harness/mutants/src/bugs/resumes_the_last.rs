//! Recovery of a connection that asks nobody who he is.

use super::Entry;
use crate::bug::Bug;
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "resumes-the-last",
    chapter: "departure",
    summary: "whoever connects is in the rooms of the one who left last",
    bug: || Box::new(ResumesTheLast::default()),
};

#[derive(Default)]
struct ResumesTheLast {
    rooms: Vec<Room>,
}

impl Bug for ResumesTheLast {
    fn leaving(&mut self, chat: &mut Chat, from: SocketId) {
        self.rooms = chat.rooms(from).cloned().collect();
    }

    fn connected(&mut self, chat: &mut Chat, socket: SocketId) {
        for room in &self.rooms {
            chat.join(socket, room.clone());
        }
    }
}
