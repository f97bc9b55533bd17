//! Whatever is sent to it, the server goes on.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reference_server::Config;

use crate::support::{Client, Server};

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Texts that mean something to somebody on the way.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "enter_room", "new_message", "message", "message-with-ack", "lobby", "", "connect",
            "disconnect", "limit_exceeded", "__proto__", "_placeholder", "num", "\\ud83d", "\\u0000",
        ]).prop_map(str::to_owned),
        1 => "[^\"\\\\\\x00-\\x1f]{0,20}",
        1 => (1_usize..3000).prop_map(|n| "x".repeat(n)),
    ]
}

/// JSON of every kind, placeholders for bytes among it.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        word().prop_map(|word| format!("\"{word}\"")),
        prop::sample::select(vec![
            "null",
            "true",
            "1e400",
            "-0",
            "12345678901234567890123",
            "0.1"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec!["0", "1", "-1", "\"a\"", "18446744073709551616", "1e3"])
            .prop_map(|num| format!(r#"{{"_placeholder":true,"num":{num}}}"#)),
        (1_usize..5000).prop_map(|n| format!("{}{}", "[".repeat(n), "]".repeat(n))),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((word(), inner), 0..4).prop_map(|fields| {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// An event, nearly an event, or none.
fn packet() -> impl Strategy<Value = String> {
    // Mostly what is taken: one packet that is not, and the rest is never looked at.
    let kind = prop_oneof![
        8 => Just("42"),
        1 => prop::sample::select(vec![
            "451-", "452-", "45-", "450-", "43", "461-", "41", "40", "44", "49", "4", "2", "3", "1",
            "6", "459999999999999999999-",
        ]),
    ];
    let namespace = prop_oneof![
        9 => Just(""),
        1 => prop::sample::select(vec!["/,", "/none,", "/?a=b,", "/"]),
    ];
    let id = prop::sample::select(vec![
        "",
        "",
        "0",
        "7",
        "8",
        "9223372036854775807",
        "9223372036854775808",
        "-1",
        "00",
    ]);
    let name = prop_oneof![
        4 => prop::sample::select(vec!["enter_room", "new_message", "message", "message-with-ack"])
            .prop_map(str::to_owned),
        1 => word(),
    ];
    let argument = prop_oneof![1 => word().prop_map(|word| format!("\"{word}\"")), 1 => json()];
    let event = (name, prop::collection::vec(argument, 0..4)).prop_map(|(name, arguments)| {
        let mut items = vec![format!("\"{name}\"")];
        items.extend(arguments);
        format!("[{}]", items.join(","))
    });
    let payload = prop_oneof![18 => event, 1 => json(), 1 => ".{0,40}"];
    (
        kind,
        namespace,
        id,
        payload,
        prop::option::weighted(0.05, any::<prop::sample::Index>()),
    )
        .prop_map(|(kind, namespace, id, payload, cut)| {
            let mut packet = format!("{kind}{namespace}{id}{payload}");
            if let Some(cut) = cut {
                let mut at = cut.index(packet.len());
                while !packet.is_char_boundary(at) {
                    at -= 1;
                }
                packet.truncate(at);
            }
            packet
        })
}

#[derive(Debug, Clone)]
enum Frame {
    Text(String),
    Bytes(Vec<u8>),
}

fn frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        4 => packet().prop_map(Frame::Text),
        1 => prop::collection::vec(any::<u8>(), 0..50).prop_map(Frame::Bytes),
    ]
}

/// Sends all of it over WebSocket and over polling, as far as the server takes it.
async fn throw(server: &Server, connects: bool, frames: &[Frame]) {
    let mut client = if connects {
        server.client().await
    } else {
        server.session().await
    };
    for frame in frames {
        let sent = match frame {
            Frame::Text(text) => client.try_send_all([text.as_str()]).await,
            Frame::Bytes(bytes) => client.try_send_bytes(bytes.clone()).await,
        };
        if sent.is_err() {
            break;
        }
    }
    let session = server.polling_session().await;
    if connects {
        server.http("POST", &session, "40").await;
        while !server
            .poll(&session)
            .await
            .iter()
            .any(|packet| packet.starts_with("40{"))
        {}
    }
    let texts: Vec<_> = frames
        .iter()
        .map(|frame| match frame {
            Frame::Text(text) => text.clone(),
            Frame::Bytes(bytes) => format!("b{}", String::from_utf8_lossy(bytes)),
        })
        .collect();
    server.http("POST", &session, &texts.join("\u{1e}")).await;
}

async fn still_chats(ana: &mut Client, ben: &mut Client) {
    ben.send(r#"420["new_message","still here","a quiet room"]"#)
        .await;
    ben.expect("430[]").await;
    ana.expect(r#"42["new_message","Ben: still here"]"#).await;
}

#[test]
fn nothing_that_is_sent_stops_the_chat_of_others() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(info);
    }));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut config = Config::default();
    config.echo = true;
    config.max_nickname = 1000;
    config.max_text = Some(2000);
    config.max_rooms = 3.try_into().unwrap();
    let (server, ana, ben) = runtime.block_on(async {
        let server = Server::start_with(config).await;
        let mut ana = server.member("Ana", "a quiet room").await;
        let ben = server.member("Ben", "a quiet room").await;
        ana.expect(r#"42["welcome","Ben"]"#).await;
        (server, ana, ben)
    });
    let chat = tokio::sync::Mutex::new((ana, ben));
    let cases = (
        prop::bool::weighted(0.9),
        prop::collection::vec(frame(), 1..12),
    );
    TestRunner::default()
        .run(&cases, |(connects, frames)| {
            runtime.block_on(async {
                throw(&server, connects, &frames).await;
                let (ana, ben) = &mut *chat.lock().await;
                still_chats(ana, ben).await;
            });
            prop_assert_eq!(PANICS.load(Ordering::SeqCst), 0);
            Ok(())
        })
        .unwrap();
    drop(chat);
    runtime.block_on(server.stop());
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}
