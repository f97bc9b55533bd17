//! Servers that never stop: the harness keeps a bounded part of what they send, for a bounded time.

use futures_util::SinkExt;
use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    HANDSHAKE, SPEAKS, Socket, answer, over_websocket, peek, read_request, serve, speaks_over,
    verdict, welcome, write,
};

/// What one test process may take in all while several floods are judged side by side: the budgets
/// of their cases, with room for what is copied on the way to a report.
const MEMORY_KB: u64 = 512 << 10;

/// A server that joins its clients, and then sends each the frames of `flood` without end.
async fn flooding(flood: &'static [Message]) -> String {
    over_websocket(move |mut socket| async move {
        welcome(&mut socket).await;
        pour(&mut socket, flood).await;
    })
    .await
}

async fn pour(socket: &mut Socket, flood: &[Message]) {
    loop {
        for message in flood {
            if socket.send(message.clone()).await.is_err() {
                return;
            }
        }
    }
}

/// A server that answers every poll with an answer that begins with `head` and goes on with `more`.
async fn streaming(head: &'static [u8], more: &'static [u8]) -> String {
    serve(move |mut stream| async move {
        let request = peek(&stream).await;
        if request.contains("transport=websocket") {
            answer(&mut stream, "400 Bad Request", b"no").await;
        } else if request.starts_with("POST") {
            answer(&mut stream, "200 OK", b"ok").await;
        } else if !request.contains("sid=") {
            answer(&mut stream, "200 OK", HANDSHAKE.as_bytes()).await;
        } else {
            read_request(&mut stream).await;
            write(&mut stream, head).await;
            let more = more.repeat(1 << 12);
            while stream.write_all(&more).await.is_ok() {}
        }
    })
    .await
}

/// The most memory that this process has had, in KiB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn what_never_stops_is_left() {
    let event = Message::text(r#"42["new_message","Ana: hi"]"#);
    let long = Message::text(format!(r#"42["new_message","{}"]"#, "x".repeat(1 << 20)));
    let leak = |messages: Vec<Message>| -> &'static [Message] { messages.leak() };
    let polling = speaks_over("polling");
    let floods = vec![
        ("small events", SPEAKS, flooding(leak(vec![event])).await),
        ("long events", SPEAKS, flooding(leak(vec![long])).await),
        (
            "pings",
            SPEAKS,
            flooding(leak(vec![Message::text("2")])).await,
        ),
        (
            "noops",
            SPEAKS,
            flooding(leak(vec![Message::text("6")])).await,
        ),
        (
            "pings of the WebSocket",
            SPEAKS,
            flooding(leak(vec![Message::Ping(Vec::new().into())])).await,
        ),
        (
            "one message without end",
            SPEAKS,
            over_websocket(|mut socket| async move {
                welcome(&mut socket).await;
                // A text frame that is the first of many, and then those many.
                let first = [b"\x01\x7e\xff\xff", vec![b'4'; 0xffff].as_slice()].concat();
                let next = [b"\x00\x7e\xff\xff", vec![b'x'; 0xffff].as_slice()].concat();
                socket.get_mut().write_all(&first).await.unwrap_or_default();
                while socket.get_mut().write_all(&next).await.is_ok() {}
            })
            .await,
        ),
        (
            "a poll without end",
            &polling,
            streaming(
                b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
                b"4and on and on",
            )
            .await,
        ),
        (
            "a poll of chunks without end",
            &polling,
            streaming(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"3\r\nand\r\n",
            )
            .await,
        ),
    ];
    let judged = floods.into_iter().map(|(name, scenario, url)| async move {
        format!("{name}:\n{}", verdict(&url, &[("speaks", scenario)]).await)
    });
    let verdicts = join_all(judged).await.join("\n");
    insta::assert_snapshot!(verdicts);
    let peak = peak_memory();
    assert!(peak < MEMORY_KB, "{peak} KiB");
}
