//! What is sent back as it came, where it is asked for.

use crate::support::{Client, Server};
use reference_server::Config;

const ZERO: &str = r#"{"_placeholder":true,"num":0}"#;
const ONE: &str = r#"{"_placeholder":true,"num":1}"#;

/// Two of them are more than one client may be ahead in the test about it.
static ATTACHED: [u8; 15_000] = [0; 15_000];

async fn echoing() -> Server {
    let mut config = Config::default();
    config.echo = true;
    Server::start_with(config).await
}

/// Sends a packet with attachments.
async fn send_with(client: &mut Client, packet: &str, attachments: &[&'static [u8]]) {
    client.send(packet).await;
    for bytes in attachments {
        client.send_bytes(bytes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_back_unless_it_is_asked_for() {
    let server = Server::start().await;
    let mut ana = server.client().await;
    ana.send_all([r#"42["message",1]"#, r#"421["message-with-ack",1]"#])
        .await;
    // Behind them in the order of events, so that they have been taken.
    ana.send(r#"422["new_message","","nobody"]"#).await;
    ana.expect("432[]").await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_come_back_as_they_were_written() {
    let server = echoing().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    for arguments in [
        "",
        ",null",
        r#",1.0,-0,1e400,9007199254740993,"\ud83d","\u0041",[]"#,
        r#",{"b":1,"a":{},"b":2},{"_placeholder":true,"num":0}"#,
        ",[1,2]",
    ] {
        ben.send(&format!(r#"42["message"{arguments}]"#)).await;
        ben.expect(&format!(r#"42["message-back"{arguments}]"#))
            .await;
        ben.send(&format!(r#"427["message-with-ack"{arguments}]"#))
            .await;
        let acked = arguments.strip_prefix(',').unwrap_or_default();
        ben.expect(&format!("437[{acked}]")).await;
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    ben.send(&format!(r#"42["message",{deep}]"#)).await;
    ben.expect(&format!(r#"42["message-back",{deep}]"#)).await;
    // Without an ack function there is nobody to answer, and an ack function for `message` is not called.
    ben.send_all([
        r#"42["message-with-ack",1]"#,
        r#"429["message",2]"#,
        r#"421["new_message","hi","nobody"]"#,
    ])
    .await;
    ben.expect(r#"42["message-back",2]"#).await;
    ben.expect("431[]").await;
    for client in [&mut ana, &mut ben] {
        client.expect_nothing().await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_back_in_their_places() {
    let server = echoing().await;
    let mut ana = server.client().await;
    let arguments = format!(r#""\u0041",[{ZERO},1.0],{{"a":{{"b":{ONE}}}}},null"#);
    for (sent, answered) in [
        (r#"452-["message","#, r#"452-["message-back","#),
        (r#"452-7["message-with-ack","#, "462-7["),
    ] {
        let attached: [&[u8]; 2] = [b"\x00\xff", b""];
        send_with(&mut ana, &format!("{sent}{arguments}]"), &attached).await;
        ana.expect(&format!("{answered}{arguments}]")).await;
        for bytes in attached {
            ana.expect_bytes(bytes).await;
        }
    }
    // They are numbered anew, in the order in which they stand.
    let packet = format!(r#"452-["message",{ONE},{ZERO}]"#);
    send_with(&mut ana, &packet, &[b"zero", b"one"]).await;
    ana.expect(&format!(r#"452-["message-back",{ZERO},{ONE}]"#))
        .await;
    ana.expect_bytes(b"one").await;
    ana.expect_bytes(b"zero").await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_come_back_over_polling() {
    let server = echoing().await;
    let (_, open) = server
        .http("GET", "/socket.io/?EIO=4&transport=polling", "")
        .await;
    let sid = open.split('"').nth(3).unwrap();
    let session = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    let event = format!(r#"452-["message",{ZERO},{ONE}]"#);
    // The namespace first: an event before its answer breaks the protocol.
    server.http("POST", &session, "40").await;
    let mut inbox = Vec::new();
    while inbox.is_empty() {
        inbox.extend(server.poll(&session).await);
    }
    let body = format!("{event}\u{1e}b+/8=\u{1e}b");
    server.http("POST", &session, &body).await;
    while inbox.len() < 4 {
        inbox.extend(server.poll(&session).await);
    }
    let answer = format!(r#"452-["message-back",{ZERO},{ONE}]"#);
    assert_eq!(inbox[1..], [answer.as_str(), "b+/8=", "b"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_back_in_the_order_in_which_it_was_sent() {
    const ROUNDS: usize = 200;
    let server = echoing().await;
    let mut ana = server.client().await;
    for n in 0..ROUNDS {
        let packet = format!(r#"451-["message",{n},{ZERO}]"#);
        send_with(&mut ana, &packet, &[b"bytes"]).await;
        ana.send_all([
            format!(r#"42["message",{n}]"#),
            format!(r#"42{n}["new_message","","nobody"]"#),
            format!(r#"42{n}["message-with-ack",{n}]"#),
        ])
        .await;
    }
    for n in 0..ROUNDS {
        ana.expect(&format!(r#"451-["message-back",{n},{ZERO}]"#))
            .await;
        ana.expect_bytes(b"bytes").await;
        ana.expect(&format!(r#"42["message-back",{n}]"#)).await;
        ana.expect(&format!("43{n}[]")).await;
        ana.expect(&format!("43{n}[{n}]")).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_nowhere_cost_their_sender_the_chat_and_nobody_else() {
    let server = echoing().await;
    let mut ana = server.member("Ana", "lobby").await;
    let twice = format!("{ZERO},{ZERO}");
    let deep = format!("{}{ZERO}{}", "[".repeat(10_000), "]".repeat(10_000));
    for arguments in [
        ONE,
        r#"{"_placeholder":true,"num":"0"}"#,
        r#"{"a":[{"_placeholder":true,"num":-1}]}"#,
        r#"{"_placeholder":true}"#,
        &twice,
        &deep,
    ] {
        let mut eve = server.client().await;
        let packet = format!(r#"451-7["message-with-ack",{arguments}]"#);
        send_with(&mut eve, &packet, &[b"bytes"]).await;
        eve.expect("41").await;
    }
    let mut eve = server.client().await;
    eve.send(r#"42["message"] and more"#).await;
    eve.expect("41").await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_count_for_how_far_a_sender_may_be_ahead() {
    let mut config = Config::default();
    config.echo = true;
    config.max_backlog = 20_000;
    let server = Server::start_with(config).await;
    let mut ana = server.client().await;
    let packet = format!(r#"451-["message",{ZERO}]"#);
    send_with(&mut ana, &packet, &[&ATTACHED]).await;
    ana.expect(&format!(r#"451-["message-back",{ZERO}]"#)).await;
    ana.expect_bytes(&ATTACHED).await;
    let packet = format!(r#"452-["message",{ZERO},{ONE}]"#);
    send_with(&mut ana, &packet, &[&ATTACHED, &ATTACHED]).await;
    ana.expect("41").await;
    server.stop().await;
}
