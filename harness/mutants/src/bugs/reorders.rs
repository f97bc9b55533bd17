//! Seen in socketioxide and python-socketio, which run every handler in a task of its own: 100
//! pipelined messages were relayed out of order in ten rounds of ten. Here it does not depend on
//! luck.

use std::time::Duration;

use super::Entry;
use crate::bug::{Bug, Request};

pub(super) const ENTRY: Entry = Entry {
    name: "reorders",
    chapter: "order",
    summary: "of two requests of one client that arrive together the second is handled first",
    bug: || Box::new(Reorders),
};

/// Pipelined requests arrive within it, also by long-polling.
const TOGETHER: Duration = Duration::from_millis(20);

struct Reorders;

impl Bug for Reorders {
    fn gathers(&self) -> Duration {
        TOGETHER
    }

    fn order(&mut self, mut requests: Vec<Request>) -> Vec<Request> {
        for pair in requests.chunks_mut(2) {
            pair.reverse();
        }
        requests
    }
}
