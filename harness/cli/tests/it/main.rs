//! The binary as its users meet it: what goes in, and exit code, standard output and standard error
//! together as they come out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod action;
mod bench;
mod colour;
mod describe;
mod documents;
mod explore;
mod findings;
mod fmt;
mod guide;
mod help;
mod ledger;
mod list;
mod mutants;
mod replay;
mod reports;
mod run;
mod serve;
mod setup;
mod signals;
mod suite;
mod support;
mod usage;
