//! Socket.IO packets and their wire form, side by side.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use bytes::Bytes;
use chatspec_wire::data::Data;
use chatspec_wire::socket::{Decoder, Packet};
use serde_json::json;

fn data(value: serde_json::Value) -> Data {
    value.into()
}

fn bytes(bytes: &'static [u8]) -> Data {
    Bytes::from_static(bytes).into()
}

fn in_admin(packet: Packet) -> Packet {
    let admin = || "/admin".to_owned();
    match packet {
        Packet::Event { id, args, .. } => Packet::Event {
            ns: admin(),
            id,
            args,
        },
        Packet::Ack { id, args, .. } => Packet::Ack {
            ns: admin(),
            id,
            args,
        },
        other => other,
    }
}

/// Encodes to exactly this, and decodes from it at its last part, not before.
#[track_caller]
fn both_ways(packet: &Packet, text: &str, attachments: &[&'static [u8]]) {
    let encoded = packet.encode();
    assert_eq!(encoded.text, text);
    assert_eq!(encoded.attachments, attachments);
    assert_eq!(decode(text, attachments), *packet);
}

#[track_caller]
fn decode(text: &str, attachments: &[&'static [u8]]) -> Packet {
    let mut decoder = Decoder::new();
    let mut packet = decoder.text(text).unwrap();
    for (index, attachment) in attachments.iter().enumerate() {
        assert_eq!(packet, None, "complete before attachment {index}");
        assert_eq!(decoder.missing(), attachments.len() - index);
        packet = decoder.binary(Bytes::from_static(attachment)).unwrap();
    }
    assert_eq!(decoder.missing(), 0);
    packet.unwrap()
}

#[test]
fn connecting_to_a_namespace() {
    let connect = |ns: &str, data| Packet::Connect {
        ns: ns.to_owned(),
        data,
    };
    both_ways(&connect("/", None), "0", &[]);
    both_ways(&connect("/admin", None), "0/admin,", &[]);
    let sid = Some(data(json!({"sid": "e5F"})));
    both_ways(&connect("/", sid.clone()), r#"0{"sid":"e5F"}"#, &[]);
    both_ways(
        &connect("/admin", sid.clone()),
        r#"0/admin,{"sid":"e5F"}"#,
        &[],
    );

    assert_eq!(
        decode("0/admin", &[]),
        connect("/admin", None),
        "the comma may be absent"
    );
    assert_eq!(decode("0/,", &[]), connect("/", None));
    assert_eq!(
        decode("0/admin?token=1,", &[]),
        connect("/admin", None),
        "a query is no name"
    );
    assert_eq!(
        decode(r#"0/admin?a=/b,{"sid":"e5F"}"#, &[]),
        connect("/admin", sid)
    );
}

#[test]
fn being_refused_by_a_namespace() {
    let refused = |ns: &str, data| Packet::ConnectError {
        ns: ns.to_owned(),
        data,
    };
    let message = Some(data(json!({"message": "Invalid namespace"})));
    both_ways(
        &refused("/none", message),
        r#"4/none,{"message":"Invalid namespace"}"#,
        &[],
    );
    both_ways(&refused("/none", Some("no".into())), r#"4/none,"no""#, &[]);
    both_ways(&refused("/", None), "4", &[]);
}

#[test]
fn leaving_a_namespace() {
    both_ways(&Packet::Disconnect { ns: "/".to_owned() }, "1", &[]);
    both_ways(
        &Packet::Disconnect {
            ns: "/admin".to_owned(),
        },
        "1/admin,",
        &[],
    );
    assert_eq!(
        decode("1/admin", &[]),
        Packet::Disconnect {
            ns: "/admin".to_owned()
        }
    );
}

#[test]
fn events() {
    let hi = Packet::event("new_message", ["hi".into(), "lobby".into()], None);
    both_ways(&hi, r#"2["new_message","hi","lobby"]"#, &[]);
    both_ways(
        &in_admin(hi),
        r#"2/admin,["new_message","hi","lobby"]"#,
        &[],
    );
    both_ways(&Packet::event("typing", [], None), r#"2["typing"]"#, &[]);
    both_ways(&Packet::event("e", [], Some(0)), r#"20["e"]"#, &[]);
    both_ways(
        &Packet::event("e", [], Some(u64::MAX)),
        r#"218446744073709551615["e"]"#,
        &[],
    );
    both_ways(
        &in_admin(Packet::event(
            "e",
            [data(json!([1, {"k": null}]))],
            Some(12),
        )),
        r#"2/admin,12["e",[1,{"k":null}]]"#,
        &[],
    );
}

#[test]
fn acks() {
    both_ways(&Packet::ack(12, []), "312[]", &[]);
    both_ways(
        &in_admin(Packet::ack(3, ["ok".into()])),
        r#"3/admin,3["ok"]"#,
        &[],
    );
}

#[test]
fn events_and_acks_with_bytes() {
    let event = Packet::event("file", ["a".into(), bytes(&[1, 2])], None);
    both_ways(
        &event,
        r#"51-["file","a",{"_placeholder":true,"num":0}]"#,
        &[&[1, 2]],
    );

    let nested = data(json!({"name": "a"}));
    let Data::Object(mut fields) = nested else {
        unreachable!("an object was written")
    };
    fields.insert(
        "parts".to_owned(),
        Data::Array(vec![bytes(&[3]), bytes(&[])]),
    );
    let event = in_admin(Packet::event(
        "file",
        [fields.into(), bytes(&[4, 5])],
        Some(7),
    ));
    both_ways(
        &event,
        concat!(
            r#"53-/admin,7["file",{"name":"a","parts":[{"_placeholder":true,"num":0},"#,
            r#"{"_placeholder":true,"num":1}]},{"_placeholder":true,"num":2}]"#,
        ),
        &[&[3], &[], &[4, 5]],
    );

    both_ways(
        &Packet::ack(15, [bytes(&[9])]),
        r#"61-15[{"_placeholder":true,"num":0}]"#,
        &[&[9]],
    );
}

#[test]
fn placeholders_may_come_in_any_order_and_repeat() {
    let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
    let text = format!(
        r#"52-["e",{},{},{}]"#,
        placeholder(1),
        placeholder(0),
        placeholder(1)
    );
    let expected = Packet::event("e", [bytes(&[2]), bytes(&[1]), bytes(&[2])], None);
    assert_eq!(decode(&text, &[&[1], &[2]]), expected);
}

#[test]
fn a_placeholder_is_plain_data_in_a_packet_without_bytes() {
    let object = data(json!({"_placeholder": true, "num": 0}));
    both_ways(
        &Packet::event("e", [object], None),
        r#"2["e",{"_placeholder":true,"num":0}]"#,
        &[],
    );
}

#[test]
fn bytes_have_no_place_in_a_connect_packet() {
    let fields = [("key".to_owned(), bytes(&[1, 2, 3]))]
        .into_iter()
        .collect();
    let packet = Packet::Connect {
        ns: "/".to_owned(),
        data: Some(Data::Object(fields)),
    };
    let encoded = packet.encode();
    assert_eq!(encoded.text, r#"0{"key":"AQID"}"#);
    assert!(encoded.attachments.is_empty());
}

#[test]
fn integers_are_exact() {
    let Packet::Event { args, .. } = decode(r#"2["e",9007199254740993,-1]"#, &[]) else {
        panic!("not an event")
    };
    assert_eq!(args[1].to_string(), "9007199254740993");
    assert_eq!(args[2].to_string(), "-1");
}

#[test]
fn a_decoder_goes_on_after_an_error() {
    let mut decoder = Decoder::new();
    assert_eq!(
        decoder.text(r#"52-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
        Ok(None)
    );
    assert_eq!(decoder.binary(Bytes::from_static(&[1])), Ok(None));
    assert!(decoder.text("2[\"e\"]").is_err());
    assert_eq!(decoder.missing(), 0, "the packet in the making is given up");
    assert_eq!(
        decoder.text("2[\"e\"]"),
        Ok(Some(Packet::event("e", [], None)))
    );
}
