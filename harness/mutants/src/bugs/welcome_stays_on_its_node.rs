//! Written with `socket.local`, or to the sockets of the process, where the room was meant.

use super::Entry;
use crate::bug::{Bug, Effect, Request};
use crate::chat::Chat;

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-stays-on-its-node",
    chapter: "cluster",
    summary: "newcomers are announced to nobody on another node",
    bug: || Box::new(WelcomeStaysOnItsNode),
};

struct WelcomeStaysOnItsNode;

impl Bug for WelcomeStaysOnItsNode {
    fn crosses(&mut self, _chat: &Chat, _request: &Request, effects: Vec<Effect>) -> Vec<Effect> {
        let stays =
            |effect: &Effect| matches!(effect, Effect::Emit { event, .. } if event == "welcome");
        effects
            .into_iter()
            .filter(|effect| !stays(effect))
            .collect()
    }
}
