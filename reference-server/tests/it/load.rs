//! Much at once, and those who cannot keep up with it.

use std::time::Duration;

use futures_util::future::join_all;
use reference_server::Config;
use tokio::io::AsyncReadExt;

use crate::support::{Client, Process, Server};

/// What arrives at a reader of `messages` messages.
async fn read(mut reader: Client, messages: usize) -> Vec<String> {
    let mut heard = Vec::with_capacity(messages);
    while heard.len() < messages {
        heard.push(reader.next().await.expect("all of them"));
    }
    reader.expect_nothing().await;
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_ten_thousand_arrives_whole_and_in_order_at_all() {
    const BURST: usize = 10_000;
    const READERS: usize = 4;
    let server = Server::start().await;
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let reader = server.member("Reader", "lobby").await;
        for earlier in &mut readers {
            Client::expect(earlier, r#"42["welcome","Reader"]"#).await;
        }
        readers.push(reader);
    }
    let mut ana = server.client().await;
    // Nobody reads before the last one has been written.
    ana.send_all((0..BURST).map(|n| format!(r#"42{n}["new_message","{n}","lobby"]"#)))
        .await;
    let readers = readers.into_iter().map(|r| tokio::spawn(read(r, BURST)));
    let readers: Vec<_> = readers.collect();
    for n in 0..BURST {
        ana.expect(&format!("43{n}[]")).await;
    }
    let expected: Vec<_> = (0..BURST)
        .map(|n| format!(r#"42["new_message","undefined: {n}"]"#))
        .collect();
    for reader in readers {
        assert!(reader.await.unwrap() == expected);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_several_send_at_once_has_one_order_for_all() {
    const SENDERS: usize = 5;
    const EACH: usize = 2000;
    let server = Server::start().await;
    let mut readers = Vec::new();
    for _ in 0..3 {
        let mut reader = server.client().await;
        // Without a nickname of theirs or a welcome to each other: only the ack tells.
        reader.send(r#"420["enter_room","","lobby"]"#).await;
        reader.expect("430[]").await;
        for earlier in &mut readers {
            Client::expect(earlier, r#"42["welcome",""]"#).await;
        }
        readers.push(reader);
    }
    let readers = readers
        .into_iter()
        .map(|reader| tokio::spawn(read(reader, SENDERS * EACH)));
    let readers: Vec<_> = readers.collect();
    let send = async |sender: usize| {
        let mut client = server.client().await;
        client
            .send_all((0..EACH).map(|n| format!(r#"42{n}["new_message","{sender} {n}","lobby"]"#)))
            .await;
        for n in 0..EACH {
            client.expect(&format!("43{n}[]")).await;
        }
    };
    join_all((0..SENDERS).map(send)).await;

    let mut heard = Vec::new();
    for reader in readers {
        heard.push(reader.await.unwrap());
    }
    assert!(heard.iter().all(|other| *other == heard[0]), "one order");
    for sender in 0..SENDERS {
        let start = format!(r#"42["new_message","undefined: {sender} "#);
        let of_one = heard[0].iter().filter(|packet| packet.starts_with(&start));
        let numbers: Vec<usize> = of_one
            .map(|packet| packet[start.len()..packet.len() - 2].parse().unwrap())
            .collect();
        assert!(numbers.iter().copied().eq(0..EACH), "{numbers:?}");
    }
    server.stop().await;
}

/// A hundred times what may wait for one member, at a pace that its readers keep.
#[tokio::test(flavor = "multi_thread")]
async fn who_reads_is_never_too_slow_on_any_transport() {
    const MESSAGES: usize = 1000;
    let text = "x".repeat(10_000);
    let mut config = Config::default();
    config.max_buffer_bytes = MESSAGES * text.len() / 100;
    let server = Server::start_with(config).await;
    let mut ana = server.client().await;
    let mut direct = server.member("Direct", "lobby").await;

    let session = server.polling_session().await;
    let mut upgraded = server.probed(&session).await;
    upgraded.send_all(["5", "40"]).await;
    upgraded.connected().await;
    upgraded.send(r#"420["enter_room","Up","lobby"]"#).await;
    upgraded.expect("430[]").await;
    direct.expect(r#"42["welcome","Up"]"#).await;

    let polling = server.polling_member("Poll", "lobby").await;
    direct.expect(r#"42["welcome","Poll"]"#).await;
    upgraded.expect(r#"42["welcome","Poll"]"#).await;
    for n in 0..MESSAGES {
        ana.send(&format!(r#"421["new_message","{n} {text}","lobby"]"#))
            .await;
        ana.expect("431[]").await;
        let expected = format!(r#"42["new_message","undefined: {n} {text}"]"#);
        direct.expect(&expected).await;
        upgraded.expect(&expected).await;
        assert_eq!(server.poll(&polling).await, [expected]);
    }
    let metrics = server.metrics().await;
    assert_eq!(
        metrics.value(r#"chat_expelled_total{reason="slow_consumer"}"#),
        0
    );
    server.stop().await;
}

/// What waits for a member who does not read is bounded in bytes, and those who read hear everything.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_expelled_and_memory_stays_bounded() {
    const MESSAGES: usize = 400;
    let mut server = Process::start(&["--max-buffer-bytes", "2MB"]).await;
    let idle = server.rss();
    let mut slow = server.raw_member("slow", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    let _lazy = server.polling_member("Lazy", "lobby").await;
    for client in [&mut ana, &mut ben] {
        client.expect(r#"42["welcome","Lazy"]"#).await;
    }

    let text = "x".repeat(500_000);
    for n in 0..MESSAGES {
        ana.send(&format!(r#"420["new_message","{n} {text}","lobby"]"#))
            .await;
        ana.expect("430[]").await;
        ben.expect(&format!(r#"42["new_message","Ana: {n} {text}"]"#))
            .await;
    }
    let grown = server.rss().saturating_sub(idle);
    // The two who do not read may hold two megabytes each, of the two hundred that were sent.
    assert!(grown < 60_000_000, "{grown} bytes more");
    let metrics = server.metrics().await;
    assert_eq!(
        metrics.value(r#"chat_expelled_total{reason="slow_consumer"}"#),
        2
    );
    let mut rest = Vec::new();
    // It has all that went out before; then the end, behind the notice.
    let end = tokio::time::timeout(Duration::from_secs(1), slow.read_to_end(&mut rest)).await;
    assert!(end.is_err() || rest.len() > 1_000_000);
    assert!(rest.ends_with(b"\x81\x0241"), "no DISCONNECT at the end");

    drop((ana, ben, slow));
    let log = server.end().await.log;
    let why = "reads too slowly: its buffer is full";
    assert_eq!(log.matches(why).count(), 2, "{log}");
}

/// A CONNECT that the library answers by itself, with the name of the namespace in it.
fn unknown_namespace(bytes: usize) -> String {
    format!("40/{},", "x".repeat(bytes))
}

/// The buffer of a member may be full of what the library says by itself. It is not passed over then.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_does_not_read_is_expelled_by_the_first_message_that_does_not_fit() {
    let mut server = Process::start(&["--max-buffer-packets", "8"]).await;
    let mut asking = server.member("Asking", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    let mut ben = server.member("Ben", "lobby").await;
    ana.expect(r#"42["welcome","Ben"]"#).await;
    asking
        .send_all((0..5000).map(|_| unknown_namespace(4000)))
        .await;
    // All of it has been taken when what was sent behind it has been done.
    asking.send(r#"42["new_message","", "lobby"]"#).await;
    for client in [&mut ana, &mut ben] {
        client.expect(r#"42["new_message","Asking: "]"#).await;
    }
    ana.send(r#"420["new_message","hi","lobby"]"#).await;
    ana.expect("430[]").await;
    ben.expect(r#"42["new_message","Ana: hi"]"#).await;
    let metrics = server.metrics().await;
    assert_eq!(
        metrics.value(r#"chat_expelled_total{reason="slow_consumer"}"#),
        1
    );
    drop((asking, ana, ben));
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_and_does_not_read_is_cut_off_before_its_answers_fill_the_memory() {
    let mut server = Process::start(&["--max-backlog", "2MB"]).await;
    let idle = server.rss();
    let mut asking = server.member("Asking", "lobby").await;
    let question = unknown_namespace(500_000);
    let all = async { while asking.try_send_all([&question]).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), all)
        .await
        .expect("it is cut at once");
    let grown = server.rss().saturating_sub(idle);
    assert!(grown < 60_000_000, "{grown} bytes more");
    let log = server.end().await.log;
    assert!(log.contains("sends and does not read"), "{log}");
}
