//! The one place that asks what time it is.

use std::time::Instant;

/// Now.
#[expect(
    clippy::disallowed_methods,
    reason = "latencies and rates are measured; this is the crate's clock"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
