//! What the first look at a URL finds that is no Socket.IO server, or none of ours.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chatspec_report::redact;
use chatspec_wire::engine::{self, payload};
use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    HANDSHAKE, SPEAKS, answer, answer_all, over_websocket, peek, read_request, say, serve, verdict,
    websocket_or_greeting, welcome, write,
};

/// What is said of each of `servers`, which are judged side by side: most of them have to be waited
/// for.
async fn verdicts(servers: Vec<(&str, String)>) -> String {
    let judged = servers.into_iter().map(|(name, url)| async move {
        format!("{name}:\n  {}", verdict(&url, &[("speaks", SPEAKS)]).await)
    });
    redact::text(&join_all(judged).await.join("\n"))
}

async fn answering(status: &'static str, body: &'static [u8]) -> String {
    serve(move |mut stream| async move { answer(&mut stream, status, body).await }).await
}

async fn writing(bytes: &'static [u8]) -> String {
    serve(move |mut stream| async move {
        read_request(&mut stream).await;
        write(&mut stream, bytes).await;
    })
    .await
}

/// Reads to the end, and so keeps the connection open until the client gives up.
async fn wait_for_the_end(mut stream: TcpStream) {
    tokio::io::copy(&mut stream, &mut tokio::io::sink())
        .await
        .unwrap_or_default();
}

#[tokio::test]
async fn other_servers_are_told_apart() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let servers = vec![
        ("nothing listens", nobody),
        (
            "a web page",
            answering("404 Not Found", b"<!doctype html>\n<title>Not \"here\"</title>").await,
        ),
        ("another page", answering("200 OK", b"<h1>It works!</h1>").await),
        ("no body", answering("204 No Content", b"").await),
        (
            "a redirection",
            writing(b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://chat.example/\r\nContent-Length: 0\r\n\r\n")
                .await,
        ),
        (
            "an error of Engine.IO",
            answering("400 Bad Request", br#"{"code":5,"message":"Unsupported protocol version"}"#).await,
        ),
        ("bytes", answering("200 OK", b"\x00\xff\xfe\x1b[31m").await),
        (
            "Engine.IO v3, as text",
            answering("200 OK", br#"85:0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":5000}2:40"#).await,
        ),
        (
            "Engine.IO v3, for clients that read binary",
            answering("200 OK", b"\x00\x08\x05\xff0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":5000}\x00\x02\xff40").await,
        ),
        ("a handshake without its fields", answering("200 OK", br#"0{"sid":"x"}"#).await),
        ("a handshake that is cut off", answering("200 OK", br#"0{"sid":"x","#).await),
        ("another packet first", answering("200 OK", br#"40{"sid":"x"}"#).await),
        ("a handshake with a bad status", answering("500 Oh No", HANDSHAKE.as_bytes()).await),
        ("TLS", writing(b"\x15\x03\x01\x00\x02\x02\x46").await),
        ("a banner", writing(b"SSH-2.0-OpenSSH_9.2\r\n").await),
        ("closes at once", serve(|stream| async move { drop(stream) }).await),
        ("closes without an answer", writing(b"").await),
    ];
    insta::assert_snapshot!(verdicts(servers).await);
}

#[tokio::test]
async fn servers_that_never_finish_are_given_up() {
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let streaming = |head: &'static [u8], chunk: &'static [u8]| {
        serve(move |mut stream| async move {
            read_request(&mut stream).await;
            write(&mut stream, head).await;
            let chunk = chunk.repeat(1 << 10);
            while tokio::io::AsyncWriteExt::write_all(&mut stream, &chunk)
                .await
                .is_ok()
            {}
        })
    };
    let servers = vec![
        ("never answers", serve(wait_for_the_end).await),
        (
            "reads nothing",
            serve(|stream| async move {
                let mut byte = [0; 1];
                // Peeking takes nothing, and ends with the connection.
                while stream.peek(&mut byte).await.is_ok_and(|length| length > 0) {
                    tokio::task::yield_now().await;
                }
            })
            .await,
        ),
        (
            "stalls in the head",
            serve(|mut stream| async move {
                read_request(&mut stream).await;
                write(&mut stream, b"HTTP/1.1 200 OK\r\nContent-").await;
                wait_for_the_end(stream).await;
            })
            .await,
        ),
        (
            "stalls in the body",
            serve(|mut stream| async move {
                read_request(&mut stream).await;
                write(
                    &mut stream,
                    b"HTTP/1.1 200 OK\r\nContent-Length: 120\r\n\r\n0{\"sid\":",
                )
                .await;
                wait_for_the_end(stream).await;
            })
            .await,
        ),
        (
            "breaks off in the body",
            writing(b"HTTP/1.1 200 OK\r\nContent-Length: 120\r\n\r\n0{\"sid\":").await,
        ),
        (
            "a head without end",
            streaming(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n").await,
        ),
        (
            "a line without end",
            streaming(b"HTTP/1.1 200 ", b"and on and on").await,
        ),
        (
            "a body without end",
            streaming(ENDLESS, b"and on and on").await,
        ),
        (
            "chunks without end",
            streaming(CHUNKED, b"3\r\nand\r\n").await,
        ),
    ];
    insta::assert_snapshot!(verdicts(servers).await);
}

/// CONNECT as socket.io-msgpack-parser answers it: `{type: 0, data: {sid: "x"}, nsp: "/"}`.
const CONNECTED: &[u8] = b"\x83\xa4type\x00\xa4data\x81\xa3sid\xa1x\xa3nsp\xa1/";

/// What ends a session when it hears text, and answers bytes.
#[tokio::test]
async fn a_server_of_another_parser_is_named() {
    let websocket = over_websocket(|mut socket| async move {
        say(&mut socket, HANDSHAKE).await;
        if let Some(Ok(Message::Binary(_))) = socket.next().await {
            let answer = Message::binary(CONNECTED);
            socket.send(answer).await.unwrap_or_default();
        }
    })
    .await;
    let text = over_websocket(|mut socket| async move {
        say(&mut socket, HANDSHAKE).await;
        if let Some(Ok(Message::Binary(_))) = socket.next().await {
            say(&mut socket, "44{\"message\":\"what?\"}").await;
        }
    })
    .await;
    let told = verdicts(vec![
        ("over WebSocket", websocket),
        ("over polling alone", polling_in_msgpack().await),
        ("one that does not understand bytes either", text),
    ]);
    insta::assert_snapshot!(told.await);
}

/// How a body that was posted is taken.
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/// Offers long-polling alone, and ends the sessions in which text is posted.
async fn polling_in_msgpack() -> String {
    let understood = Arc::new(Mutex::new(BTreeSet::new()));
    let sessions = Arc::new(AtomicU32::new(0));
    serve(move |mut stream| {
        let (understood, sessions) = (Arc::clone(&understood), Arc::clone(&sessions));
        async move {
            let head = peek(&stream).await;
            let sid = head.split_once("sid=").map(|(_, rest)| {
                let end = rest.find([' ', '&']).unwrap_or(rest.len());
                rest[..end].to_owned()
            });
            let reply = match sid {
                _ if head.contains("transport=websocket") => {
                    let refusal = br#"{"code":0,"message":"Transport unknown"}"#;
                    return answer(&mut stream, "400 Bad Request", refusal).await;
                }
                None => {
                    let sid = format!("s{}", sessions.fetch_add(1, Ordering::Relaxed));
                    HANDSHAKE
                        .replace("s1", &sid)
                        .replace("[\"websocket\"]", "[]")
                }
                Some(sid) if head.starts_with("POST") => {
                    if read_request(&mut stream).await.starts_with('b') {
                        understood.lock().unwrap().insert(sid);
                    }
                    return write(&mut stream, TAKEN).await;
                }
                Some(sid) if understood.lock().unwrap().contains(&sid) => {
                    payload::encode(&[engine::Packet::Binary(Bytes::from_static(CONNECTED))])
                }
                Some(_) => payload::encode(&[engine::Packet::Close]),
            };
            answer(&mut stream, "200 OK", reply.as_bytes()).await;
        }
    })
    .await
}

/// Socket.IO servers may be configured for WebSocket alone. What they cannot do fails its cases, not
/// the run.
#[tokio::test]
async fn a_server_without_long_polling_is_judged_all_the_same() {
    let url = serve(|mut stream| async move {
        if peek(&stream).await.contains("transport=polling") {
            let refusal = br#"{"code":0,"message":"Transport unknown"}"#;
            return answer(&mut stream, "400 Bad Request", refusal).await;
        }
        websocket_or_greeting(stream, |mut socket| async move {
            welcome(&mut socket).await;
            answer_all(&mut socket, |_| false).await;
        })
        .await;
    })
    .await;
    let everywhere = SPEAKS.replace("over     websocket", "over     websocket polling");
    insta::assert_snapshot!(verdict(&url, &[("speaks", &everywhere)]).await);
}
