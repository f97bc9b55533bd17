//! The server as a client sees it, over the wire, through a codec of its own.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "clippy sees a test in a `#[test]` function only, not in what it calls"
)]

mod any_input;
mod cluster;
mod command;
mod contract;
mod echo;
mod extensions;
mod image;
mod leaks;
mod limits;
mod load;
mod order_and_loss;
mod origins;
mod page;
mod stopping;
mod support;
mod upgrade;
mod watch;
