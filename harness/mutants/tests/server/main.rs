//! The server over real sockets: right, and with each of its bugs.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails the test"
)]

mod every_bug_shows;
mod right;
mod support;
