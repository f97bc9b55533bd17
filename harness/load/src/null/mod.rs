//! The null server: a chat that does next to nothing, so that what is measured against it is what the
//! harness and the machine can do at most.
//!
//! It follows the seed contract over WebSocket and long-polling, and nothing beyond it: a bench that
//! runs against it is the bench that runs against anyone. One thread, one event loop; a message is
//! put into a frame once and copied to each member of the room, and what has come together for a
//! connection in one turn of the loop leaves with one write.
//!
//! On demand it has flaws whose size is known ([`Options`]). A bench that does not find them again has
//! no business measuring others.
//!
//! # Layout
//! - `options`: the flaws to have, and the words for them.
//! - `server`: the event loop; who is read when, and what is due when.
//! - `requests`, `frames`: what becomes of the bytes that were read.
//! - `wires`: connections and polling sessions; everything that leaves goes through it.
//! - `connection`: one TCP connection and what waits to be written to it.
//! - `poller`: one Engine.IO session over long-polling.
//! - `chat`: the contract.
//! - `rooms`: who is in which room.
//! - `packet`: what a packet of a client asks.
//! - `http`: requests and answers, without a socket.
//! - `pause`: standing still, and keeping a beat.
//! - `burn`: threads that take processor time from everyone.

mod burn;
mod chat;
mod connection;
mod frames;
mod http;
mod options;
mod packet;
mod pause;
mod poller;
mod requests;
mod rooms;
mod server;
#[cfg(test)]
mod tests;
mod wires;

pub use self::options::{Options, OptionsError, Stall};
pub use self::server::{listen, serve};
