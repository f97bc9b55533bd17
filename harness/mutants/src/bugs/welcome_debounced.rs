//! A debounce that was meant to spare a busy room, and that loses what it holds back.

use std::collections::HashMap;
use std::time::Duration;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Effect, Request};
use crate::chat::{Chat, SocketId};

pub(super) const ENTRY: Entry = Entry {
    name: "welcome-debounced",
    chapter: "welcome",
    summary: "of newcomers that enter within 20 ms only the last is announced",
    bug: || Box::new(WelcomeDebounced::default()),
};

/// How long a welcome is held back.
const SETTLES: Duration = Duration::from_millis(20);

#[derive(Default)]
struct WelcomeDebounced {
    /// The last newcomer that each member is to hear of.
    latest: HashMap<SocketId, Vec<Data>>,
}

impl Bug for WelcomeDebounced {
    fn effects(
        &mut self,
        _chat: &Chat,
        request: &Request,
        mut effects: Vec<Effect>,
    ) -> Vec<Effect> {
        if matches!(request.call, Call::EnterRoom { .. }) {
            for effect in &effects {
                if let Effect::Emit { to, args, .. } = effect {
                    self.latest.insert(*to, args.clone());
                }
            }
            let welcomes = effects.iter().position(Effect::is_emit);
            effects.insert(welcomes.unwrap_or(effects.len()), Effect::Wait(SETTLES));
        }
        effects
    }

    fn performs(&mut self, effect: &Effect) -> bool {
        match effect {
            Effect::Emit { to, event, args } if event == "welcome" => {
                self.latest.get(to) == Some(args)
            }
            _ => true,
        }
    }
}
