//! Generated chats: programs that nobody wrote, as scenarios like any other.
//!
//! A [`Program`] says who does what, in which order or at once. It becomes an *open* scenario: its
//! lines only send, and the checkers of [`anomalies`](crate::anomalies) judge what arrives. One that
//! shows a bug is made smaller ([`simpler`]) for as long as it still shows it. Whoever runs the
//! programs decides that; here is no clock and no socket.
//!
//! # Layout
//! - `program`: what a program is, and what makes it one that can be run.
//! - `generate`: programs at random. `shrink`: smaller ones. `write`: as a scenario.

mod generate;
mod program;
mod shrink;
mod write;

pub use generate::nth;
pub use program::{Block, Does, Program, Size, Step, Words};
pub use shrink::simpler;
pub use write::{Told, clauses, scenario};
