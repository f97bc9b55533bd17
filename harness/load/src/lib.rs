//! The bench: who puts a load on a chat, and the server that shows what the harness itself can do.
//!
//! Everything here is written for one purpose: that what is measured is the target and not the
//! harness. A worker is a thread with an event loop of its own that owns whole rooms, so that no
//! delivery crosses threads and nothing is locked; a member of a room is a socket and a few words of
//! memory, not a task; and what arrives is stamped by the kernel.
//!
//! How it measures, and when it refuses to, is in [`method`].
//!
//! # Layout
//! - [`bench`](mod@bench): the null server and every target, in turns; `machine`: whether it is enough for that.
//! - [`turn`]: one turn on one target; `worker`: a thread with whole rooms, what it does while they
//!   join (`join`), chat (`chat`), and with what arrives (`packets`).
//! - `member`: one who chats; `link`: its way to the server, a WebSocket or `polling`; `socket`: a
//!   connection, with the kernel's stamps; `inlet`: the buffer in which a worker reads.
//! - `messages`: what became of each message; `text`: how one is told from another.
//! - `frame`: WebSocket frames; `http`: the heads of answers. Both without a socket.
//! - [`fan_out`]: what a worker does for each delivery, alone, to be measured itself.
//! - `processes`: what a server takes of the machine, and on which cores it runs.
//! - [`null`]: the server that does next to nothing.
//! - `alarm`: waking up on time.
//! - `clock`: the only place that reads time.

pub mod bench;
pub mod fan_out;
pub mod null;
pub mod turn;

mod alarm;
mod clock;
mod frame;
mod http;
mod inlet;
mod link;
mod machine;
mod member;
mod messages;
mod polling;
mod processes;
mod socket;
mod text;
mod worker;

#[doc = include_str!("../METHOD.md")]
pub mod method {}

pub use machine::PreflightError;
pub use worker::Live;
