//! What a server on socketioxide loses or reorders unless it is written with care.

use std::time::Duration;

use crate::support::Server;
use reference_server::Config;

const ROUNDS: usize = 20;
const PIPELINED: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_messages_and_their_acks_keep_their_order() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    for round in 0..ROUNDS {
        ana.send_all(
            (0..PIPELINED).map(|n| format!(r#"42{n}["new_message","{round} {n}","lobby"]"#)),
        )
        .await;
        for n in 0..PIPELINED {
            ana.expect(&format!("43{n}[]")).await;
        }
        for n in 0..PIPELINED {
            ben.expect(&format!(r#"42["new_message","Ana: {round} {n}"]"#))
                .await;
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_sent_on_the_connect_reply_is_never_lost() {
    const CONNECTIONS: usize = 1000;
    const AT_ONCE: usize = 4;
    let server = std::sync::Arc::new(Server::start().await);
    let several = (0..AT_ONCE).map(|_| {
        let server = std::sync::Arc::clone(&server);
        tokio::spawn(async move {
            for _ in 0..CONNECTIONS / AT_ONCE {
                server.member("Ana", "lobby").await;
            }
        })
    });
    for task in several.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    std::sync::Arc::into_inner(server).unwrap().stop().await;
}

/// Before the reply there is no namespace to send to. Node closes the session, always; here the event
/// may come just late enough to be taken. What it may not do is to vanish.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_sent_before_the_connect_reply_is_done_or_ends_the_session() {
    let server = Server::start().await;
    for _ in 0..200 {
        let mut client = server.session().await;
        client
            .send_all(["40", r#"420["enter_room","Ana","lobby"]"#])
            .await;
        let mut acked = false;
        while let Some(packet) = client.next().await {
            acked = packet == "430[]";
            if acked {
                break;
            }
            assert!(packet.starts_with("40{") || packet == "1", "{packet}");
        }
        // Reaching this line without an ack means that the server has closed the connection.
        assert!(acked || client.next().await.is_none());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_to_one_reader_arrives_whole() {
    const BURST: usize = 5000;
    let server = Server::start().await;
    let mut ben = server.member("Ben", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    ben.expect(r#"42["welcome","Ana"]"#).await;
    // Ben reads nothing until the last one has been acked.
    ana.send_all((0..BURST).map(|n| format!(r#"42{n}["new_message","{n}","lobby"]"#)))
        .await;
    for n in 0..BURST {
        ana.expect(&format!("43{n}[]")).await;
    }
    for n in 0..BURST {
        ben.expect(&format!(r#"42["new_message","Ana: {n}"]"#))
            .await;
    }
    ben.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_a_prefix_and_is_disconnected_and_the_others_get_everything() {
    const MESSAGES: usize = 600;
    let mut config = Config::default();
    config.max_buffer_packets = 32.try_into().unwrap();
    let server = Server::start_with(config).await;
    let mut slow = server.member("Slow", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;

    // Long enough for the buffers of the operating system to be full before they are all sent; one
    // at a time, so that nobody else is slow.
    let text = "x".repeat(50_000);
    for n in 0..MESSAGES {
        ana.send(&format!(r#"420["new_message","{n} {text}","lobby"]"#))
            .await;
        ana.expect("430[]").await;
        ben.expect(&format!(r#"42["new_message","Ana: {n} {text}"]"#))
            .await;
    }

    slow.expect(r#"42["welcome","Ana"]"#).await;
    slow.expect(r#"42["welcome","Ben"]"#).await;
    let mut received = 0;
    loop {
        let packet = slow
            .next()
            .await
            .expect("a DISCONNECT packet before the end");
        if packet == "41" {
            break;
        }
        let expected = format!(r#"42["new_message","Ana: {received} "#);
        assert!(
            packet.starts_with(&expected),
            "{received}: {}",
            &packet[..40]
        );
        received += 1;
    }
    assert!((32..MESSAGES).contains(&received), "{received}");
    slow.expect_nothing().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_too_far_ahead_is_disconnected_after_a_prefix() {
    let mut config = Config::default();
    config.max_backlog = 20_000;
    let server = Server::start_with(config).await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.client().await;
    let text = "x".repeat(10_000);
    let mut sent = 0;
    // The worker may keep up with some of these; not with all.
    loop {
        let packets =
            (sent..sent + 50).map(|n| format!(r#"42["new_message","{n} {text}","lobby"]"#));
        let probe = "429[\"new_message\"]".to_owned();
        let is_alive = ben.try_send_all(packets.chain([probe])).await.is_ok();
        sent += 50;
        if !is_alive {
            break;
        }
        assert!(sent < 10_000, "taken from a backlog of two messages");
        match ben.next().await.as_deref() {
            Some("439[]") => {}
            // The notice, or the end of a connection on which a socket that is gone was written to.
            Some("41") | None => break,
            Some(other) => panic!("{other}"),
        }
    }
    ana.send("40/none,").await;
    let mut received = 0;
    loop {
        let packet = ana.next().await.unwrap();
        if packet.starts_with("44/none") {
            break;
        }
        let expected = format!(r#"42["new_message","undefined: {received} "#);
        assert!(
            packet.starts_with(&expected),
            "{received}: {}",
            &packet[..40]
        );
        received += 1;
    }
    assert!(received < sent, "{received} of {sent}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_closes_its_sessions_and_does_not_wait_for_one_that_is_stuck() {
    let mut config = Config::default();
    config.shutdown_grace = Duration::from_millis(300);
    let server = Server::start_with(config).await;
    let mut stuck = server.member("Stuck", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    let text = "x".repeat(500_000);
    for _ in 0..40 {
        ana.send(&format!(r#"420["new_message","{text}","lobby"]"#))
            .await;
        ana.expect("430[]").await;
    }
    server.stop().await;
    while let Some(packet) = ana.next().await {
        assert_eq!(packet, "1");
    }
    stuck.expect(r#"42["welcome","Ana"]"#).await;
}

/// A writer that is blocked by its peer does not learn that its session was closed.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_takes_nothing_any_more_is_given_up() {
    let mut config = Config::default();
    config.ping_timeout = Duration::from_secs(1);
    config.shutdown_grace = Duration::from_hours(1);
    let server = Server::start_with(config).await;
    let _stuck = server.member("Stuck", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    let text = "x".repeat(500_000);
    for _ in 0..40 {
        ana.send(&format!(r#"420["new_message","{text}","lobby"]"#))
            .await;
        ana.expect("430[]").await;
    }
    // It waits for every session to be closed.
    server.stop().await;
}
