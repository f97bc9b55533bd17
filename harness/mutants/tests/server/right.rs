//! The server without a bug, over each transport, frame by frame.

use crate::support::{
    Client, DEADLINE, POLLING, Running, WEBSOCKET, frame, http, message, websocket,
};
use chatspec_mutants::{Error, Mutant};
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;

async fn say(socket: &mut crate::support::WebSocket, text: &str) {
    socket.send(Message::text(text)).await.unwrap();
}

#[tokio::test]
async fn the_contract_over_websocket() {
    let server = Running::start(Mutant::NONE).await;
    let mut ana = websocket(server.address, WEBSOCKET).await.unwrap();
    let mut ben = websocket(server.address, WEBSOCKET).await.unwrap();
    for member in [&mut ana, &mut ben] {
        let open = frame(member).await.unwrap();
        let (head, tail) = open.split_once("\",").unwrap();
        assert!(head.starts_with("0{\"sid\":\"e"), "{head}");
        assert_eq!(
            tail,
            r#""upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
        );
        say(member, "40").await;
        assert!(frame(member).await.unwrap().starts_with("40{\"sid\":\"s"));
    }

    say(&mut ana, r#"420["enter_room","Ana","lobby"]"#).await;
    assert_eq!(frame(&mut ana).await.unwrap(), "430[]");
    say(&mut ben, r#"427["enter_room","Ben","lobby"]"#).await;
    assert_eq!(frame(&mut ben).await.unwrap(), "437[]");
    assert_eq!(frame(&mut ana).await.unwrap(), r#"42["welcome","Ben"]"#);
    say(&mut ana, r#"421["new_message","hi","lobby"]"#).await;
    assert_eq!(frame(&mut ana).await.unwrap(), "431[]");
    assert_eq!(
        frame(&mut ben).await.unwrap(),
        r#"42["new_message","Ana: hi"]"#
    );

    // No ack function, arguments of other types, and a sender that is no member.
    say(&mut ben, r#"42["new_message",{"a":1},"lobby"]"#).await;
    assert_eq!(
        frame(&mut ana).await.unwrap(),
        r#"42["new_message","Ben: [object Object]"]"#
    );
    say(&mut ben, r#"422["new_message"]"#).await;
    assert_eq!(frame(&mut ben).await.unwrap(), "432[]");
    say(&mut ben, r#"423["unknown"]"#).await;
    say(&mut ben, "40/none,").await;
    assert_eq!(
        frame(&mut ben).await.unwrap(),
        r#"44/none,{"message":"Invalid namespace"}"#
    );
    server.stop().await.unwrap();
    assert_eq!(frame(&mut ana).await, None);
}

#[tokio::test]
async fn a_stranger_speaks_as_undefined() {
    let server = Running::start(Mutant::NONE).await;
    let mut ana = Client::polling(server.address).await.unwrap();
    let mut eve = Client::websocket(server.address).await.unwrap();
    ana.send(&[r#"20["enter_room",null,"lobby"]"#]).await;
    assert_eq!(ana.next().await.unwrap(), "30[]");
    eve.send(&[r#"2["new_message","hi","lobby"]"#]).await;
    assert_eq!(
        ana.next().await.unwrap(),
        r#"2["new_message","undefined: hi"]"#
    );
    eve.send(&[r#"2["enter_room"]"#, r#"2["enter_room",5,"lobby"]"#])
        .await;
    assert_eq!(ana.next().await.unwrap(), r#"2["welcome",5]"#);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_contract_over_polling() {
    let server = Running::start(Mutant::NONE).await;
    let (status, open) = http(server.address, "GET", POLLING, "").await;
    assert_eq!(status, 200);
    let sid = open.split('"').nth(3).unwrap();
    assert!(open.contains(r#""upgrades":["websocket"]"#), "{open}");
    let url = format!("{POLLING}&sid={sid}");
    assert_eq!(
        http(server.address, "POST", &url, "40").await,
        (200, "ok".to_owned())
    );
    let (_, connected) = http(server.address, "GET", &url, "").await;
    assert!(connected.starts_with("40{\"sid\":\"s"), "{connected}");

    let mut ben = Client::websocket(server.address).await.unwrap();
    ben.send(&[r#"20["enter_room","Ben","lobby"]"#]).await;
    ben.next().await.unwrap();
    let together = concat!(
        r#"421["enter_room","Ana","lobby"]"#,
        "\u{1e}",
        r#"422["new_message","a","lobby"]"#,
        "\u{1e}",
        r#"42["new_message","b","lobby"]"#,
    );
    assert_eq!(http(server.address, "POST", &url, together).await.0, 200);
    let mut acks = String::new();
    while !acks.ends_with("432[]") {
        acks.push_str(&http(server.address, "GET", &url, "").await.1);
    }
    assert_eq!(acks.replace('\u{1e}', ""), "431[]432[]");
    for expected in [
        r#"2["welcome","Ana"]"#,
        r#"2["new_message","Ana: a"]"#,
        r#"2["new_message","Ana: b"]"#,
    ] {
        assert_eq!(ben.next().await.unwrap(), expected);
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn arguments_are_sent_back_as_they_came() {
    let server = Running::start(Mutant::NONE).await;
    let mut ana = websocket(server.address, WEBSOCKET).await.unwrap();
    frame(&mut ana).await.unwrap();
    say(&mut ana, "40").await;
    frame(&mut ana).await.unwrap();
    for (asked, answered) in [
        (r#"42["message"]"#, r#"42["message-back"]"#),
        (
            r#"421["message",null,{"b":[1.5],"a":""}]"#,
            r#"42["message-back",null,{"b":[1.5],"a":""}]"#,
        ),
        (r#"427["message-with-ack"]"#, "437[]"),
        (r#"428["message-with-ack",[1],2]"#, "438[[1],2]"),
    ] {
        say(&mut ana, asked).await;
        assert_eq!(frame(&mut ana).await.unwrap(), answered);
    }
    // Without an ack function there is nobody to answer.
    say(&mut ana, r#"42["message-with-ack",1]"#).await;
    for (asked, answered) in [
        (r#"452-["message","#, r#"452-["message-back","#),
        (r#"452-9["message-with-ack","#, "462-9["),
    ] {
        let places = r#"{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]"#;
        say(&mut ana, &format!("{asked}{places}")).await;
        let attached: [&'static [u8]; 2] = [b"\x00\xff", b""];
        for bytes in attached {
            ana.send(Message::binary(bytes)).await.unwrap();
        }
        assert_eq!(
            frame(&mut ana).await.unwrap(),
            format!("{answered}{places}")
        );
        for bytes in attached {
            assert_eq!(message(&mut ana).await, Some(Message::binary(bytes)));
        }
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn nothing_is_lost_in_an_upgrade() {
    let server = Running::start(Mutant::NONE).await;
    let (_, open) = http(server.address, "GET", POLLING, "").await;
    let sid = open.split('"').nth(3).unwrap();
    let polling = format!("{POLLING}&sid={sid}");
    http(server.address, "POST", &polling, "40").await;
    http(server.address, "GET", &polling, "").await;
    let pending = tokio::spawn({
        let (address, polling) = (server.address, polling.clone());
        async move { http(address, "GET", &polling, "").await }
    });
    let mut socket = websocket(server.address, &format!("{WEBSOCKET}&sid={sid}"))
        .await
        .unwrap();
    say(&mut socket, "2probe").await;
    assert_eq!(frame(&mut socket).await.unwrap(), "3probe");
    assert_eq!(pending.await.unwrap(), (200, "6".to_owned()));
    // Queued while neither transport is read: written to the new one.
    http(
        server.address,
        "POST",
        &polling,
        r#"421["enter_room","Ana","lobby"]"#,
    )
    .await;
    say(&mut socket, "5").await;
    assert_eq!(frame(&mut socket).await.unwrap(), "431[]");
    say(&mut socket, r#"422["new_message","a","lobby"]"#).await;
    assert_eq!(frame(&mut socket).await.unwrap(), "432[]");
    assert_eq!(
        http(server.address, "GET", &polling, "").await.0,
        400,
        "polling is over"
    );
    let second = websocket(server.address, &format!("{WEBSOCKET}&sid={sid}")).await;
    assert!(second.is_none(), "one WebSocket a session");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_abandoned_upgrade_leaves_polling_as_it_was() {
    let server = Running::start(Mutant::NONE).await;
    let (_, open) = http(server.address, "GET", POLLING, "").await;
    let sid = open.split('"').nth(3).unwrap();
    let polling = format!("{POLLING}&sid={sid}");
    let url = format!("{WEBSOCKET}&sid={sid}");
    let mut socket = websocket(server.address, &url).await.unwrap();
    say(&mut socket, "2probe").await;
    assert_eq!(frame(&mut socket).await.unwrap(), "3probe");
    say(&mut socket, "4nonsense").await;
    assert_eq!(frame(&mut socket).await, None);
    http(server.address, "POST", &polling, "40").await;
    assert!(
        http(server.address, "GET", &polling, "")
            .await
            .1
            .starts_with("40")
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn requests_that_are_none() {
    let server = Running::start(Mutant::NONE).await;
    for (method, url, status, code) in [
        ("GET", "/socket.io/?EIO=4", 400, r#""code":0"#),
        (
            "GET",
            "/socket.io/?EIO=4&transport=__proto__",
            400,
            r#""code":0"#,
        ),
        (
            "GET",
            "/socket.io/?EIO=4&transport=polling&sid=nobody",
            400,
            r#""code":1"#,
        ),
        (
            "POST",
            "/socket.io/?EIO=4&transport=polling",
            400,
            r#""code":2"#,
        ),
        (
            "GET",
            "/socket.io/?EIO=4&transport=websocket",
            400,
            r#""code":3"#,
        ),
        (
            "GET",
            "/socket.io/?EIO=3&transport=polling",
            400,
            r#""code":5"#,
        ),
        ("GET", "/socket.io/?transport=polling", 400, r#""code":5"#),
        ("GET", "/socket.io-admin/?EIO=4&transport=polling", 404, ""),
        ("GET", "/", 200, "mutant none"),
    ] {
        let (got, body) = http(server.address, method, url, "").await;
        assert_eq!(got, status, "{method} {url}");
        assert!(body.contains(code), "{method} {url}: {body}");
    }
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_session_ends_with_a_second_poll_at_a_time() {
    let server = Running::start(Mutant::NONE).await;
    let (_, open) = http(server.address, "GET", POLLING, "").await;
    let url = format!("{POLLING}&sid={}", open.split('"').nth(3).unwrap());
    let mut pending = Vec::new();
    for _ in 0..2 {
        let (address, url) = (server.address, url.clone());
        pending.push(tokio::spawn(
            async move { http(address, "GET", &url, "").await },
        ));
    }
    let mut answers = Vec::new();
    for pending in pending {
        answers.push(pending.await.unwrap());
    }
    answers.sort();
    assert_eq!(answers[0], (200, "1".to_owned()));
    assert_eq!(answers[1].0, 400);
    assert_eq!(http(server.address, "GET", &url, "").await.0, 400);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_client_says_goodbye_over_polling() {
    let server = Running::start(Mutant::NONE).await;
    let (_, open) = http(server.address, "GET", POLLING, "").await;
    let url = format!("{POLLING}&sid={}", open.split('"').nth(3).unwrap());
    let pending = tokio::spawn({
        let (address, url) = (server.address, url.clone());
        async move { http(address, "GET", &url, "").await }
    });
    assert_eq!(
        http(server.address, "POST", &url, "1").await,
        (200, "ok".to_owned())
    );
    // Whichever of the two came first, the session is over.
    let (status, body) = pending.await.unwrap();
    assert!(
        (status, body.as_str()) == (200, "6") || status == 400,
        "{status} {body}"
    );
    assert_eq!(http(server.address, "GET", &url, "").await.0, 400);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn max_payload_is_what_is_announced() {
    let server = Running::start(Mutant::NONE).await;
    let message = |len: usize| {
        let head = r#"421["new_message",""#;
        let tail = r#"","lobby"]"#;
        format!("{head}{}{tail}", "x".repeat(len - head.len() - tail.len()))
    };
    let (_, open) = http(server.address, "GET", POLLING, "").await;
    let url = format!("{POLLING}&sid={}", open.split('"').nth(3).unwrap());
    http(server.address, "POST", &url, "40").await;
    assert_eq!(
        http(server.address, "POST", &url, message(1_000_001))
            .await
            .0,
        413
    );
    assert_eq!(
        http(server.address, "POST", &url, message(1_000_000))
            .await
            .0,
        200
    );

    let mut socket = websocket(server.address, WEBSOCKET).await.unwrap();
    frame(&mut socket).await.unwrap();
    say(&mut socket, "40").await;
    frame(&mut socket).await.unwrap();
    say(&mut socket, &message(1_000_000)).await;
    assert_eq!(frame(&mut socket).await.unwrap(), "431[]");
    drop(socket.send(Message::text(message(1_000_001))).await);
    assert_eq!(frame(&mut socket).await, None);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_session() {
    let server = Running::start(Mutant::NONE).await;
    for broken in [
        r#"2["new_message","before","connect"]"#,
        "7",
        "2{}",
        "2",
        "0[]",
        "1",
        "4{}",
        r#"2/other,["e"]"#,
        "51-[\"e\",{\"_placeholder\":true,\"num\":0}]",
    ] {
        let mut socket = websocket(server.address, WEBSOCKET).await.unwrap();
        frame(&mut socket).await.unwrap();
        say(&mut socket, &format!("4{broken}")).await;
        say(&mut socket, "40").await;
        assert_eq!(frame(&mut socket).await, None, "{broken}");
    }
    let mut twice = Client::websocket(server.address).await.unwrap();
    twice.send(&["0"]).await;
    assert_eq!(twice.next().await, None, "a second CONNECT");
    let mut late = Client::websocket(server.address).await.unwrap();
    late.send(&["1", r#"2["new_message","late","lobby"]"#])
        .await;
    assert_eq!(late.next().await, None, "an event after DISCONNECT");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn who_has_left_hears_nothing_and_may_come_back() {
    let server = Running::start(Mutant::NONE).await;
    let mut ana = Client::websocket(server.address).await.unwrap();
    let mut ben = Client::websocket(server.address).await.unwrap();
    ana.send(&[r#"20["enter_room","Ana","lobby"]"#, "1", "0"])
        .await;
    assert_eq!(
        ana.next().await.unwrap(),
        "30[]",
        "what was sent before leaving is still done"
    );
    assert!(ana.next().await.unwrap().starts_with("0{"));
    ben.send(&[r#"20["enter_room","Ben","lobby"]"#]).await;
    assert_eq!(ben.next().await.unwrap(), "30[]");
    assert_eq!(ana.fence(DEADLINE).await, Vec::<String>::new());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_mutant_dies_with_all_its_connections() {
    let server = Running::start("dies-without-ack".parse().unwrap()).await;
    let mut ana = Client::websocket(server.address).await.unwrap();
    let mut ben = Client::websocket(server.address).await.unwrap();
    ana.send(&[r#"2["enter_room","Ana","lobby"]"#]).await;
    assert_eq!(ben.next().await, None);
    let died = server.ended.await.unwrap().unwrap_err();
    assert!(matches!(died, Error::Died { mutant } if mutant.name() == "dies-without-ack"));
    insta::assert_snapshot!(died, @"the server died, as the mutant `dies-without-ack` does");
    assert!(
        websocket(server.address, WEBSOCKET).await.is_none(),
        "nobody listens any more"
    );
}
