//! The judge, from the outside.
#![expect(
    clippy::expect_used,
    clippy::match_same_arms,
    clippy::print_stdout,
    clippy::single_match_else,
    clippy::unwrap_used,
    reason = "what helps a test may fail, print and enumerate as tests do"
)]

mod support;
mod ways;

mod anomalies;
mod explore;
mod histories;
mod merge;
mod parts;
mod properties;
mod stored;
