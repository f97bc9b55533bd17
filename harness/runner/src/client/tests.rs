//! The parts of a connection, each against a server of a few lines.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use chatspec_judge::history::{Item, Kind, Leg};
use chatspec_judge::ids::ActorId;
use chatspec_notation::ast::{Method, Transport};
use chatspec_wire::engine;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::link::{Dialer, HttpError};
use super::writer::{Out, Outbox, Way};
use super::{Client, Opening, websocket};
use crate::clock::{self, Allowance, Clock, LagMeter};
use crate::log::Log;
use crate::target::Endpoint;

/// Far longer than anything here takes.
const BOUND: Duration = Duration::from_secs(20);

async fn listener() -> (TcpListener, Endpoint) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::local(listener.local_addr().unwrap().port());
    (listener, endpoint)
}

const FIRST: Leg = Leg {
    actor: ActorId(0),
    number: 1,
};

fn opening(transport: Transport) -> Opening {
    Opening {
        transport,
        auth: None,
        namespace: "/".to_owned(),
        tongue: None,
        raw: false,
        delay: Duration::ZERO,
        patience: Allowance::new(BOUND, LagMeter::start()),
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().await.unwrap().0
}

fn dialer(endpoint: &Endpoint, delay: Duration) -> Dialer {
    Dialer::new(endpoint.clone(), Arc::default(), delay)
}

/// Reads a request, head and body.
async fn request(stream: &mut TcpStream) -> (String, String) {
    let mut text = String::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if body.len() >= length.unwrap_or(0) {
                return (head.to_owned(), body.to_owned());
            }
        }
        let length = stream.read(&mut chunk).await.unwrap();
        assert_ne!(length, 0, "the client left after {text:?}");
        text.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
    }
}

async fn answer(stream: &mut TcpStream, body: &str) {
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn a_delayed_link_holds_every_byte_back_both_ways_and_loses_none() {
    const DELAY: Duration = Duration::from_millis(60);
    let (listener, endpoint) = listener().await;
    let echo = tokio::spawn(async move {
        let mut stream = accept(&listener).await;
        let (mut from, mut to) = stream.split();
        tokio::io::copy(&mut from, &mut to).await.unwrap()
    });
    let mut link = dialer(&endpoint, DELAY).dial().await.unwrap();
    let sent: Vec<u8> = (0..1 << 20)
        .map(|index: u32| index.to_le_bytes()[0])
        .collect();
    let began = clock::now();
    let mut received = vec![0; sent.len()];
    {
        let (mut from, mut to) = tokio::io::split(&mut link);
        let (written, read) = tokio::join!(to.write_all(&sent), async {
            from.read_exact(&mut received[..1]).await?;
            let first = clock::now().duration_since(began);
            from.read_exact(&mut received[1..]).await.map(|_| first)
        });
        written.unwrap();
        assert!(read.unwrap() >= 2 * DELAY);
    }
    assert!(received == sent, "bytes were lost or changed their order");
    // It delays and does not slow down: the whole comes soon after the first byte.
    assert!(clock::now().duration_since(began) < 20 * DELAY);
    drop(link);
    assert_eq!(
        timeout(BOUND, echo).await.unwrap().unwrap(),
        sent.len() as u64
    );
}

#[tokio::test]
async fn a_link_is_reset_when_it_is_told_so_and_closed_otherwise() {
    for (reset, delay) in [(true, 0), (true, 5), (false, 0), (false, 5)] {
        let (listener, endpoint) = listener().await;
        let told = Arc::new(AtomicBool::new(reset));
        let dialer = Dialer::new(endpoint, told, Duration::from_millis(delay));
        let mut link = dialer.dial().await.unwrap();
        let mut stream = accept(&listener).await;
        link.write_all(b"x").await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
        drop(link);
        let end = timeout(BOUND, stream.read(&mut [0])).await.unwrap();
        assert_eq!(end.is_err(), reset, "{end:?} with a delay of {delay} ms");
    }
}

#[tokio::test]
async fn an_http_connection_that_was_closed_between_two_requests_is_opened_again() {
    let (listener, endpoint) = listener().await;
    let server = tokio::spawn(async move {
        for body in ["one", "two"] {
            let mut stream = accept(&listener).await;
            request(&mut stream).await;
            // Nothing says that it will be closed.
            answer(&mut stream, body).await;
        }
    });
    let mut lane = dialer(&endpoint, Duration::ZERO).http();
    for body in ["one", "two"] {
        let answer = lane.request(Method::Get, "/", None).await.unwrap();
        assert_eq!(answer.text(), body);
    }
    server.await.unwrap();
    assert!(matches!(
        lane.request(Method::Get, "/", None).await,
        Err(HttpError::Connect(_))
    ));
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let (listener, endpoint) = listener().await;
    let server = tokio::spawn(async move {
        let mut stream = accept(&listener).await;
        for _ in 0..3 {
            let (_, body) = request(&mut stream).await;
            answer(&mut stream, &body).await;
        }
    });
    let mut lane = dialer(&endpoint, Duration::ZERO).http();
    for body in ["a", "b", "c"] {
        let answer = lane.request(Method::Post, "/", Some(body.to_owned())).await;
        assert_eq!(answer.unwrap().text(), body);
    }
    server.await.unwrap();
}

fn packet(text: &str) -> engine::Packet {
    engine::Packet::Message(text.to_owned())
}

/// A server of long-polling that takes `posts` and gives their bodies.
async fn posts(listener: &TcpListener, posts: usize) -> Vec<String> {
    let mut stream = accept(listener).await;
    let mut bodies = Vec::new();
    for _ in 0..posts {
        let (head, body) = request(&mut stream).await;
        assert!(head.starts_with("POST /socket.io/"), "{head}");
        answer(&mut stream, "ok").await;
        bodies.push(body);
    }
    bodies
}

#[tokio::test]
async fn what_has_gathered_is_posted_together_as_far_as_the_server_takes_it() {
    let (listener, endpoint) = listener().await;
    let (outbox, queue) = Outbox::new();
    for text in ["aa", "bb", "cc", "a long one that goes alone", "dd"] {
        outbox.send(packet(text));
    }
    outbox.put(Out::Raw(engine::Frame::Text("raw".to_owned())));
    outbox.send(packet("ee"));
    let way = Way::Polling {
        lane: dialer(&endpoint, Duration::ZERO).http(),
        target: "/socket.io/?sid=x".to_owned(),
        largest: 8,
    };
    let (lost, mut losses) = mpsc::unbounded_channel();
    outbox.start(queue, way, lost);
    outbox.close();
    let bodies = timeout(BOUND, posts(&listener, 7)).await.unwrap();
    assert_eq!(
        bodies,
        [
            "4aa\u{1e}4bb",
            "4cc",
            "4a long one that goes alone",
            "4dd",
            "raw",
            "4ee",
            "1"
        ]
    );
    assert_eq!(losses.recv().await, None);
}

#[tokio::test]
async fn a_post_that_is_refused_ends_the_writing() {
    let (listener, endpoint) = listener().await;
    let server = tokio::spawn(async move {
        let mut stream = accept(&listener).await;
        request(&mut stream).await;
        let refusal = b"HTTP/1.1 413 No\r\nContent-Length: 8\r\n\r\ntoo much";
        stream.write_all(refusal).await.unwrap();
    });
    let (outbox, queue) = Outbox::new();
    let way = Way::Polling {
        lane: dialer(&endpoint, Duration::ZERO).http(),
        target: "/".to_owned(),
        largest: 100,
    };
    let (lost, mut losses) = mpsc::unbounded_channel();
    outbox.start(queue, way, lost);
    outbox.send(packet("x"));
    let cause = timeout(BOUND, losses.recv()).await.unwrap();
    assert_eq!(cause.as_deref(), Some("a POST was answered 413: too much"));
    server.await.unwrap();
}

#[tokio::test]
async fn what_is_sent_during_an_upgrade_waits_for_the_websocket() {
    let (listener, endpoint) = listener().await;
    let dialer = dialer(&endpoint, Duration::ZERO);
    let (outbox, queue) = Outbox::new();
    let (paused, pause) = tokio::sync::oneshot::channel();
    outbox.send(packet("before"));
    outbox.put(Out::Pause(paused));
    outbox.send(packet("after 1"));
    outbox.put(Out::Raw(engine::Frame::Text("after 2".to_owned())));
    let way = Way::Polling {
        lane: dialer.http(),
        target: "/socket.io/?sid=x".to_owned(),
        largest: 100,
    };
    let (lost, _losses) = mpsc::unbounded_channel();
    outbox.start(queue, way, lost);
    assert_eq!(
        timeout(BOUND, posts(&listener, 1)).await.unwrap(),
        ["4before"]
    );
    timeout(BOUND, pause).await.unwrap().unwrap();

    let (socket, server) = tokio::join!(websocket::open(&dialer, "/"), async {
        accept_async(accept(&listener).await).await.unwrap()
    });
    let (sink, _stream) = socket.unwrap().split();
    outbox.put(Out::Switch(sink));
    outbox.send(packet("after 3"));
    outbox.close();
    let texts = server.filter_map(|message| async {
        let message = message.ok()?;
        message
            .is_text()
            .then(|| message.to_text().unwrap().to_owned())
    });
    let texts: Vec<_> = timeout(BOUND, texts.collect()).await.unwrap();
    assert_eq!(texts, ["4after 1", "after 2", "4after 3"]);
}

/// Where encoding what arrived would give another packet, the history has the one that came.
#[tokio::test]
async fn a_history_has_packets_as_they_came() {
    let (listener, endpoint) = listener().await;
    let log = Log::new(Clock::start());
    let _client = Client::open(&endpoint, opening(Transport::Websocket), FIRST, &log);
    let mut server = accept_async(accept(&listener).await).await.unwrap();
    let handshake = r#"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
    let bytes = vec![7, 255];
    let packets = [
        Message::text(handshake),
        Message::text(r#"40{"sid":"a"}"#),
        Message::text(r#"42["usual","é",1]"#),
        Message::text(r#"42["spaced", "\u00e9", 1.0]"#),
        Message::text(r#"451-["usual",{"_placeholder":true,"num":0}]"#),
        Message::binary(bytes.clone()),
        Message::text(r#"451-["turned",{"num":0,"_placeholder":true}]"#),
        Message::binary(bytes),
        Message::text("4?"),
        Message::text("2"),
        Message::text("1"),
    ];
    for packet in packets {
        server.send(packet).await.unwrap();
    }
    let is_over = |log: &Log| {
        let events = log.history().events;
        events.into_iter().any(|event| {
            let closed = |item: &Item| matches!(item, Item::Closed { .. });
            matches!(&event.kind, Kind::Arrived { item, .. } if closed(item))
        })
    };
    timeout(BOUND, async {
        while !is_over(&log) {
            log.grown().await;
        }
    })
    .await
    .unwrap();
    let arrived = log.history().events.into_iter().filter_map(|event| {
        let Kind::Arrived { item, .. } = event.kind else {
            return None;
        };
        let what = match item {
            Item::Event { event, .. } => event,
            Item::Broken { .. } => "broken".to_owned(),
            _ => "closed".to_owned(),
        };
        Some(format!("{what}: {:?}", event.wire))
    });
    assert_eq!(
        arrived.collect::<Vec<_>>(),
        [
            "usual: []",
            r#"spaced: ["42[\"spaced\", \"\\u00e9\", 1.0]"]"#,
            "usual: []",
            r#"turned: ["451-[\"turned\",{\"num\":0,\"_placeholder\":true}]", "bytes 07 ff"]"#,
            r#"broken: ["4?"]"#,
            "closed: []",
        ]
    );
}

/// Engine.IO protocol v4, "Upgrade": the packet that completes it leaves when no poll is under way,
/// and nothing is posted from the probe on.
#[tokio::test]
async fn an_upgrade_is_completed_when_the_last_poll_is_answered() {
    /// How long the client is given to be too early.
    const EARLY: Duration = Duration::from_millis(100);
    let (listener, endpoint) = listener().await;
    let log = Log::new(Clock::start());
    let mut client = Client::open(&endpoint, opening(Transport::Upgrade), FIRST, &log);
    client.emit("hello", Vec::new(), false);

    let server = async {
        let mut poll = accept(&listener).await;
        request(&mut poll).await;
        let handshake =
            r#"0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}"#;
        answer(&mut poll, handshake).await;
        // The POST, the next poll and the probe come in any order, each by a connection of its own
        // but for the poll, which has one already.
        let (head, _) = request(&mut poll).await;
        assert!(head.starts_with("GET"), "{head}");
        let (mut post, mut probe) = (None, None);
        while post.is_none() || probe.is_none() {
            let stream = accept(&listener).await;
            let mut begin = [0; 4];
            stream.peek(&mut begin).await.unwrap();
            *(if begin.starts_with(b"POST") {
                &mut post
            } else {
                &mut probe
            }) = Some(stream);
        }
        let (mut post, mut probe) = (post.unwrap(), accept_async(probe.unwrap()).await.unwrap());
        assert_eq!(request(&mut post).await.1, "40");
        answer(&mut post, "ok").await;
        assert_eq!(
            probe.next().await.unwrap().unwrap(),
            Message::text("2probe")
        );
        probe.send(Message::text("3probe")).await.unwrap();
        assert!(
            timeout(EARLY, probe.next()).await.is_err(),
            "the poll is still open"
        );
        answer(&mut poll, r#"40{"sid":"a"}"#).await;
        assert_eq!(probe.next().await.unwrap().unwrap(), Message::text("5"));
        // What waited for the CONNECT comes last, and by the new way.
        assert_eq!(
            probe.next().await.unwrap().unwrap(),
            Message::text(r#"42["hello"]"#)
        );
        // The way that is left may be closed, and nothing goes over it.
        let posted = timeout(EARLY, post.read(&mut [0])).await;
        assert!(!matches!(posted, Ok(Ok(1))), "posted after the upgrade");
    };
    timeout(BOUND, server).await.unwrap();
    let kinds: Vec<_> = log.since(0).into_iter().map(|event| event.kind).collect();
    let leg = FIRST;
    assert_eq!(kinds, [Kind::Connected { leg }, Kind::Upgraded { leg }]);
    assert!(client.is_settled());
}
