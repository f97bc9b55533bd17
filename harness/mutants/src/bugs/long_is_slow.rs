//! Work that takes as long as a text is long, and nobody who waits for it: a filter, a database.

use std::time::Duration;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Request};

pub(super) const ENTRY: Entry = Entry {
    name: "long-is-slow",
    chapter: "order",
    summary: "of requests that arrive together, messages with longer texts are handled later",
    bug: || Box::new(LongIsSlow),
};

/// Pipelined requests arrive within it, also by long-polling.
const TOGETHER: Duration = Duration::from_millis(20);

/// In bytes; texts that differ by less take the same time.
const STEP: usize = 500;

struct LongIsSlow;

impl Bug for LongIsSlow {
    fn gathers(&self) -> Duration {
        TOGETHER
    }

    fn order(&mut self, mut requests: Vec<Request>) -> Vec<Request> {
        requests.sort_by_key(|request| match &request.call {
            Call::NewMessage {
                text: Some(Data::Text(text)),
                ..
            } => text.len() / STEP,
            _ => 0,
        });
        requests
    }
}
