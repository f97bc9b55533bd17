//! Runs plans against servers: the only part of the harness that opens sockets, starts processes
//! and reads time.
//!
//! # Layout
//! - [`target`]: what is judged, how it is started, whether it lives.
//! - `client`: our own Socket.IO client, on every transport; [`foreign`]: those of others.
//! - `log`: the one sequencer; `clock`: the one reader of time.
//! - `calibrate`: what has to be known about a target before its cases.
//! - `execute`: one plan, to a history; proofs of absence.
//! - `site`: a server under test, and the way back when it has died.
//! - [`conduct`]: all cases on one target. [`explore`]: chats that nobody wrote. [`doctor`]: what
//!   keeps a target from being judged.

pub mod clock;
pub mod conduct;
pub mod doctor;
pub mod explore;
pub mod target;

mod calibrate;
mod client;
mod execute;
mod log;
mod site;

pub use client::foreign;
