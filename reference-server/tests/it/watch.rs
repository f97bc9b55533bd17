//! What those who run the server ask it.

use crate::support::{Process, Server, in_time};

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_lives_and_is_ready() {
    let server = Server::start().await;
    for (path, said) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = server.http("GET", path, "").await;
        assert_eq!(answer, ("HTTP/1.1 200 OK".to_owned(), said.to_owned()));
    }
    let address = server.address.to_string();
    let probe = Process::command(&["--probe", "--listen", &address]).output();
    let probe = in_time(probe).await.unwrap();
    assert!(
        probe.status.success() && probe.stderr.is_empty(),
        "{probe:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted() {
    let server = Server::start().await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    let _eve = server.member("Eve", "kitchen").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    for _ in 0..5 {
        ben.send(r#"420["new_message","hi","lobby"]"#).await;
        ben.expect("430[]").await;
        ana.expect(r#"42["new_message","Ben: hi"]"#).await;
    }
    // Its latency is counted behind its ack; this is behind both.
    ben.send(r#"420["enter_room","Ben","lobby"]"#).await;
    ben.expect("430[]").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    server.until("chat_messages_delivered_total", 7).await;
    let metrics = server.metrics().await;
    for (name, value) in [
        ("chat_connections", 3),
        ("chat_rooms", 2),
        (r#"chat_messages_received_total{event="enter_room"}"#, 4),
        (r#"chat_messages_received_total{event="new_message"}"#, 5),
        ("chat_fan_out_seconds_count", 5),
    ] {
        assert_eq!(metrics.value(name), value, "{name}");
    }
    drop((ana, ben));
    server.until("chat_connections", 1).await;
    server.until("chat_rooms", 1).await;
    server.stop().await;
}
