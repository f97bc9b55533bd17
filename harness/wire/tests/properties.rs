//! Round trips, and texts that nearly are packets.
#![expect(clippy::expect_used, reason = "a helper of a test fails the test")]

use bytes::Bytes;
use chatspec_wire::data::Data;
use chatspec_wire::engine::{self, Frame, Handshake, payload};
use chatspec_wire::socket::{Decoder, Packet, RESERVED_EVENTS};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Number;

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has only finite numbers", Number::from_f64),
    ]
}

fn blob() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..40).prop_map(Bytes::from)
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![3 => any::<String>(), 1 => r"\${0,3}bytes", 1 => Just("num".to_owned())]
        .prop_filter(
            "a placeholder in the data cannot be told from ours",
            |key| key != "_placeholder",
        )
}

fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        Just(Data::Null),
        any::<bool>().prop_map(Data::from),
        number().prop_map(Data::Number),
        any::<String>().prop_map(Data::from),
        blob().prop_map(Data::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Data::Array),
            vec((key(), inner), 0..5).prop_map(|fields| Data::Object(fields.into_iter().collect())),
        ]
    })
}

fn ns() -> impl Strategy<Value = String> {
    prop_oneof![Just("/".to_owned()), r"/[^,?]{0,12}"]
}

fn object() -> impl Strategy<Value = Data> {
    vec((key(), data()), 0..4).prop_map(|fields| Data::Object(fields.into_iter().collect()))
}

fn packet() -> impl Strategy<Value = Packet> {
    let name = any::<String>().prop_filter("reserved", |n| !RESERVED_EVENTS.contains(&n.as_str()));
    let without_bytes = |data: &Data| !data.has_binary();
    prop_oneof![
        1 => (ns(), proptest::option::of(object().prop_filter("no attachments", without_bytes)))
            .prop_map(|(ns, data)| Packet::Connect { ns, data }),
        1 => ns().prop_map(|ns| Packet::Disconnect { ns }),
        1 => (ns(), proptest::option::of(prop_oneof![
            any::<String>().prop_map(Data::from),
            object().prop_filter("no attachments", without_bytes),
        ])).prop_map(|(ns, data)| Packet::ConnectError { ns, data }),
        4 => (ns(), any::<Option<u64>>(), name, vec(data(), 0..4)).prop_map(|(ns, id, name, rest)| {
            let args = std::iter::once(Data::from(name)).chain(rest).collect();
            Packet::Event { ns, id, args }
        }),
        2 => (ns(), any::<u64>(), vec(data(), 0..4))
            .prop_map(|(ns, id, args)| Packet::Ack { ns, id, args }),
    ]
}

/// Without the separator, which long-polling cannot carry.
fn message() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace(payload::SEPARATOR, ""))
}

fn engine_packet() -> impl Strategy<Value = engine::Packet> {
    use engine::Packet as Engine;
    let handshake = (
        any::<String>(),
        vec(any::<String>(), 0..3),
        any::<u64>(),
        any::<u64>(),
        any::<Option<u64>>(),
    )
        .prop_map(
            |(sid, upgrades, ping_interval_ms, ping_timeout_ms, max_payload)| Handshake {
                sid,
                upgrades,
                ping_interval_ms,
                ping_timeout_ms,
                max_payload,
            },
        );
    prop_oneof![
        handshake.prop_map(Engine::Open),
        Just(Engine::Close),
        message().prop_map(Engine::Ping),
        message().prop_map(Engine::Pong),
        message().prop_map(Engine::Message),
        blob().prop_map(Engine::Binary),
        Just(Engine::Upgrade),
        Just(Engine::Noop),
    ]
}

/// Pieces of the grammar in any order: most are refused, and late.
fn near_miss() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-7]",
        "[0-9]{1,21}",
        Just("-".to_owned()),
        Just("/admin".to_owned()),
        Just("/admin?q=1,".to_owned()),
        Just(",".to_owned()),
        Just("[".to_owned()),
        Just("]".to_owned()),
        Just(r#"["e","#.to_owned()),
        Just(r#"["disconnect"]"#.to_owned()),
        Just(r#"{"_placeholder":true,"num":"#.to_owned()),
        Just(r#"{"_placeholder":true,"num":0}"#.to_owned()),
        Just(r#"{"sid":"x"}"#.to_owned()),
        Just("}".to_owned()),
        Just("\"".to_owned()),
        Just("null".to_owned()),
        Just("b".to_owned()),
        Just("\u{1e}".to_owned()),
        any::<char>().prop_map(String::from),
    ];
    let pieces = vec(piece, 0..10).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces, one_edit_away()]
}

/// A packet as it should be, but for one character that is missing, too many or another.
fn one_edit_away() -> impl Strategy<Value = String> {
    (packet(), any::<prop::sample::Index>(), any::<char>(), 0..3).prop_map(
        |(packet, place, other, edit)| {
            let mut text: Vec<char> = packet.encode().text.chars().collect();
            let place = place.index(text.len());
            match edit {
                0 => drop(text.remove(place)),
                1 => text.insert(place, other),
                _ => text[place] = other,
            }
            text.into_iter().collect()
        },
    )
}

/// Gives the decoder a text and as many attachments as it asks for.
fn decode(text: &str) -> Option<Packet> {
    let mut decoder = Decoder::new();
    let mut packet = decoder.text(text).ok()?;
    for n in 0..decoder.missing() {
        assert_eq!(packet, None);
        let attachment = Bytes::from(n.to_be_bytes().to_vec());
        packet = decoder
            .binary(attachment)
            .expect("an announced attachment is welcome");
    }
    Some(packet.expect("nothing is missing"))
}

proptest! {
    #[test]
    fn data_survives_a_history(data in data()) {
        let written = serde_json::to_string(&data).unwrap();
        prop_assert_eq!(serde_json::from_str::<Data>(&written).unwrap(), data, "{}", written);
    }

    #[test]
    fn socket_packets_survive_the_wire(packet in packet()) {
        let encoded = packet.encode();
        let mut decoder = Decoder::new();
        let mut decoded = decoder.text(&encoded.text).unwrap();
        for attachment in encoded.attachments {
            prop_assert_eq!(decoded, None);
            decoded = decoder.binary(attachment).unwrap();
        }
        prop_assert_eq!(decoded, Some(packet));
    }

    #[test]
    fn engine_packets_survive_a_frame(packet in engine_packet()) {
        prop_assert_eq!(engine::Packet::decode(packet.encode()), Ok(packet));
    }

    #[test]
    fn engine_packets_survive_a_payload(packets in vec(engine_packet(), 1..6)) {
        prop_assert_eq!(payload::decode(&payload::encode(&packets)), Ok(packets));
    }

    /// What is accepted is understood: written again, it reads the same.
    #[test]
    fn near_misses_are_refused_or_understood(text in near_miss()) {
        if let Some(packet) = decode(&text) {
            let again = packet.encode();
            let mut decoder = Decoder::new();
            let mut decoded = decoder.text(&again.text).unwrap();
            for attachment in again.attachments {
                decoded = decoder.binary(attachment).unwrap();
            }
            prop_assert_eq!(decoded, Some(packet));
        }
        if let Ok(packets) = payload::decode(&text) {
            prop_assert_eq!(payload::decode(&payload::encode(&packets)), Ok(packets));
        }
        if let Ok(packet) = engine::Packet::decode_text(&text) {
            prop_assert_eq!(engine::Packet::decode(packet.encode()), Ok(packet));
        }
    }

    #[test]
    fn any_text_and_any_bytes_in_any_order_do_no_harm(
        messages in vec(prop_oneof![
            any::<String>().prop_map(Frame::Text),
            near_miss().prop_map(Frame::Text),
            vec(any::<u8>(), 0..20).prop_map(|b| Frame::Text(String::from_utf8_lossy(&b).into())),
            blob().prop_map(Frame::Binary),
        ], 0..12),
        limit in 0_usize..4,
    ) {
        let mut decoder = Decoder::with_attachment_limit(limit);
        for message in messages {
            let before = decoder.missing();
            let result = match message {
                Frame::Text(text) => decoder.text(&text),
                Frame::Binary(bytes) => decoder.binary(bytes),
            };
            match result {
                Ok(None) => prop_assert!((1..=limit).contains(&decoder.missing())),
                Ok(Some(_)) => prop_assert_eq!(decoder.missing(), 0),
                Err(error) => {
                    prop_assert_eq!(decoder.missing(), 0, "gave up {} attachments", before);
                    let shown = error.to_string();
                    prop_assert!(shown.chars().count() < 900, "unbounded: {}", shown);
                    prop_assert!(!shown.contains('\n'), "not one line: {}", shown);
                }
            }
        }
    }
}
