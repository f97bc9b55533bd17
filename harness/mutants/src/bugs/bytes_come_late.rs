//! Bytes are put together somewhere else than text, and nobody waits for them. Seen in socketioxide
//! (Totodore/socketioxide#232).

use std::time::Duration;

use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::{Bug, Call, Request};

pub(super) const ENTRY: Entry = Entry {
    name: "bytes-come-late",
    chapter: "arguments",
    summary: "of requests that arrive together, those with bytes are handled last",
    bug: || Box::new(BytesComeLate),
};

/// Pipelined requests arrive within it, also by long-polling.
const TOGETHER: Duration = Duration::from_millis(20);

struct BytesComeLate;

impl Bug for BytesComeLate {
    fn gathers(&self) -> Duration {
        TOGETHER
    }

    fn order(&mut self, mut requests: Vec<Request>) -> Vec<Request> {
        requests.sort_by_key(|request| match &request.call {
            Call::Echo { args, .. } => args.iter().any(Data::has_binary),
            Call::EnterRoom { .. }
            | Call::NewMessage { .. }
            | Call::LeaveRoom { .. }
            | Call::Other { .. } => false,
        });
        requests
    }
}
