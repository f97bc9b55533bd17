//! Messages to packets.

use bytes::Bytes;

use super::packet::Packet;
use super::{DecodeError, header, placeholder};
use crate::Excerpt;

/// How many attachments one packet may have, unless told otherwise. Far above what a chat sends, far
/// below what would hurt.
const DEFAULT_LIMIT: usize = 1024;

/// Puts Socket.IO packets together from the engine's messages, which must be given in the order in
/// which they arrived.
///
/// A packet with attachments is complete when the last of them has arrived; until then the calls
/// return `Ok(None)`. After an error the decoder has forgotten what it was collecting; the protocol
/// asks to close the connection, but the decoder can be used on.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    pending: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    packet: Packet,
    expected: usize,
    attachments: Vec<Bytes>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            pending: None,
        }
    }
}

impl Decoder {
    /// A decoder that takes up to 1024 attachments a packet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder that takes up to `limit` attachments a packet.
    pub fn with_attachment_limit(limit: usize) -> Self {
        Self {
            limit,
            pending: None,
        }
    }

    /// How many attachments the packet in the making still needs; zero between packets.
    pub fn missing(&self) -> usize {
        self.pending
            .as_ref()
            .map_or(0, |pending| pending.expected - pending.attachments.len())
    }

    /// Takes the content of a text message.
    pub fn text(&mut self, text: &str) -> Result<Option<Packet>, DecodeError> {
        let missing = self.missing();
        if self.pending.take().is_some() {
            return Err(DecodeError::TextWithinBinary {
                missing,
                excerpt: Excerpt::of(text),
            });
        }
        let (packet, expected) = header::read(text, self.limit)?;
        if expected == 0 {
            return Ok(Some(packet));
        }
        self.pending = Some(Pending {
            packet,
            expected,
            attachments: Vec::new(),
        });
        Ok(None)
    }

    /// Takes the content of a binary message.
    pub fn binary(&mut self, bytes: Bytes) -> Result<Option<Packet>, DecodeError> {
        let Some(mut pending) = self.pending.take() else {
            return Err(DecodeError::BinaryWithoutHeader { len: bytes.len() });
        };
        pending.attachments.push(bytes);
        if pending.attachments.len() < pending.expected {
            self.pending = Some(pending);
            return Ok(None);
        }
        let Pending {
            mut packet,
            attachments,
            ..
        } = pending;
        if let Packet::Event { args, .. } | Packet::Ack { args, .. } = &mut packet {
            for arg in args {
                placeholder::fill(arg, &attachments);
            }
        }
        Ok(Some(packet))
    }
}
