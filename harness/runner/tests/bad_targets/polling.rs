//! What can go wrong with long-polling, and on the way from it to WebSocket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::SinkExt;
use futures_util::future::join_all;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    HANDSHAKE, Socket, answer, hear, peek, read_request, say, serve, speaks_over, verdict,
    websocket_or_greeting, write,
};

/// Who speaks is answered in the end: an upgrade that fails is the first to be noticed.
const SPEAKS_AND_WAITS: &str = "\
# Who speaks is answered in the end.
must     test.answered
over     upgrade
clients  ana

ana -> new_message \"hi\" \"nowhere\" as request
ana <- ack request () within 5s
";

async fn verdicts(scenario: &str, servers: Vec<(&str, String)>) -> String {
    let judged = servers.into_iter().map(|(name, url)| async move {
        format!("{name}:\n{}", verdict(&url, &[("speaks", scenario)]).await)
    });
    join_all(judged).await.join("\n")
}

/// A server that opens its sessions and takes what is posted, and answers all polls but the first of
/// a session with `poll`. Calibration speaks WebSocket and is refused.
async fn polled<F, A>(poll: F) -> String
where
    F: Fn(TcpStream) -> A + Clone + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let sessions = Arc::new(AtomicUsize::new(0));
    let polls = Arc::new(AtomicUsize::new(0));
    serve(move |mut stream| {
        let (poll, polls, sessions) = (poll.clone(), Arc::clone(&polls), Arc::clone(&sessions));
        async move {
            let head = peek(&stream).await;
            if head.contains("transport=websocket") {
                answer(&mut stream, "400 Bad Request", b"no").await;
            } else if head.starts_with("POST") {
                answer(&mut stream, "200 OK", b"ok").await;
            } else if !head.contains("sid=") {
                sessions.fetch_add(1, Ordering::Relaxed);
                answer(&mut stream, "200 OK", HANDSHAKE.as_bytes()).await;
            } else if polls.fetch_add(1, Ordering::Relaxed) == 0 {
                answer(&mut stream, "200 OK", br#"40{"sid":"a1"}"#).await;
            } else {
                poll(stream).await;
            }
        }
    })
    .await
}

/// As [`polled`], with one answer.
async fn polled_with(status: &'static str, body: &'static [u8]) -> String {
    polled(move |mut stream| async move { answer(&mut stream, status, body).await }).await
}

/// A server that takes no POST as it should.
async fn posted<F, A>(post: F) -> String
where
    F: Fn(TcpStream) -> A + Clone + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    serve(move |mut stream| {
        let post = post.clone();
        async move {
            let head = peek(&stream).await;
            if head.starts_with("POST") {
                post(stream).await;
            } else if head.contains("sid=") {
                wait_for_the_end(&mut stream).await;
            } else {
                answer(&mut stream, "200 OK", HANDSHAKE.as_bytes()).await;
            }
        }
    })
    .await
}

async fn wait_for_the_end(stream: &mut TcpStream) {
    tokio::io::copy(stream, &mut tokio::io::sink())
        .await
        .unwrap_or_default();
}

#[tokio::test]
async fn polls_that_are_answered_wrong() {
    let servers = vec![
        (
            "the session is unknown",
            polled_with(
                "400 Bad Request",
                br#"{"code":1,"message":"Session ID unknown"}"#,
            )
            .await,
        ),
        ("an empty body", polled_with("200 OK", b"").await),
        ("no UTF-8", polled_with("200 OK", b"4\xff\xfe").await),
        (
            "a packet that is none",
            polled_with("200 OK", b"430[]\x1e9what").await,
        ),
        (
            "a separator too many",
            polled_with("200 OK", b"430[]\x1e").await,
        ),
        ("base64 that is none", polled_with("200 OK", b"b!!!").await),
        (
            "a body that breaks off",
            polled(|mut stream| async move {
                read_request(&mut stream).await;
                write(
                    &mut stream,
                    b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n43",
                )
                .await;
            })
            .await,
        ),
        (
            "no HTTP",
            polled(|mut stream| async move {
                read_request(&mut stream).await;
                write(&mut stream, b"what?\r\n\r\n").await;
            })
            .await,
        ),
        (
            "a poll that never ends",
            polled(|mut stream| async move {
                wait_for_the_end(&mut stream).await;
            })
            .await,
        ),
        (
            "noops as fast as they are asked for",
            polled_with("200 OK", b"6").await,
        ),
    ];
    insta::assert_snapshot!(verdicts(&speaks_over("polling"), servers).await);
}

#[tokio::test]
async fn posts_that_are_answered_wrong() {
    let servers = vec![
        (
            "refused",
            posted(|mut stream| async move {
                answer(&mut stream, "413 Payload Too Large", b"too much").await;
            })
            .await,
        ),
        (
            "never answered",
            posted(|mut stream| async move {
                wait_for_the_end(&mut stream).await;
            })
            .await,
        ),
        (
            "broken off",
            posted(|mut stream| async move {
                read_request(&mut stream).await;
            })
            .await,
        ),
    ];
    insta::assert_snapshot!(verdicts(&speaks_over("polling"), servers).await);
}

/// How often a poll under way is answered with a noop, so that an upgrade can go on: as often as the
/// original does while a probe is open.
const NOOPS: Duration = Duration::from_millis(100);

/// A server that is right over long-polling, and does as `probed` says with a WebSocket.
async fn upgraded<F, A>(handshake: &'static str, probed: F) -> String
where
    F: Fn(Socket) -> A + Clone + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let polls = Arc::new(AtomicUsize::new(0));
    serve(move |mut stream| {
        let (probed, polls) = (probed.clone(), Arc::clone(&polls));
        async move {
            let head = peek(&stream).await;
            if head.contains("transport=websocket") && !head.contains("sid=") {
                return answer(&mut stream, "400 Bad Request", b"no").await;
            }
            if head.starts_with("GET") && head.contains("polling") && head.contains("sid=") {
                // The first poll brings the answer to CONNECT, the others nothing, and only when
                // the client has waited or is gone.
                if polls.fetch_add(1, Ordering::Relaxed) == 0 {
                    return answer(&mut stream, "200 OK", br#"40{"sid":"a1"}"#).await;
                }
                read_request(&mut stream).await;
                let left = timeout(NOOPS, stream.read_u8()).await;
                if left.is_err() {
                    write(
                        &mut stream,
                        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n6",
                    )
                    .await;
                }
                return;
            }
            if head.starts_with("GET") && head.contains("polling") {
                return answer(&mut stream, "200 OK", handshake.as_bytes()).await;
            }
            websocket_or_greeting(stream, probed).await;
        }
    })
    .await
}

#[tokio::test]
async fn upgrades_that_fail() {
    const NOT_OFFERED: &str =
        r#"0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
    let servers = vec![
        (
            "it is not offered",
            upgraded(NOT_OFFERED, |_| async {}).await,
        ),
        (
            "the probe is not answered",
            upgraded(HANDSHAKE, |mut socket| async move {
                while hear(&mut socket).await.is_some() {}
            })
            .await,
        ),
        (
            "the probe is answered by something else",
            upgraded(HANDSHAKE, |mut socket| async move {
                hear(&mut socket).await;
                say(&mut socket, "3").await;
                while hear(&mut socket).await.is_some() {}
            })
            .await,
        ),
        (
            "the probe is answered by bytes",
            upgraded(HANDSHAKE, |mut socket| async move {
                hear(&mut socket).await;
                socket
                    .send(Message::binary(vec![0]))
                    .await
                    .unwrap_or_default();
                while hear(&mut socket).await.is_some() {}
            })
            .await,
        ),
        (
            "it closes at the probe",
            upgraded(HANDSHAKE, |mut socket| async move {
                hear(&mut socket).await;
                socket.close(None).await.unwrap_or_default();
            })
            .await,
        ),
        (
            "it closes once upgraded",
            upgraded(HANDSHAKE, |mut socket| async move {
                hear(&mut socket).await;
                say(&mut socket, "3probe").await;
                hear(&mut socket).await;
                socket.close(None).await.unwrap_or_default();
            })
            .await,
        ),
        (
            "it says nothing once upgraded",
            upgraded(HANDSHAKE, |mut socket| async move {
                hear(&mut socket).await;
                say(&mut socket, "3probe").await;
                while hear(&mut socket).await.is_some() {}
            })
            .await,
        ),
    ];
    insta::assert_snapshot!(verdicts(SPEAKS_AND_WAITS, servers).await);
}
