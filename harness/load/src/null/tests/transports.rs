//! The transports: HTTP, WebSocket frames, and clients that do not keep to them.

use std::io::{Read, Write};
use std::time::Duration;

use tungstenite::Message;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::client::{Client, Poller, start, start_with};
use crate::clock::Nanos;
use crate::frame;
use crate::null::server::Limits;

#[test]
fn long_polling_and_websocket_meet() {
    let address = start("");
    let mut ana = Client::join(address, "ana", "r");
    let mut pia = Poller::open(address);
    pia.give(&["40", r#"421["enter_room","pia","r"]"#]);
    let packets = pia.poll();
    assert!(packets[0].starts_with(r#"40{"sid":""#), "{packets:?}");
    assert_eq!(packets[1..], ["431[]"]);
    assert_eq!(ana.next(), r#"42["welcome","pia"]"#);

    // A poll that waits, and a request behind it on the same connection.
    pia.ask("GET", &pia.target(), "");
    pia.ask("POST", &pia.target(), r#"422["new_message","hi","r"]"#);
    ana.send(r#"421["new_message","hello","r"]"#);
    assert_eq!(ana.next(), "431[]");
    let told = r#"42["new_message","ana: hello"]"#.to_owned();
    assert_eq!(pia.answer(), (200, told));
    assert_eq!(pia.answer(), (200, "ok".to_owned()));
    assert_eq!(ana.next(), r#"42["new_message","pia: hi"]"#);
    assert_eq!(pia.poll(), ["432[]"]);

    ana.send(r#"42["new_message","one","r"]"#);
    ana.send(r#"42["new_message","two","r"]"#);
    ana.inbox();
    let told = [
        r#"42["new_message","ana: one"]"#,
        r#"42["new_message","ana: two"]"#,
    ];
    assert_eq!(pia.poll(), told);

    // The end of the session answers the poll that waits, and takes it out of the room.
    let mut other = Poller::open(address);
    other.sid.clone_from(&pia.sid);
    pia.ask("GET", &pia.target(), "");
    while_waiting(&mut other);
    other.give(&["1"]);
    assert_eq!(pia.answer(), (200, "6".to_owned()));
    pia.ask("GET", &pia.target(), "");
    assert_eq!(pia.answer().0, 400);
}

#[test]
fn a_poll_that_broke_off_takes_nothing_with_it() {
    let address = start("");
    let mut ana = Client::join(address, "ana", "r");
    let mut pia = Poller::open(address);
    pia.give(&["40", r#"42["enter_room","pia","r"]"#]);
    assert_eq!(pia.poll().len(), 1);
    ana.inbox();
    let mut other = Poller::open(address);
    other.sid.clone_from(&pia.sid);
    pia.ask("GET", &pia.target(), "");
    while_waiting(&mut other);
    drop(pia);
    while_waiting(&mut other);
    ana.send(r#"42["new_message","hello","r"]"#);
    assert_eq!(other.poll(), [r#"42["new_message","ana: hello"]"#]);
}

#[test]
fn two_polls_at_once_end_a_session() {
    let address = start("");
    let mut pia = Poller::open(address);
    let mut other = Poller::open(address);
    other.sid.clone_from(&pia.sid);
    pia.ask("GET", &pia.target(), "");
    while_waiting(&mut other);
    other.ask("GET", &other.target(), "");
    assert_eq!(other.answer().0, 400);
    assert_eq!(pia.answer(), (200, "1".to_owned()));
    other.ask("GET", &other.target(), "");
    let (status, body) = other.answer();
    assert_eq!(
        (status, body.as_str()),
        (400, r#"{"code":1,"message":"Session ID unknown"}"#)
    );
}

/// Sends a packet that asks nothing: when it is answered, what was sent before on another connection
/// has been read, or is in the same turn of the loop.
fn while_waiting(poller: &mut Poller) {
    for _ in 0..3 {
        poller.give(&["3"]);
    }
}

#[test]
fn a_connection_is_kept_or_closed_as_was_asked() {
    let address = start("");
    let mut pia = Poller::open(address);
    pia.ask("GET", "/", "");
    assert_eq!(pia.answer(), (404, String::new()));
    pia.ask("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", "");
    assert_eq!(pia.answer().0, 400);
    let request = format!("GET {} HTTP/1.1\r\nConnection: close\r\n\r\n", pia.target());
    pia.give(&["40"]);
    pia.stream.get_mut().write_all(request.as_bytes()).unwrap();
    let (status, body) = pia.answer();
    assert_eq!(status, 200);
    assert!(body.starts_with(r#"40{"sid":""#), "{body}");
    let mut rest = Vec::new();
    assert_eq!(pia.stream.read_to_end(&mut rest).unwrap(), 0);
}

#[test]
fn clients_are_pinged_and_a_poller_that_never_polls_is_forgotten() {
    let address = start_with(Limits {
        ping_interval: Duration::from_millis(100),
        ..Limits::default()
    });
    let mut pia = Poller::open(address);
    let mut ana = Client::open(address);
    let begun = Nanos::now();
    for _ in 0..3 {
        assert_eq!(ana.next(), "2");
    }
    assert!(Nanos::now().since(begun) > 200_000_000);
    pia.ask("GET", &pia.target(), "");
    assert_eq!(pia.answer().0, 400);

    let mut pia = Poller::open(address);
    for _ in 0..3 {
        assert_eq!(pia.poll(), ["2"]);
        pia.give(&["3"]);
    }
}

#[test]
fn frames_are_put_together_and_answered() {
    let address = start("");
    let mut ana = Client::open(address);
    let mask = [1, 2, 3, 4];
    let mut bytes = Vec::new();
    frame::put(&mut bytes, OpCode::Data(Data::Text), b"40/a", Some(mask));
    bytes[0] &= 0x7f;
    let mut rest = Vec::new();
    frame::put(&mut rest, OpCode::Data(Data::Continue), b"b,", Some(mask));
    for byte in bytes.iter().chain(&rest) {
        ana.0.get_mut().write_all(&[*byte]).unwrap();
    }
    assert_eq!(ana.next(), r#"44/ab,{"message":"Invalid namespace"}"#);
    ana.0.send(Message::Ping("are you there?".into())).unwrap();
    assert_eq!(
        ana.0.read().unwrap(),
        Message::Pong("are you there?".into())
    );
    ana.0.close(None).unwrap();
    assert!(matches!(ana.0.read(), Ok(Message::Close(_))));
}

#[test]
fn what_is_no_websocket_is_ended_and_nobody_else() {
    let address = start("");
    let mut ben = Client::join(address, "ben", "r");
    let mut unmasked = Vec::new();
    frame::put(&mut unmasked, OpCode::Data(Data::Text), b"40", None);
    let mut no_text = Vec::new();
    frame::put(
        &mut no_text,
        OpCode::Data(Data::Text),
        b"4\xff",
        Some([0; 4]),
    );
    let mut too_long = Vec::new();
    let payload = vec![b'4'; 1_000_001];
    frame::put(
        &mut too_long,
        OpCode::Data(Data::Text),
        &payload,
        Some([0; 4]),
    );
    let mut no_beginning = Vec::new();
    frame::put(
        &mut no_beginning,
        OpCode::Data(Data::Continue),
        b"4",
        Some([0; 4]),
    );
    let broken = vec![0xff; 100];
    for bytes in [unmasked, no_text, too_long, no_beginning, broken] {
        let mut ana = Client::open(address);
        let stream = ana.0.get_mut();
        // It may be ended before all of it has been written.
        let written = stream.write_all(&bytes);
        let end = stream.read(&mut [0]);
        assert!(matches!(end, Ok(0) | Err(_)), "{written:?}, then {end:?}");
    }
    assert_eq!(ben.inbox(), [""; 0]);
}

#[test]
fn who_does_not_read_is_left() {
    let address = start_with(Limits {
        most_unread: 1 << 20,
        ..Limits::default()
    });
    let mut ana = Client::join(address, "ana", "r");
    let mut ben = Client::join(address, "ben", "r");
    ana.inbox();
    let message = format!(r#"421["new_message","{}","r"]"#, "a".repeat(900_000));
    // What the kernel keeps for a reader is more than what we do.
    let sent = 20;
    for _ in 0..sent {
        ana.send(&message);
        assert_eq!(ana.next(), "431[]");
    }
    let mut received = 0;
    while ben.try_next().is_ok() {
        received += 1;
    }
    assert!(
        received < sent,
        "{received} messages were kept for one who did not read"
    );
    assert_eq!(ana.inbox(), [""; 0]);
}
