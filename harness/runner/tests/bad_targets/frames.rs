//! What can go wrong on a WebSocket.

use futures_util::SinkExt;
use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{
    HANDSHAKE, SPEAKS, Socket, answer, answer_all, hear, over_websocket, peek, say, serve, verdict,
    websocket_or_greeting, welcome,
};

async fn verdicts(servers: Vec<(&str, String)>) -> String {
    let judged = servers.into_iter().map(|(name, url)| async move {
        format!("{name}:\n{}", verdict(&url, &[("speaks", SPEAKS)]).await)
    });
    join_all(judged).await.join("\n")
}

/// A server that says `text` over each WebSocket instead of the handshake.
async fn opening_with(text: &'static str) -> String {
    over_websocket(move |mut socket| async move {
        say(&mut socket, text).await;
        while hear(&mut socket).await.is_some() {}
    })
    .await
}

/// A server that answers the first event with `frames`, and everything else as it should.
async fn answering_with(frames: &'static [&'static str]) -> String {
    over_websocket(move |mut socket| async move {
        welcome(&mut socket).await;
        answer_all(&mut socket, is_event).await;
        for frame in frames {
            say(&mut socket, frame).await;
        }
        answer_all(&mut socket, |_| false).await;
    })
    .await
}

/// A server that leaves in a way of its own when the first event comes.
async fn leaving<A: Future<Output = ()> + Send + 'static>(
    leave: impl Fn(Socket) -> A + Clone + Send + 'static,
) -> String {
    over_websocket(move |mut socket| {
        let leave = leave.clone();
        async move {
            welcome(&mut socket).await;
            answer_all(&mut socket, is_event).await;
            leave(socket).await;
        }
    })
    .await
}

fn is_event(packet: &str) -> bool {
    packet.starts_with("42")
}

/// Writes to the connection beneath a WebSocket, and leaves without a word.
async fn write_and_leave(mut socket: Socket, bytes: &[u8]) {
    socket.get_mut().write_all(bytes).await.unwrap_or_default();
    socket.get_mut().shutdown().await.unwrap_or_default();
}

#[tokio::test]
async fn a_connection_that_does_not_open() {
    let refused = serve(|mut stream| async move {
        if peek(&stream).await.contains("transport=websocket") {
            let body = br#"{"code":0,"message":"Transport unknown"}"#;
            return answer(&mut stream, "400 Bad Request", body).await;
        }
        websocket_or_greeting(stream, |_| async {}).await;
    })
    .await;
    let servers = vec![
        ("the WebSocket is refused", refused),
        (
            "no handshake comes",
            over_websocket(|mut socket| async move { while hear(&mut socket).await.is_some() {} })
                .await,
        ),
        ("something else comes first", opening_with("hello").await),
        ("another packet comes first", opening_with("40").await),
        (
            "the handshake lacks fields",
            opening_with(r#"0{"sid":"x"}"#).await,
        ),
        ("the handshake is no JSON", opening_with("0{").await),
        ("the CONNECT is not answered", opening_with(HANDSHAKE).await),
        (
            "the CONNECT is refused",
            over_websocket(|mut socket| async move {
                say(&mut socket, HANDSHAKE).await;
                hear(&mut socket).await;
                say(&mut socket, r#"44{"message":"not authorized"}"#).await;
                answer_all(&mut socket, |_| false).await;
            })
            .await,
        ),
        (
            "the CONNECT is answered without a session id",
            over_websocket(|mut socket| async move {
                say(&mut socket, HANDSHAKE).await;
                hear(&mut socket).await;
                say(&mut socket, "40").await;
                answer_all(&mut socket, |_| false).await;
            })
            .await,
        ),
        (
            "it closes instead of answering",
            over_websocket(|mut socket| async move {
                say(&mut socket, HANDSHAKE).await;
                hear(&mut socket).await;
                socket.close(None).await.unwrap_or_default();
            })
            .await,
        ),
    ];
    insta::assert_snapshot!(verdicts(servers).await);
}

#[tokio::test]
async fn packets_that_are_none() {
    let servers = vec![
        (
            "an unknown Engine.IO packet",
            answering_with(&["9what"]).await,
        ),
        ("an empty frame", answering_with(&[""]).await),
        (
            "an unknown Socket.IO packet",
            answering_with(&["47[]"]).await,
        ),
        (
            "JSON that breaks off",
            answering_with(&["42[\"new_message\", \"Ana"]).await,
        ),
        ("no JSON", answering_with(&["42[nonsense]"]).await),
        ("an event without a name", answering_with(&["42[]"]).await),
        (
            "an event whose name is a number",
            answering_with(&["42[7]"]).await,
        ),
        ("an ack with an object", answering_with(&["430{}"]).await),
        (
            "an ack that nobody asked for",
            answering_with(&["4377[]", "430[]"]).await,
        ),
        (
            "the same ack twice",
            answering_with(&["430[]", "430[]"]).await,
        ),
        (
            "a second handshake",
            answering_with(&[HANDSHAKE, "430[]"]).await,
        ),
        (
            "a second answer to CONNECT",
            answering_with(&[r#"40{"sid":"b"}"#, "430[]"]).await,
        ),
        (
            "another namespace",
            answering_with(&["42/admin,[\"x\"]", "430[]"]).await,
        ),
        ("a pong", answering_with(&["3", "430[]"]).await),
        (
            "attachments that do not come",
            answering_with(&["461-0[{\"_placeholder\":true,\"num\":0}]", "430[]"]).await,
        ),
    ];
    insta::assert_snapshot!(verdicts(servers).await);
}

#[tokio::test]
async fn connections_that_end() {
    let servers = vec![
        (
            "in order",
            leaving(|mut socket| async move {
                socket.close(None).await.unwrap_or_default();
            })
            .await,
        ),
        (
            "with a code and a reason",
            leaving(|mut socket| async move {
                let frame = CloseFrame {
                    code: CloseCode::Error,
                    reason: "out of memory".into(),
                };
                socket.close(Some(frame)).await.unwrap_or_default();
            })
            .await,
        ),
        (
            "by an Engine.IO close",
            leaving(|mut socket| async move {
                say(&mut socket, "1").await;
            })
            .await,
        ),
        (
            "by a DISCONNECT",
            leaving(|mut socket| async move {
                say(&mut socket, "41").await;
                answer_all(&mut socket, |_| false).await;
            })
            .await,
        ),
        (
            "without a word",
            leaving(|socket| write_and_leave(socket, b"")).await,
        ),
        (
            "in the middle of a frame",
            leaving(|socket| write_and_leave(socket, b"\x81\x7e\x10\x0043")).await,
        ),
        (
            "by a reset",
            leaving(|socket| async move {
                socket.get_ref().set_zero_linger().unwrap();
            })
            .await,
        ),
        (
            "after text that is no UTF-8",
            leaving(|socket| write_and_leave(socket, b"\x81\x03\x34\xff\xfe")).await,
        ),
        (
            "after a frame of an unknown kind",
            leaving(|socket| write_and_leave(socket, b"\x83\x01x")).await,
        ),
        (
            "after a masked frame",
            leaving(|socket| write_and_leave(socket, b"\x81\x81\x00\x00\x00\x006")).await,
        ),
        (
            "after a frame of an impossible length",
            leaving(|socket| write_and_leave(socket, b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff4"))
                .await,
        ),
        (
            "after bytes that nobody announced",
            leaving(|mut socket| async move {
                let bytes = Message::binary(vec![1, 2, 3]);
                socket.send(bytes).await.unwrap_or_default();
            })
            .await,
        ),
    ];
    insta::assert_snapshot!(verdicts(servers).await);
}
