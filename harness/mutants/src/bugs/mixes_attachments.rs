//! Buffers that all connections share, found again by their length.

use std::collections::HashMap;

use bytes::Bytes;
use chatspec_wire::data::Data;

use super::Entry;
use crate::bug::Bug;
use crate::chat::SocketId;
use crate::values;

pub(super) const ENTRY: Entry = Entry {
    name: "mixes-attachments",
    chapter: "arguments",
    summary: "bytes come back as those that another client sent, if they are as many",
    bug: || Box::new(MixesAttachments::default()),
};

#[derive(Default)]
struct MixesAttachments {
    /// By their length: who sent them, and what they were.
    seen: HashMap<usize, (SocketId, Bytes)>,
}

impl Bug for MixesAttachments {
    fn echo(&mut self, from: SocketId, args: Vec<Data>) -> Vec<Data> {
        values::each(args, |value| match value {
            Data::Binary(bytes) => {
                let known = self
                    .seen
                    .entry(bytes.len())
                    .or_insert((from, bytes.clone()));
                if known.0 == from {
                    // As long as nobody else comes, all is well.
                    known.1 = bytes;
                }
                known.1.clone().into()
            }
            other => other,
        })
    }
}
