//! Who is in which room.

use std::collections::HashMap;

use slab::Slab;

use super::wires::Member;

/// All rooms that somebody is in.
#[derive(Debug, Default)]
pub(super) struct Rooms {
    /// Only ever asked for one name; nothing depends on an order.
    by_name: HashMap<Box<str>, RoomId>,
    rooms: Slab<Room>,
}

/// Which room it is, while somebody is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RoomId(usize);

#[derive(Debug)]
struct Room {
    name: Box<str>,
    members: Vec<Member>,
}

impl Rooms {
    /// Lets `member`, who is not in it yet, into the room of this name. It is made if there is none.
    pub(super) fn enter(&mut self, name: &str, member: Member) -> RoomId {
        let id = self.id(name).unwrap_or_else(|| {
            let members = Vec::new();
            let name: Box<str> = name.into();
            let id = RoomId(self.rooms.insert(Room {
                name: name.clone(),
                members,
            }));
            self.by_name.insert(name, id);
            id
        });
        if let Some(room) = self.rooms.get_mut(id.0) {
            room.members.push(member);
        }
        id
    }

    /// Lets `member` out of a room again. A room that nobody is in is no more.
    pub(super) fn leave(&mut self, id: RoomId, member: Member) {
        let Some(room) = self.rooms.get_mut(id.0) else {
            return;
        };
        if let Some(at) = room.members.iter().position(|other| *other == member) {
            room.members.swap_remove(at);
        }
        if room.members.is_empty() {
            self.by_name.remove(&room.name);
            self.rooms.remove(id.0);
        }
    }

    /// The room of this name.
    pub(super) fn id(&self, name: &str) -> Option<RoomId> {
        self.by_name.get(name).copied()
    }

    /// Who is in the room of this name.
    pub(super) fn members(&self, name: &str) -> &[Member] {
        self.id(name)
            .and_then(|id| self.rooms.get(id.0))
            .map_or(&[], |room| &room.members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_there_while_somebody_is_in_it() {
        let (ana, ben) = (Member::Socket(0), Member::Poller(0));
        let mut rooms = Rooms::default();
        let id = rooms.enter("r", ana);
        assert_eq!(rooms.enter("r", ben), id);
        assert_ne!(rooms.enter("s", ben), id);
        assert_eq!(rooms.members("r"), [ana, ben]);
        rooms.leave(id, ana);
        assert_eq!(rooms.members("r"), [ben]);
        rooms.leave(id, ben);
        assert_eq!(rooms.id("r"), None);
        assert_eq!(rooms.members("r"), []);
        assert_eq!(rooms.members("s"), [ben]);
        assert_eq!(rooms.rooms.len(), 1);
    }
}
