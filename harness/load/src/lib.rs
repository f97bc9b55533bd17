//! The bench: who puts a load on a chat, and the server that shows what the harness itself can do.
//!
//! Everything here is written for one purpose: that what is measured is the target and not the
//! harness. A worker is a thread with an event loop of its own that owns whole rooms, so that no
//! delivery crosses threads and nothing is locked; a member of a room is a socket and a few words of
//! memory, not a task; and what arrives is stamped by the kernel.
//!
//! # Layout
//! - `clock`: the only place that reads time.
//! - `frame`: WebSocket frames, without a socket.
//! - [`null`]: the server that does next to nothing.

mod clock;
mod frame;
pub mod null;
