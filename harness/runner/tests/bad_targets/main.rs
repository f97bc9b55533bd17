//! Servers that misbehave, and commands that are no servers: each is given a verdict or an error
//! that names the cause, in bounded time and memory, and none brings the harness down.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod dialects;
mod floods;
mod foreign;
mod frames;
mod polling;
mod processes;
mod slow;
mod strangers;
mod support;
mod tls;
