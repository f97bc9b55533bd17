//! Packet to text and attachments.

use std::cell::RefCell;
use std::fmt::Write as _;

use bytes::Bytes;

use super::packet::{MAIN_NAMESPACE, Packet};
use super::placeholder::Extracting;
use crate::data::Data;
use crate::engine;

/// A packet in its wire form: the content of one text message, and of the binary messages that
/// must follow it at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Content of the text message.
    pub text: String,
    /// Contents of the binary messages, in order.
    pub attachments: Vec<Bytes>,
}

impl Encoded {
    /// Its Engine.IO packets as people read them: the text message with its type in front, and behind it what
    /// is binary (`bytes 00 ff`). Of packets of many kilobytes there is the beginning, which shows how they are
    /// framed.
    pub fn readable(self) -> Vec<String> {
        let text = engine::Packet::Message(self.text).encode_text();
        let attachments = self.attachments.into_iter();
        let attachments = attachments.map(|bytes| Data::Binary(bytes).to_string());
        text.into_iter().chain(attachments).map(cut).collect()
    }
}

fn cut(packet: String) -> String {
    const LONGEST: usize = 2_000;
    let length = packet.chars().count();
    match packet.char_indices().nth(LONGEST) {
        None => packet,
        Some((end, _)) => {
            let more = length - LONGEST;
            let head = packet.get(..end).unwrap_or_default();
            format!("{head}... ({more} more characters)")
        }
    }
}

impl Packet {
    /// The wire form. Clause: Socket.IO protocol v5, "Packet encoding".
    ///
    /// Only events and acks have attachments. The protocol has no place for bytes in the data of
    /// the other packets; there they become their base64 as text.
    pub fn encode(&self) -> Encoded {
        match self {
            Self::Connect { ns, data } => without_attachments('0', ns, data.as_ref()),
            Self::Disconnect { ns } => without_attachments('1', ns, None),
            Self::Event { ns, id, args } => with_attachments(('2', '5'), ns, *id, args),
            Self::Ack { ns, id, args } => with_attachments(('3', '6'), ns, Some(*id), args),
            Self::ConnectError { ns, data } => without_attachments('4', ns, data.as_ref()),
        }
    }
}

fn without_attachments(kind: char, ns: &str, data: Option<&Data>) -> Encoded {
    let mut text = String::from(kind);
    push_namespace(&mut text, ns);
    if let Some(data) = data {
        text.push_str(&json(&Extracting::new(data, None)));
    }
    Encoded {
        text,
        attachments: Vec::new(),
    }
}

/// `kinds` are the packet types without and with attachments.
fn with_attachments(kinds: (char, char), ns: &str, id: Option<u64>, args: &[Data]) -> Encoded {
    let found = RefCell::new(Vec::new());
    let items: Vec<_> = args
        .iter()
        .map(|arg| Extracting::new(arg, Some(&found)))
        .collect();
    let payload = json(&items);
    let attachments = found.into_inner();

    let mut text = String::with_capacity(payload.len() + ns.len() + 16);
    if attachments.is_empty() {
        text.push(kinds.0);
    } else {
        text.push(kinds.1);
        push(&mut text, format_args!("{}-", attachments.len()));
    }
    push_namespace(&mut text, ns);
    if let Some(id) = id {
        push(&mut text, format_args!("{id}"));
    }
    text.push_str(&payload);
    Encoded { text, attachments }
}

fn push_namespace(text: &mut String, ns: &str) {
    if ns != MAIN_NAMESPACE {
        push(text, format_args!("{ns},"));
    }
}

#[expect(clippy::expect_used, reason = "writing to a `String` cannot fail")]
fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what)
        .expect("a string takes what it is given");
}

#[expect(
    clippy::expect_used,
    reason = "the keys of `Data` are strings and its numbers are finite"
)]
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("data is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_says_how_much_is_missing() {
        assert_eq!(cut("é".repeat(2_000)), "é".repeat(2_000));
        let long = cut("é".repeat(2_003));
        assert!(long.ends_with("é... (3 more characters)"), "{long}");
    }

    #[test]
    fn bytes_stand_behind_the_packet_that_announces_them() {
        let bytes = Data::Binary(vec![0, 255].into());
        let packet = Packet::event("message", [bytes], Some(7));
        let told = packet.encode().readable();
        assert_eq!(
            told,
            [
                r#"451-7["message",{"_placeholder":true,"num":0}]"#,
                "bytes 00 ff"
            ]
        );
    }
}
