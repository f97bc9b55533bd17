//! A small Socket.IO chat server, right unless told which bug to have.
//!
//! A suite that passes everything proves nothing. So each of its cases names bugs that it catches,
//! and here are the bugs: a [`Mutant`] is this server with exactly one of them. Without one
//! ([`Mutant::NONE`]) it keeps the seed contract of the design, and is one more implementation to
//! judge: it shares only the wire codec with the harness and nothing with the reference server. Beyond
//! the contract it has the capability `echo` (`message` is answered by `message-back` with the same
//! arguments, and `message-with-ack` is acked with its arguments) and `leave_room`; where the bug is about
//! them, and as [`Mutant::EXTENDED`], `bye` and `room_change` as well.
//!
//! It runs on several nodes as well ([`serve_nodes`]), with a bus that takes its time, and its acks speak for
//! all of them (the capability `ack-across-nodes`).
//!
//! [`serve`] is the whole of it.
//!
//! # Inside
//!
//! From the socket upwards: `connection`, `http_api` and `websocket` move bytes; `session` is Engine.IO
//! (heartbeat, upgrade, the two transports) and the namespaces of Socket.IO; `worker` takes one
//! client's events in order; `chat` is the contract, and turns a request into effects; `world`
//! performs them, those on other nodes a little later. `bug` lists the points at which all of them ask a bug for its opinion, and the
//! answers of a bug are the only difference between a mutant and the right server.
//!
//! # Adding a bug
//!
//! A file in `bugs/` with a struct that implements `bug::Bug`, its `mod` and its line in the list of
//! `bugs/mod.rs`. The file says which real server had the bug, where one is known. With a bug of the chapters
//! `bye` and `room list` the server says who leaves and which rooms there are; with others it does not.

mod bug;
mod bugs;
mod chat;
mod connection;
mod http_api;
mod javascript;
mod lock;
mod mutant;
mod server;
mod session;
mod values;
mod websocket;
mod worker;
mod world;

pub use mutant::{Mutant, UnknownMutant};
pub use server::{Error, serve, serve_nodes};
