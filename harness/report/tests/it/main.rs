//! What every reporter writes, as golden files, and what must hold of all of them.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod bench;
mod ci;
mod compared;
mod documents;
mod explore;
mod html;
mod junit;
mod ledger;
mod mutants;
mod pages;
mod sample;
mod terminal;
