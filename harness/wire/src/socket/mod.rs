//! Socket.IO v5: namespaces, events and acks, inside the engine's messages.
//!
//! A [`Packet`] is written by [`Packet::encode`] as one text and as many attachments as there are
//! bytes in it. The [`Decoder`] puts them together again; it has state, because the attachments are
//! messages of their own that follow the text.

mod decoder;
mod encode;
mod error;
mod header;
mod packet;
mod placeholder;

pub use decoder::Decoder;
pub use encode::Encoded;
pub use error::DecodeError;
pub use packet::{MAIN_NAMESPACE, Packet, RESERVED_EVENTS};
