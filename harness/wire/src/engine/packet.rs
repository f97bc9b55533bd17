//! One Engine.IO packet.

use bytes::Bytes;

use super::{DecodeError, Handshake};
use crate::excerpt::{Excerpt, reason};

/// One Engine.IO packet. Clause: Engine.IO protocol v4, "Packet encoding".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet {
    /// `0`: the handshake; the first packet of a session, from the server.
    Open(Handshake),
    /// `1`: the session ends.
    Close,
    /// `2`: heartbeat from the server, or `probe` from an upgrading client.
    Ping(String),
    /// `3`: the answer to a ping, with the same data.
    Pong(String),
    /// `4`: text for the layer above.
    Message(String),
    /// Bytes for the layer above: a binary WebSocket frame, or `b` and base64 in long-polling.
    Binary(Bytes),
    /// `5`: the client has moved to this transport.
    Upgrade,
    /// `6`: nothing; it lets a pending long-polling request end.
    Noop,
}

/// A packet as WebSocket carries it: one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text frame.
    Text(String),
    /// A binary frame. It has no type character: over WebSocket, bytes are always a message.
    Binary(Bytes),
}

impl Packet {
    /// Reads the content of a text frame, or one non-binary packet of a long-polling payload.
    pub fn decode_text(text: &str) -> Result<Self, DecodeError> {
        let mut rest = text.chars();
        let kind = rest.next().ok_or(DecodeError::Empty)?;
        let data = rest.as_str();
        let bare = |packet, kind| {
            if data.is_empty() {
                Ok(packet)
            } else {
                Err(DecodeError::TrailingData {
                    kind,
                    excerpt: Excerpt::of(text),
                })
            }
        };
        match kind {
            '0' => match serde_json::from_str(data) {
                Ok(handshake) => Ok(Self::Open(handshake)),
                Err(error) => Err(DecodeError::Handshake {
                    reason: reason(&error),
                    excerpt: Excerpt::of(text),
                }),
            },
            '1' => bare(Self::Close, "close"),
            '2' => Ok(Self::Ping(data.to_owned())),
            '3' => Ok(Self::Pong(data.to_owned())),
            '4' => Ok(Self::Message(data.to_owned())),
            '5' => bare(Self::Upgrade, "upgrade"),
            '6' => bare(Self::Noop, "noop"),
            found => Err(DecodeError::UnknownType {
                found,
                excerpt: Excerpt::of(text),
            }),
        }
    }

    /// Reads a binary WebSocket frame, which is always a message.
    pub fn decode_binary(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }

    /// Reads either kind of WebSocket frame.
    pub fn decode(frame: Frame) -> Result<Self, DecodeError> {
        match frame {
            Frame::Text(text) => Self::decode_text(&text),
            Frame::Binary(bytes) => Ok(Self::decode_binary(bytes)),
        }
    }

    /// The packet as text: type character and data. `None` for [`Packet::Binary`], which has no
    /// text form of its own (WebSocket sends its bytes, long-polling its base64).
    pub fn encode_text(&self) -> Option<String> {
        let (kind, data) = match self {
            Self::Binary(_) => return None,
            Self::Open(handshake) => return Some(open(handshake)),
            Self::Close => ('1', ""),
            Self::Ping(data) => ('2', data.as_str()),
            Self::Pong(data) => ('3', data.as_str()),
            Self::Message(data) => ('4', data.as_str()),
            Self::Upgrade => ('5', ""),
            Self::Noop => ('6', ""),
        };
        let mut text = String::with_capacity(1 + data.len());
        text.push(kind);
        text.push_str(data);
        Some(text)
    }

    /// The packet as a WebSocket frame. Clause: "Packet encoding", "WebSocket".
    pub fn encode(&self) -> Frame {
        match (self, self.encode_text()) {
            (Self::Binary(bytes), _) => Frame::Binary(bytes.clone()),
            (_, text) => Frame::Text(text.unwrap_or_default()),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "strings, numbers and a list of strings are always JSON"
)]
fn open(handshake: &Handshake) -> String {
    format!(
        "0{}",
        serde_json::to_string(handshake).expect("a handshake is JSON")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake() -> Handshake {
        Handshake {
            sid: "k7Qx".to_owned(),
            upgrades: vec!["websocket".to_owned()],
            ping_interval_ms: 25_000,
            ping_timeout_ms: 20_000,
            max_payload: Some(1_000_000),
        }
    }

    #[test]
    fn the_handshake_has_the_names_of_the_protocol() {
        let text = r#"0{"sid":"k7Qx","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#;
        assert_eq!(Packet::decode_text(text), Ok(Packet::Open(handshake())));
        assert_eq!(
            Packet::Open(handshake()).encode_text().as_deref(),
            Some(text)
        );
    }

    #[test]
    fn a_server_older_than_max_payload_is_understood() {
        let text = r#"0{"sid":"k7Qx","upgrades":[],"pingInterval":1,"pingTimeout":2}"#;
        let Ok(Packet::Open(handshake)) = Packet::decode_text(text) else {
            panic!("not an open packet")
        };
        assert_eq!(handshake.max_payload, None);
        assert_eq!(Packet::Open(handshake).encode_text().as_deref(), Some(text));
    }

    #[test]
    fn every_type_has_its_digit() {
        for (text, packet) in [
            ("1", Packet::Close),
            ("2", Packet::Ping(String::new())),
            ("2probe", Packet::Ping("probe".to_owned())),
            ("3probe", Packet::Pong("probe".to_owned())),
            ("4", Packet::Message(String::new())),
            ("42[\"hi\"]", Packet::Message("2[\"hi\"]".to_owned())),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
        ] {
            assert_eq!(Packet::decode_text(text), Ok(packet.clone()));
            assert_eq!(packet.encode(), Frame::Text(text.to_owned()));
        }
    }

    #[test]
    fn bytes_travel_as_they_are() {
        let bytes = Bytes::from_static(b"\x04\x00\xff");
        let packet = Packet::decode_binary(bytes.clone());
        assert_eq!(packet, Packet::Binary(bytes.clone()));
        assert_eq!(packet.encode_text(), None);
        assert_eq!(packet.encode(), Frame::Binary(bytes));
    }
}
