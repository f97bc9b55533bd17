//! A server that is asked to stop.

use rustix::process::Signal;

use crate::support::{Client, Process, in_time};

/// What was sent before the signal is done and arrives, at those who poll too.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_is_done_and_acked_and_delivered() {
    const MESSAGES: usize = 3000;
    let mut server = Process::start(&[]).await;
    let mut ben = server.member("Ben", "lobby").await;
    let mut ana = server.member("Ana", "lobby").await;
    ben.expect(r#"42["welcome","Ana"]"#).await;
    let polling = server.polling_member("Poll", "lobby").await;
    for client in [&mut ana, &mut ben] {
        client.expect(r#"42["welcome","Poll"]"#).await;
    }
    let mut polled = Vec::new();

    ana.send_all((0..MESSAGES).map(|n| format!(r#"42{n}["new_message","{n}","lobby"]"#)))
        .await;
    server.signal(Signal::TERM);
    let read = async {
        for n in 0..MESSAGES {
            ana.expect(&format!("43{n}[]")).await;
        }
        for n in 0..MESSAGES {
            ben.expect(&format!(r#"42["new_message","Ana: {n}"]"#))
                .await;
        }
        for client in [&mut ana, &mut ben] {
            client.expect("1").await;
            assert_eq!(client.next().await, None);
        }
    };
    let poll = async {
        // Who polls when all has been said is told of the end; who does not finds the server gone.
        while polled.len() < MESSAGES {
            polled.extend(server.poll(&polling).await);
        }
    };
    tokio::join!(read, poll);
    let expected = (0..MESSAGES).map(|n| format!(r#"42["new_message","Ana: {n}"]"#));
    assert!(polled.into_iter().take(MESSAGES).eq(expected));
    assert_eq!(server.ended().await.code, Some(0));
}

/// One who does not read holds it up; for how long is bounded, and a second signal does not wait.
#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_stops_and_lets_nobody_in_and_ends_at_a_second_signal() {
    let mut server = Process::start(&["--shutdown-grace", "1h"]).await;
    let _slow = server.raw_member("slow", "lobby").await;
    let mut ana = server.client().await;
    say_more_than_sockets_hold(&mut ana).await;
    server.signal(Signal::TERM);
    let unready = (
        "HTTP/1.1 503 Service Unavailable".to_owned(),
        "stopping\n".to_owned(),
    );
    in_time(async {
        while server.http("GET", "/readyz", "").await != unready {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let address = server.address.to_string();
    let probe = Process::command(&["--probe", "--listen", &address]).output();
    let probe = in_time(probe).await.unwrap();
    assert_eq!(probe.status.code(), Some(1));
    let said = String::from_utf8(probe.stderr).unwrap();
    let port = format!(":{}", server.address.port());
    insta::assert_snapshot!("probed", said.replace(&port, ":PORT"));
    let handshake = "/socket.io/?EIO=4&transport=polling";
    let (status, body) = server.http("GET", handshake, "").await;
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(
        body,
        r#"{"code":4,"message":"Forbidden: this server is stopping"}"#
    );
    // Those who are there go on.
    ana.send(r#"421["new_message","still here","lobby"]"#).await;
    ana.expect("431[]").await;
    assert_eq!(server.http("GET", "/healthz", "").await.1, "ok\n");

    server.signal(Signal::TERM);
    let ended = server.ended().await;
    assert_eq!(ended.code, Some(1));
    let last = ended.log.lines().last().unwrap();
    insta::assert_snapshot!(last);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_does_not_read_holds_it_up_no_longer_than_it_may_take() {
    let mut server = Process::start(&["--shutdown-grace", "400ms"]).await;
    let _slow = server.raw_member("slow", "lobby").await;
    let mut ana = server.client().await;
    say_more_than_sockets_hold(&mut ana).await;
    server.signal(Signal::TERM);
    ana.expect("1").await;
    let ended = server.ended().await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.log.contains("do not read what they are sent"));
}

/// Says more than the system keeps for one who does not read, so that some of it waits in the server.
async fn say_more_than_sockets_hold(client: &mut Client) {
    let text = "x".repeat(900_000);
    for _ in 0..20 {
        client
            .send(&format!(r#"420["new_message","{text}","lobby"]"#))
            .await;
        client.expect("430[]").await;
    }
}
