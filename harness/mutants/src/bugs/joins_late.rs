//! Joining is asynchronous in many a library, and here nobody waits for it.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, Room, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "joins-late",
    chapter: "welcome",
    summary: "the ack of an entering comes 20 ms before the newcomer is in",
    bug: || Box::new(JoinsLate),
};

/// Time for somebody else to speak.
const LATE: Duration = Duration::from_millis(20);

struct JoinsLate;

impl Bug for JoinsLate {
    fn entered(&mut self, chat: &mut Chat, from: SocketId, room: &Room) {
        chat.leave(from, room);
    }

    fn effects(&mut self, _chat: &Chat, request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let Call::EnterRoom { room, .. } = &request.call else {
            return effects;
        };
        let (mut late, others): (Vec<_>, Vec<_>) = effects.into_iter().partition(Effect::is_ack);
        late.push(Effect::Wait(LATE));
        late.push(Effect::Join {
            socket: request.from,
            room: Room::of(room.as_ref()),
        });
        late.extend(others);
        late
    }
}
