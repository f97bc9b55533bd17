//! The contract: who is told what, in which order.

use tungstenite::Message;

use super::client::{Client, start};

#[test]
fn everyone_else_is_told_and_then_the_ack_comes() {
    let address = start("");
    let mut ana = Client::join(address, "ana", "r");
    let mut ben = Client::join(address, "ben", "r");
    assert_eq!(ana.next(), r#"42["welcome","ben"]"#);
    for round in 0..100 {
        ana.send(&format!(r#"42{round}["new_message","hello","r"]"#));
        assert_eq!(ana.next(), format!("43{round}[]"));
        assert_eq!(ben.inbox(), [r#"42["new_message","ana: hello"]"#]);
    }
    ana.send(r#"42["new_message","no ack","r"]"#);
    ana.send(r#"42["enter_room","ana","r"]"#);
    assert_eq!(ana.inbox(), [""; 0]);
    let told = [
        r#"42["new_message","ana: no ack"]"#,
        r#"42["welcome","ana"]"#,
    ];
    assert_eq!(ben.inbox(), told);
}

#[test]
fn a_socket_is_in_as_many_rooms_as_it_likes() {
    let address = start("");
    let mut ana = Client::join(address, "ana", "r");
    let mut ben = Client::join(address, "ben", "r");
    let mut cleo = Client::join(address, "cleo", "s");
    ben.enter("ben", "s");
    ben.enter("ben", "s");
    ana.inbox();
    cleo.inbox();
    ben.send(r#"427["new_message","to s","s"]"#);
    assert_eq!(ben.inbox(), ["437[]"]);
    cleo.send(r#"427["new_message","to s too","s"]"#);
    assert_eq!(cleo.inbox(), [r#"42["new_message","ben: to s"]"#, "437[]"]);
    ana.send(r#"427["new_message","to r","r"]"#);
    assert_eq!(ana.inbox(), ["437[]"]);
    let told = [
        r#"42["new_message","cleo: to s too"]"#,
        r#"42["new_message","ana: to r"]"#,
    ];
    assert_eq!(ben.inbox(), told);
    assert_eq!(cleo.inbox(), [""; 0]);
}

#[test]
fn what_is_said_arrives_as_it_was_written() {
    let address = start("");
    let mut ana = Client::join(address, r#"a\"n\\a"#, r"\u0072");
    let mut ben = Client::join(address, "ben", "r");
    ana.inbox();
    ana.send(r#"421["new_message","\"],\\ \u00e9 é\n","r"]"#);
    ana.send(r#"422["new_message",5,"r"]"#);
    ana.send(r#"423["new_message"]"#);
    ana.send(r#"424["new_message",{"a":["b"]},"r"]"#);
    assert_eq!(ana.inbox(), ["431[]", "432[]", "433[]", "434[]"]);
    let told = [
        r#"42["new_message","a\"n\\a: \"],\\ \u00e9 é\n"]"#,
        r#"42["new_message","a\"n\\a: 5"]"#,
        r#"42["new_message","a\"n\\a: {\"a\":[\"b\"]}"]"#,
    ];
    assert_eq!(ben.inbox(), told);
    ben.send(r#"42["enter_room",null,"r"]"#);
    ben.send(r#"42["enter_room"]"#);
    ben.send(r#"421["new_message","","r"]"#);
    assert_eq!(ben.inbox(), ["431[]"]);
    let told = [
        r#"42["welcome",null]"#,
        r#"42["new_message","undefined: "]"#,
    ];
    assert_eq!(ana.inbox(), told);
}

#[test]
fn who_leaves_hears_nothing_more() {
    let address = start("");
    let mut ana = Client::join(address, "ana", "r");
    let mut ben = Client::join(address, "ben", "r");
    ana.inbox();

    // Another client gets the place of the one who has gone.
    ben.0.close(None).unwrap();
    while ben.0.read().is_ok() {}
    let mut cleo = Client::open(address);
    cleo.send("40");
    assert!(cleo.next().starts_with("40"));
    ana.send(r#"421["new_message","a","r"]"#);
    assert_eq!(ana.inbox(), ["431[]"]);
    assert_eq!(cleo.inbox(), [""; 0]);

    // A namespace is left and entered again, and nothing of before is known.
    cleo.enter("cleo", "r");
    ana.inbox();
    cleo.send("41");
    cleo.send(r#"421["new_message","not connected","r"]"#);
    assert_eq!(cleo.inbox(), [""; 0]);
    ana.send(r#"422["new_message","b","r"]"#);
    assert_eq!(ana.inbox(), ["432[]"]);
    cleo.send("40");
    assert!(cleo.next().starts_with("40"));
    cleo.send(r#"423["new_message","c","r"]"#);
    assert_eq!(cleo.inbox(), ["433[]"]);
    assert_eq!(ana.inbox(), [r#"42["new_message","undefined: c"]"#]);
}

#[test]
fn what_is_not_understood_changes_nothing() {
    let address = start("");
    let mut ana = Client::join(address, "ana", "r");
    let mut ben = Client::join(address, "ben", "r");
    ana.inbox();
    for packet in [
        "",
        "2",
        "2probe",
        "3",
        "5",
        "6",
        "7",
        "4",
        "42",
        "42[",
        "42[]",
        "42{}",
        "42[1]",
        "49",
        "hello",
        r#"421["other","a","r"]"#,
        r#"42/x,1["new_message","a","r"]"#,
        r#"451-1["new_message",{"_placeholder":true,"num":0},"r"]"#,
        r#"421["new_message","\ud800","#,
    ] {
        ana.send(packet);
    }
    ana.0.send(Message::binary(vec![1, 2, 3])).unwrap();
    let deep = format!(r#"421["new_message",{}"#, "[".repeat(100_000));
    ana.send(&deep);
    assert_eq!(ana.inbox(), [""; 0]);
    assert_eq!(ben.inbox(), [""; 0]);
    ana.send(r#"421["new_message","\ud800",{"any":"room"}]"#);
    assert_eq!(ana.inbox(), ["431[]"]);
}
