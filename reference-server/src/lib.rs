//! The reference chat server: the seed contract on axum and socketioxide.
//!
//! | client emits | server does, in this order |
//! |---|---|
//! | `enter_room` (nickname, room, ack) | remembers the nickname for this socket; joins the socket to the room; calls ack with no arguments; emits `welcome` (nickname) to everyone else in that room |
//! | `new_message` (text, room, ack) | emits `new_message` ("nickname: text") to everyone else in that room; calls ack with no arguments |
//!
//! What the contract leaves open is done as the Node original does it, but for dying:
//!
//! - No ack function: no ack is sent, everything else happens.
//! - A nickname, room or text that is no string is printed as a JavaScript template prints it (`42`,
//!   `true`, `null`, and `undefined` for one that is missing, so that a message sent before entering
//!   reads `undefined: text`); lists and objects are printed as their JSON, bytes as the text that they
//!   are in UTF-8. `welcome` carries the nickname as it was given (`null` if it was missing). Arguments
//!   beyond these are ignored. All of it is acked.
//! - A message may go to a room that its sender has not entered.
//! - An event that the server has no handler for is ignored, and not acked.
//! - An event sent *before* the CONNECT reply breaks the protocol: the session is closed (socket.io for
//!   Node does the same). From the reply on, none is lost.
//!
//! # The echo
//!
//! Only where [`Config::echo`] asks for it, since the contract knows nothing of it: `message` is answered
//! by `message-back` with the same arguments, and `message-with-ack` is acked with its arguments. They
//! are as many as the client likes, of any type, bytes too, and come back as the JSON that the client
//! wrote. A client whose bytes have no place of their own in its packet, or one that is too deep, is
//! disconnected.
//!
//! # The page
//!
//! `/` is a page to chat on (`web/`), and `/socket.io/socket.io.js` the official browser client, if it was
//! in place when the server was built.
//!
//! # Who leaves, and which rooms there are
//!
//! Only where [`Config::leave_room`], [`Config::bye`] and [`Config::room_change`] ask for it:
//!
//! | what happens | server does, in this order |
//! |---|---|
//! | client emits `leave_room` (room, ack) | takes the socket out of the room, if it is in it; calls ack with no arguments; emits `bye` (nickname) to everyone else in that room, and `room_change` to everyone |
//! | a connection ends | emits `bye` (nickname) to everyone else in each of its rooms; emits `room_change` to everyone |
//! | client enters a room that it is not in | after `welcome`, emits `room_change` to everyone |
//! | client connects | emits `room_change` to it, after the answer to its CONNECT and before anything else |
//!
//! `bye` carries the nickname that the socket gave last, as `welcome` does. `room_change` carries one list of
//! `[name, members]`, sorted by name in the order of code points, without empty rooms. A member that is expelled
//! for reading too slowly hears no more at once, and has left when its connection has ended. When the server stops,
//! nobody is told of those who leave with it.
//!
//! # Limits
//!
//! The contract has none; [`Config`] has, and says which. Its defaults are far beyond what people who chat
//! need, so that ordinary use meets none of them. An event over a limit is not done at all, and its ack is
//! called, in its turn, with one argument:
//!
//! ```json
//! {"error": {"code": "text_too_long", "message": "the text is longer than 1024 bytes of UTF-8", "limit": 1024}}
//! ```
//!
//! | code | setting | what was over it |
//! |---|---|---|
//! | `nickname_too_long` | `max_nickname` | the nickname, in bytes of UTF-8 as it is printed |
//! | `room_too_long` | `max_room` | the name of a room, likewise |
//! | `text_too_long` | `max_text` | the text of a message, likewise |
//! | `too_many_rooms` | `max_rooms` | the rooms that this socket would be in |
//! | `too_many_messages` | `max_messages_per_second` | all events of this socket, in a second |
//!
//! Codes and fields stay as they are; the message is for people. A client that gave no ack function gets the
//! same object with the event `limit_exceeded`, which the contract does not know: who stays within the limits
//! never sees it.
//!
//! What is no event is refused otherwise. A packet of more than `max_payload` bytes, the number that the
//! handshake announces, ends a WebSocket, and is answered by 413 over polling. One client more than
//! `max_connections` gets a `CONNECT_ERROR` with the reason. Pages of origins that are not allowed get 403, and
//! a new client of a server that is stopping 503, each with the reason in the body.
//!
//! # How order and completeness are kept
//!
//! socketioxide runs every handler in a task of its own, which loses events that come with the CONNECT
//! reply and reorders those that come together. So the handlers are registered in a namespace
//! *middleware*, before the reply is written; what a handler does *before* it returns its future runs
//! inline, in the order of arrival, and all it does is to put the event into this socket's
//! inbox; one worker for each socket takes them out and does what the contract says.
//!
//! What is told to a room is encoded once and given to all its members in one call of the library, which
//! does not say whom it missed. So each member's *line* is asked first whether the packet fits.
//!
//! A member who reads too slowly is disconnected, never skipped: see [`Config::max_buffer_packets`] and
//! [`Config::max_buffer_bytes`]. It is taken out of its rooms at once, so that nobody waits for it, gets a
//! DISCONNECT packet behind what it has coming, and is logged and counted. What it does not read is kept
//! until it is given up for dead, by the heartbeat or by TCP: [`Config::ping_timeout`].
//!
//! So the memory that a client can have the server hold is bounded: what waits for it
//! (`max_buffer_bytes`), what it has sent and is not done, or what the library says to that by itself, such as
//! the answers to its CONNECTs (`max_backlog` each), one packet that is under way
//! (`max_payload`; with its attachments, ten million bytes), and the names of its rooms.

mod ack;
mod arguments;
mod chat;
pub mod cli;
mod clock;
mod cluster;
mod config;
mod echo;
mod extensions;
mod inbox;
mod limits;
mod line;
mod meter;
mod metrics;
mod page;
mod probe;
mod rooms;
mod server;
mod upgrading;
mod worker;

pub use cluster::{RedisUrl, RedisUrlError};
pub use config::{Config, ConfigError, LogFormat, Origin, OriginError, Settings};
pub use server::{serve, serve_with};
