//! What is too long or too much, and what its sender is told.

use reference_server::Config;

use crate::support::{Client, Server};

async fn limited() -> Server {
    let mut config = Config::default();
    config.max_nickname = 4;
    config.max_room = 5;
    config.max_text = Some(6);
    config.max_rooms = 2.try_into().unwrap();
    Server::start_with(config).await
}

/// The answer to a packet.
async fn answer(client: &mut Client, packet: &str) -> String {
    client.send(packet).await;
    client.next().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_a_limit_is_answered_and_not_done() {
    let server = limited().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    let mut said = Vec::new();
    for packet in [
        r#"421["enter_room","Bobby","lobby"]"#,
        r#"421["enter_room","ääb","lobby"]"#,
        r#"421["enter_room","Bob","kitchen"]"#,
        r#"42123456["new_message","seven !","lobby"]"#,
        r#"421["new_message",{"a":12},"lobby"]"#,
        r#"421["new_message","hi","kitchen"]"#,
        r#"421["new_message","hi"]"#,
    ] {
        said.push(answer(&mut ben, packet).await);
    }
    insta::assert_snapshot!(said.join("\n"));
    // What is just within is done, by the nickname from before.
    ben.send(r#"422["new_message","ää\n\u0041","lobby"]"#).await;
    ben.expect("432[]").await;
    ana.expect(r#"42["new_message","Ben: ää\n\u0041"]"#).await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_in_so_many_rooms_and_no_more() {
    let server = limited().await;
    let mut ana = server.member("Ana", "c").await;
    let mut ben = server.member("Ben", "a").await;
    for room in ["a", "b", "b", "a"] {
        ben.send(&format!(r#"421["enter_room","Ben","{room}"]"#))
            .await;
        ben.expect("431[]").await;
    }
    let refused = answer(&mut ben, r#"421["enter_room","Bob","c"]"#).await;
    insta::assert_snapshot!(refused);
    ben.send(r#"421["new_message","hi","c"]"#).await;
    ben.expect("431[]").await;
    ana.expect(r#"42["new_message","Ben: hi"]"#).await;
    ana.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gave_no_ack_function_is_told_by_an_event() {
    let server = limited().await;
    let mut ana = server.client().await;
    let mut said = Vec::new();
    for packet in [
        r#"42["enter_room","Annabella","lobby"]"#,
        r#"42["new_message","a long text","lobby"]"#,
    ] {
        said.push(answer(&mut ana, packet).await);
    }
    insta::assert_snapshot!(said.join("\n"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_fast_is_told_so_in_order() {
    let mut config = Config::default();
    // So slow that nothing is added while this runs.
    config.max_messages_per_second = Some(3.try_into().unwrap());
    let server = Server::start_with(config).await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    // To enter was one, of three.
    ben.send_all((0..40).map(|n| format!(r#"42{n}["new_message","{n}","lobby"]"#)))
        .await;
    let mut done = Vec::new();
    for n in 0..40 {
        let packet = ben.next().await.unwrap();
        if packet == format!("43{n}[]") {
            done.push(n);
        } else {
            let code = r#"[{"error":{"code":"too_many_messages","#;
            assert!(packet.starts_with(&format!("43{n}{code}")), "{packet}");
        }
    }
    assert_eq!(done[..2], [0, 1]);
    assert!(done.len() < 20, "{done:?}");
    for n in done {
        ana.expect(&format!(r#"42["new_message","Ben: {n}"]"#))
            .await;
    }
    ana.expect_nothing().await;
    let metrics = server.metrics().await;
    assert!(metrics.value(r#"chat_limit_errors_total{code="too_many_messages"}"#) > 20);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_more_than_may_be_is_told_so_and_comes_in_when_another_has_left() {
    let mut config = Config::default();
    config.max_connections = Some(2.try_into().unwrap());
    let server = Server::start_with(config).await;
    let _ana = server.client().await;
    let mut ben = server.client().await;
    let mut eve = server.session().await;
    insta::assert_snapshot!(answer(&mut eve, "40").await);
    let metrics = server.metrics().await;
    assert_eq!(metrics.value(r#"chat_refused_total{reason="full"}"#), 1);
    assert_eq!(metrics.value("chat_connections"), 2);

    ben.send("41").await;
    server.until("chat_connections", 1).await;
    eve.send("40").await;
    eve.connected().await;
    server.stop().await;
}

/// The limit that is announced is the one that is kept, to the byte, on either transport.
#[tokio::test(flavor = "multi_thread")]
async fn the_announced_payload_is_the_largest_that_is_taken() {
    let mut config = Config::default();
    config.max_payload = 1000;
    let server = Server::start_with(config).await;
    let (_, open) = server
        .http("GET", "/socket.io/?EIO=4&transport=polling", "")
        .await;
    assert!(open.contains(r#""maxPayload":1000"#), "{open}");
    let packet = |bytes: usize| {
        let rest = r#"420["new_message","","a"]"#.len();
        format!(r#"420["new_message","{}","a"]"#, "x".repeat(bytes - rest))
    };

    let mut ana = server.client().await;
    ana.send(&packet(1000)).await;
    ana.expect("430[]").await;
    ana.send(&packet(1001)).await;
    assert_eq!(ana.next().await, None);

    let session = server.polling_session().await;
    let status = async |body: &str| server.http("POST", &session, body).await.0;
    assert_eq!(status("40").await, "HTTP/1.1 200 OK");
    assert_eq!(status(&packet(1000)).await, "HTTP/1.1 200 OK");
    assert_eq!(
        status(&packet(1001)).await,
        "HTTP/1.1 413 Payload Too Large"
    );
    server.stop().await;
}
