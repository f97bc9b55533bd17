//! The handlers are registered after the reply was sent. Seen in socketioxide, where it hits 1 to 4
//! clients in a hundred that speak at once, and in zishang520/socket.io#110. Here it hits all of
//! them.

use std::time::Duration;

use super::Entry;
use crate::bug::Bug;

pub(super) const ENTRY: Entry = Entry {
    name: "early-event-lost",
    chapter: "order",
    summary: "requests within 50 ms of the CONNECT reply are lost",
    bug: || Box::new(EarlyEventLost),
};

/// Long against the round trip that brings the reply to the client and its request back.
const DEAF: Duration = Duration::from_millis(50);

struct EarlyEventLost;

impl Bug for EarlyEventLost {
    fn deaf_after_connect(&self) -> Duration {
        DEAF
    }
}
