//! Several packets in one HTTP long-polling body.
//!
//! Clause: Engine.IO protocol v4, "Packet encoding", "HTTP long-polling": packets are joined by the
//! record separator (U+001E), and bytes are written as `b` followed by base64.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use super::{DecodeError, Packet};
use crate::excerpt::{Excerpt, reason};

/// What stands between two packets. JSON escapes it, so no Socket.IO packet contains it; an
/// Engine.IO message that does cannot travel by long-polling.
pub const SEPARATOR: char = '\u{1e}';

/// Padding is written, and may be absent when read: browsers decode either, so a server that leaves
/// it out breaks nobody.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Writes a body of `packets`.
pub fn encode(packets: &[Packet]) -> String {
    let mut body = String::new();
    for (index, packet) in packets.iter().enumerate() {
        if index > 0 {
            body.push(SEPARATOR);
        }
        match packet {
            Packet::Binary(bytes) => {
                body.push('b');
                BASE64.encode_string(bytes, &mut body);
            }
            text => body.push_str(&text.encode_text().unwrap_or_default()),
        }
    }
    body
}

/// Reads a body. All or nothing: one bad packet makes the body bad, as it does for the client of
/// the reference implementation.
pub fn decode(body: &str) -> Result<Vec<Packet>, DecodeError> {
    body.split(SEPARATOR).map(decode_one).collect()
}

fn decode_one(text: &str) -> Result<Packet, DecodeError> {
    let Some(encoded) = text.strip_prefix('b') else {
        return Packet::decode_text(text);
    };
    match BASE64.decode(encoded) {
        Ok(bytes) => Ok(Packet::Binary(Bytes::from(bytes))),
        Err(error) => Err(DecodeError::Base64 {
            reason: reason(&error),
            excerpt: Excerpt::of(text),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_share_a_body() {
        let packets = [
            Packet::Message("hola".to_owned()),
            Packet::Ping(String::new()),
            Packet::Binary(Bytes::from_static(&[0, 255, 16])),
        ];
        assert_eq!(encode(&packets), "4hola\u{1e}2\u{1e}bAP8Q");
        assert_eq!(decode("4hola\u{1e}2\u{1e}bAP8Q"), Ok(packets.to_vec()));
    }

    #[test]
    fn padding_may_be_absent() {
        let one = Ok(vec![Packet::Binary(Bytes::from_static(&[7]))]);
        assert_eq!(decode("bBw=="), one);
        assert_eq!(decode("bBw"), one);
    }

    #[test]
    fn an_empty_binary_message_is_a_message() {
        assert_eq!(decode("b"), Ok(vec![Packet::Binary(Bytes::new())]));
    }

    #[test]
    fn a_gap_between_separators_is_no_packet() {
        for body in ["", "4a\u{1e}", "\u{1e}4a", "4a\u{1e}\u{1e}4b"] {
            assert_eq!(decode(body), Err(DecodeError::Empty), "{body:?}");
        }
    }
}
