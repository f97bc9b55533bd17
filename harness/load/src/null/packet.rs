//! What a packet of a client asks.
//!
//! The values of an event stay the JSON that they came as: a text that is a JSON string can be put
//! into another one without being taken apart. What JSON is, `serde_json` says; it only looks, and
//! makes nothing of it.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// An Engine.IO packet that asks something of a chat. All others are nobody's business here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// CONNECT to the main namespace.
    Connect,
    /// CONNECT to another namespace, and there is none.
    ConnectElsewhere(&'a str),
    /// DISCONNECT from the main namespace.
    Disconnect,
    /// The end of the Engine.IO session.
    Close,
    /// An event of the contract.
    Event {
        /// What is asked.
        call: Call,
        /// Its nickname or text, as JSON.
        what: Option<&'a str>,
        /// Its room, as JSON.
        room: Option<&'a str>,
        /// The id of the ack that is asked for.
        ack: Option<&'a str>,
    },
}

/// Which event of the contract it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `enter_room`.
    Enter,
    /// `new_message`.
    Say,
}

impl<'a> Packet<'a> {
    /// What `packet` asks, if it is understood.
    pub(super) fn read(packet: &'a str) -> Option<Self> {
        if packet.starts_with('1') {
            return Some(Self::Close);
        }
        let message = packet.strip_prefix('4')?;
        if let Some(connect) = message.strip_prefix('0') {
            let (namespace, _) = namespace(connect);
            return Some(match namespace {
                "/" => Self::Connect,
                other => Self::ConnectElsewhere(other),
            });
        }
        let (kind, rest) = (message.get(..1)?, message.get(1..)?);
        let ("/", rest) = namespace(rest) else {
            return None;
        };
        match kind {
            "1" => Some(Self::Disconnect),
            "2" => Self::event(rest),
            _ => None,
        }
    }

    fn event(rest: &'a str) -> Option<Self> {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, arguments) = rest.split_at_checked(digits)?;
        let [name, what, room] = first_three(arguments)?;
        let call = match name? {
            "\"enter_room\"" => Call::Enter,
            "\"new_message\"" => Call::Say,
            _ => return None,
        };
        let ack = (!id.is_empty()).then_some(id);
        Some(Self::Event {
            call,
            what,
            room,
            ack,
        })
    }
}

/// What a value looks like inside a string, without the quotes. What has parts is the JSON that it
/// came as; what was not sent is `undefined`, as in the original.
pub(super) fn inside(value: Option<&str>) -> Cow<'_, str> {
    let Some(value) = value else {
        return Cow::Borrowed("undefined");
    };
    if value.starts_with(['[', '{']) {
        let quoted = serde_json::Value::from(value).to_string();
        return Cow::Owned(without_quotes(&quoted).to_owned());
    }
    Cow::Borrowed(without_quotes(value))
}

fn without_quotes(value: &str) -> &str {
    let text = value.strip_prefix('"');
    text.and_then(|text| text.strip_suffix('"'))
        .unwrap_or(value)
}

/// The name by which a room is known, of the JSON that a client wrote: the same text can be written in
/// more than one way.
pub(super) fn room_name(room: Option<&str>) -> Cow<'_, str> {
    let Some(room) = room else {
        return Cow::Borrowed("undefined");
    };
    if !room.contains('\\') {
        return Cow::Borrowed(room);
    }
    // Half of a surrogate pair is no text to Rust, and the name that it came as is as good as any.
    let text = serde_json::from_str::<serde_json::Value>(room);
    text.map_or(Cow::Borrowed(room), |text| Cow::Owned(text.to_string()))
}

/// The namespace that a packet is for, without its query, and what follows.
fn namespace(rest: &str) -> (&str, &str) {
    if !rest.starts_with('/') {
        return ("/", rest);
    }
    let (whole, rest) = rest.split_once(',').unwrap_or((rest, ""));
    let (name, _) = whole.split_once('?').unwrap_or((whole, ""));
    (name, rest)
}

/// The first three values of a JSON array of at least one; none of what is no JSON array.
fn first_three(text: &str) -> Option<[Option<&str>; 3]> {
    let mut found = [None; 3];
    let mut rest = text.strip_prefix('[')?;
    for at in 0.. {
        let mut values = Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, behind) = rest.split_at_checked(values.byte_offset())?;
        if let Some(place) = found.get_mut(at) {
            *place = Some(value.trim_ascii());
        }
        let behind = behind.trim_ascii_start();
        if let Some(behind) = behind.strip_prefix(']') {
            return behind.trim_ascii().is_empty().then_some(found);
        }
        rest = behind.strip_prefix(',')?;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn said<'a>(what: &'a str, room: &'a str, ack: Option<&'a str>) -> Packet<'a> {
        Packet::Event {
            call: Call::Say,
            what: Some(what),
            room: Some(room),
            ack,
        }
    }

    #[test]
    fn events_of_the_contract_are_understood() {
        let plain = r#"4212["new_message","a","r"]"#;
        assert_eq!(
            Packet::read(plain),
            Some(said(r#""a""#, r#""r""#, Some("12")))
        );
        let spaced = r#"42 ["new_message"]"#;
        assert_eq!(Packet::read(spaced), None, "no space before the array");
        let spaced = "42[ \"new_message\" ,\t\"a\", \"r\" , 5 ] ";
        assert_eq!(Packet::read(spaced), Some(said(r#""a""#, r#""r""#, None)));
        let escaped = r#"42/,["new_message","\"],\\","r"]"#;
        assert_eq!(
            Packet::read(escaped),
            Some(said(r#""\"],\\""#, r#""r""#, None))
        );
    }

    #[test]
    fn what_is_not_understood_is_nothing() {
        let packets = [
            "",
            "2",
            "3",
            "6",
            "4",
            "42",
            "42[",
            "42[]",
            "42{}",
            "421",
            "42[1]",
            "45",
            "4é",
            "é",
            r#"42["new_message","a"#,
            r#"42["new_message","a","r"]]"#,
            r#"42["new_message","a" "r"]"#,
            r#"42["new_message",]"#,
            r#"42["new_message","\x"]"#,
            "42[\"new_message\",\"\n\"]",
            r#"42["other","a","r"]"#,
            r#"42/x,["new_message","a","r"]"#,
            r#"451-["new_message",{"_placeholder":true,"num":0}]"#,
            "41/x,",
        ];
        for packet in packets {
            assert_eq!(Packet::read(packet), None, "{packet}");
        }
    }

    #[test]
    fn namespaces_are_told_apart() {
        for main in ["40", "40/", "40/,", "40{\"token\":1}", "40/,{}", "40/?a=b,"] {
            assert_eq!(Packet::read(main), Some(Packet::Connect), "{main}");
        }
        for other in ["40/x", "40/x,", "40/x?a=b,", "40/x,{}"] {
            let expected = Some(Packet::ConnectElsewhere("/x"));
            assert_eq!(Packet::read(other), expected, "{other}");
        }
        assert_eq!(Packet::read("41"), Some(Packet::Disconnect));
        assert_eq!(Packet::read("1"), Some(Packet::Close));
    }

    #[test]
    fn a_room_has_one_name_however_it_is_written() {
        assert_eq!(room_name(Some(r#""a""#)), room_name(Some(r#""\u0061""#)));
        assert_ne!(room_name(Some("5")), room_name(Some(r#""5""#)));
        assert_ne!(room_name(None), room_name(Some(r#""undefined""#)));
        let half = r#""\ud800""#;
        assert_eq!(room_name(Some(half)), half);
    }

    #[test]
    fn whatever_was_sent_can_be_inside_a_string() {
        assert_eq!(inside(Some(r#""a\"b""#)), r#"a\"b"#);
        assert_eq!(inside(Some(r#""""#)), "");
        assert_eq!(inside(Some("true")), "true");
        assert_eq!(inside(None), "undefined");
        assert_eq!(inside(Some(r#"{"a":[1]}"#)), r#"{\"a\":[1]}"#);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<String>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..3)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_are_found_as_they_were_written(what in value(), room in value(), pretty: bool) {
            let array = json!(["new_message", what, room]);
            let text = if pretty { format!("{array:#}") } else { array.to_string() };
            let packet = format!("427{text}");
            let Some(Packet::Event { what: Some(a), room: Some(b), .. }) = Packet::read(&packet)
            else {
                return Err(TestCaseError::fail(packet));
            };
            let inside = format!("\"{}\"", inside(Some(a)));
            let inside: String = serde_json::from_str(&inside).unwrap();
            let text = what.as_str().map_or_else(|| a.to_owned(), str::to_owned);
            prop_assert_eq!(inside, text);
            prop_assert_eq!(serde_json::from_str::<Value>(a).unwrap(), what);
            prop_assert_eq!(serde_json::from_str::<Value>(b).unwrap(), room);
        }

        #[test]
        fn nothing_that_is_sent_is_a_panic(packet in any::<String>(), tail in any::<String>()) {
            for packet in [packet, format!("42[\"new_message\",{tail}"), format!("40{tail}")] {
                if let Some(Packet::Event { what, room, .. }) = Packet::read(&packet) {
                    let inside = format!("\"{}\"", inside(what));
                    prop_assert!(serde_json::from_str::<IgnoredAny>(&inside).is_ok(), "{}", inside);
                    room_name(room);
                }
            }
        }
    }
}
