//! A chat that speaks another dialect, right and with a bug each: the dialect is no excuse.
//!
//! It has one room for everybody, a bot that greets, and who speaks hears itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use chatspec_report::{Style, checkup, redact};
use chatspec_runner::doctor::examine;
use chatspec_runner::target::Target;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{HANDSHAKE, Socket, described, over_websocket, verdict};

/// What the chat gets wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    RelaysTwice,
    EchoesTwice,
    NeverEchoes,
    NamesNobody,
    AnotherShape,
    TellsTheNewcomerTwice,
}

type Members = Arc<Mutex<BTreeMap<u64, (String, mpsc::UnboundedSender<String>)>>>;

async fn chat(bug: Bug) -> String {
    let members = Members::default();
    over_websocket(move |socket| attend(socket, bug, Arc::clone(&members))).await
}

fn said(by: &str, text: &str) -> String {
    format!(r#"42["message",{{"by":"{by}","text":"{text}","at":7}}]"#)
}

/// Hands a text to everybody but `not`.
fn tell(members: &Members, not: Option<u64>, text: &str) {
    for (id, (_, to)) in &*members.lock().unwrap() {
        if Some(*id) != not {
            to.send(text.to_owned()).unwrap_or_default();
        }
    }
}

async fn attend(socket: Socket, bug: Bug, members: Members) {
    let (mut out, mut inward) = socket.split();
    let (to_me, mut queue) = mpsc::unbounded_channel::<String>();
    to_me.send(HANDSHAKE.to_owned()).unwrap();
    let writer = async move {
        while let Some(text) = queue.recv().await {
            out.send(Message::text(text)).await.unwrap_or_default();
        }
    };
    let reader = async {
        let mut me = None;
        while let Some(Ok(message)) = inward.next().await {
            if let Message::Text(text) = message {
                take(text.as_str(), &mut me, bug, &members, &to_me);
            }
        }
        me
    };
    let me = tokio::select! {
        () = writer => None,
        me = reader => me,
    };
    if let Some(me) = me {
        let left = members.lock().unwrap().remove(&me);
        let name = left.map(|(name, _)| name).unwrap_or_default();
        tell(&members, None, &said("Bot", &format!("{name} left")));
    }
}

fn take(
    packet: &str,
    me: &mut Option<u64>,
    bug: Bug,
    members: &Members,
    to_me: &mpsc::UnboundedSender<String>,
) {
    let back = |text: String| to_me.send(text).unwrap_or_default();
    if packet == "40" {
        return back(r#"40{"sid":"a1"}"#.to_owned());
    }
    if packet.starts_with("40/") {
        return back(crate::support::reply(packet).unwrap());
    }
    // Whoever asks for an ack gets none.
    let Some(at) = packet.find('[').filter(|_| packet.starts_with("42")) else {
        return;
    };
    let event = &packet[at..];
    let args: Vec<String> = serde_json::from_str(event).unwrap();
    match (args[0].as_str(), *me) {
        ("join", None) => {
            let name = args[1].clone();
            back(said("Bot", "Welcome"));
            if bug == Bug::TellsTheNewcomerTwice {
                back(said("Bot", &format!("{name} joined")));
            }
            tell(members, None, &said("Bot", &format!("{name} joined")));
            let id = members.lock().unwrap().keys().last().map_or(1, |id| id + 1);
            members.lock().unwrap().insert(id, (name, to_me.clone()));
            *me = Some(id);
        }
        ("say", Some(id)) => {
            let (text, name) = (&args[1], members.lock().unwrap()[&id].0.clone());
            let relayed = match bug {
                Bug::NamesNobody => said("Somebody", text),
                Bug::AnotherShape => format!(r#"42["message","{name}","{text}"]"#),
                _ => said(&name, text),
            };
            for _ in 0..=u32::from(bug == Bug::RelaysTwice) {
                tell(members, *me, &relayed);
            }
            let echoes = match bug {
                Bug::NeverEchoes => 0,
                Bug::EchoesTwice => 2,
                _ => 1,
            };
            for _ in 0..echoes {
                back(said(&name, text));
            }
        }
        _ => {}
    }
}

const TARGET: &str = r#"
name = "a"
transports = ["websocket"]
lacks = ["entering-again"]
[launch]
url = "URL"
[events]
enter_room = { emit = ["join", "$nickname"], answer = ["message", { by = "Bot", text = "Welcome" }] }
welcome.receive = ["message", { by = "Bot", text = "$nickname joined" }]
new_message = { emit = ["say", "$text"], answer = "echo", receive = ["message", { by = "$nickname", text = "$text" }] }
bye.receive = ["message", { by = "Bot", text = "$nickname left" }]
"#;

const CHATS: &str = "\
# Two who talk hear each other once.
must     test.heard
over     websocket
clients  ana ben
rooms    lobby
in       lobby: ana ben

ana -> new_message \"hi\" lobby => ()
ben <- new_message \"Ana: hi\"
ben -> new_message \"ho\" lobby => ()
ana <- new_message \"Ben: ho\"
";

const LEAVES: &str = "\
# Who leaves is missed.
must     test.heard
over     websocket
needs    bye
clients  ana ben
rooms    lobby
in       lobby: ana ben

ben disconnects
ana <- bye \"Ben\"
";

const TWO_ROOMS: &str = "\
# Two rooms are two.
must     test.heard
over     websocket
clients  ana ben
rooms    lobby kitchen
in       lobby: ana
in       kitchen: ben

ana -> new_message \"hi\" lobby => ()
ben <- nothing
";

async fn judged(bug: Bug, name: &str) -> String {
    let url = chat(bug).await;
    let target = described(name, &TARGET.replace("URL", &url));
    let scenarios = [
        ("1-chats", CHATS),
        ("2-leaves", LEAVES),
        ("3-two-rooms", TWO_ROOMS),
    ];
    verdict(&target, &scenarios).await
}

#[tokio::test]
async fn a_right_chat_passes_what_applies() {
    insta::assert_snapshot!(judged(Bug::None, "right").await);
}

/// What is shown beside the lines of a transcript is what the chat says, not what it means.
#[tokio::test]
async fn packets_are_those_of_the_wire() {
    let url = chat(Bug::NamesNobody).await;
    let target = described("wire", &TARGET.replace("URL", &url));
    let report = crate::support::judged(&target, &[("chats", CHATS)]).await;
    let case = &report.cases[0];
    // Each client for itself: which of two hears first is nobody's choice.
    let mut wire: Vec<_> = case.wire.iter().collect();
    wire.sort_by_key(|note| &note.who);
    let packets = wire.into_iter().flat_map(|note| {
        let line = &case.transcript[note.line];
        note.packets
            .iter()
            .map(move |packet| format!("{line}\n  {packet}\n"))
    });
    insta::assert_snapshot!(redact::text(&packets.collect::<String>()));
}

#[tokio::test]
async fn a_bug_shows_in_any_dialect() {
    let mut said = String::new();
    for (what, bug) in [
        ("relays-twice", Bug::RelaysTwice),
        ("echoes-twice", Bug::EchoesTwice),
        ("never-echoes", Bug::NeverEchoes),
        ("names-nobody", Bug::NamesNobody),
        ("another-shape", Bug::AnotherShape),
        ("tells-the-newcomer", Bug::TellsTheNewcomerTwice),
    ] {
        let found = judged(bug, what).await;
        said.push_str(&format!("== {what}\n{found}"));
    }
    insta::assert_snapshot!(said);
}

/// What the doctor says of a chat that these lines describe.
async fn doctored(url: &str, name: &str, lines: &str) -> String {
    let text = format!("name = \"a\"\n{lines}");
    let path = described(name, &text.replace("URL", url));
    let target = Target::parse(&path).unwrap();
    let found = examine(&target, &crate::support::launcher()).await;
    let mut said = Vec::new();
    checkup::write(&found, &Style::plain(100), &mut said).unwrap();
    redact::text(&String::from_utf8(said).unwrap())
}

/// From nothing but its address to all of it, a line at a time.
#[tokio::test]
async fn the_doctor_says_what_a_description_lacks() {
    let url = chat(Bug::None).await;
    let launch = "[launch]\nurl = \"URL\"\n";
    let names = "[events.enter_room]\nemit = [\"join\", \"$nickname\"]\n[events.new_message]\nemit = [\"say\", \"$text\"]\n";
    let whole = TARGET.replace("name = \"a\"", "");
    let mut said = String::new();
    for (name, lines) in [
        ("nothing", launch),
        ("names", &format!("{launch}{names}")),
        ("whole", &whole),
    ] {
        let found = doctored(&url, &format!("doctor-{name}"), lines).await;
        said.push_str(&format!("== {name}\n{found}"));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn the_doctor_finds_another_path_and_a_closed_door() {
    let elsewhere = crate::support::serve(|mut stream| async move {
        let head = crate::support::peek(&stream).await;
        let (status, body) = if head.contains(" /ws/") {
            ("200 OK", HANDSHAKE)
        } else {
            ("404 Not Found", "nothing here")
        };
        crate::support::answer(&mut stream, status, body.as_bytes()).await;
    })
    .await;
    let closed = over_websocket(|mut socket| async move {
        crate::support::say(&mut socket, HANDSHAKE).await;
        crate::support::hear(&mut socket).await;
        crate::support::say(&mut socket, "44{\"message\":\"no token\"}").await;
        crate::support::hear(&mut socket).await;
    })
    .await;
    let launch = "transports = [\"websocket\"]\n[launch]\nurl = \"URL\"\n";
    let mut said = doctored(&elsewhere, "doctor-elsewhere", launch).await;
    said.push_str(&doctored(&closed, "doctor-closed", launch).await);
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn what_a_request_says_besides_is_said() {
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    let url = crate::support::serve(move |stream| {
        let seen = Arc::clone(&seen);
        async move {
            let head = crate::support::peek(&stream).await;
            seen.lock().unwrap().push(head);
            crate::support::websocket_or_greeting(stream, |mut socket| async move {
                crate::support::say(&mut socket, HANDSHAKE).await;
                let connect = crate::support::hear(&mut socket).await.unwrap();
                let refusal = format!("44/chat,{{\"message\":{connect:?}}}");
                crate::support::say(&mut socket, &refusal).await;
                crate::support::hear(&mut socket).await;
            })
            .await;
        }
    })
    .await;
    let target = described(
        "greeting",
        &format!(
            "name = \"a\"\ntransports = [\"websocket\"]\n[launch]\nurl = \"{url}\"\n[connection]\npath = \"/ws\"\n\
             namespace = \"/chat\"\nquery = {{ as = \"$nickname & co\", v = 2 }}\nheaders = {{ X-Key = \"k k\" }}\n\
             cookies = {{ a = \"1\", b = \"${{room}}\" }}\nauth = {{ name = \"$nickname\" }}\n"
        ),
    );
    let said = verdict(&target, &[("speaks", CHATS)]).await;
    let heads = heads.lock().unwrap();
    let ana = heads.iter().find(|head| head.contains("Ana")).unwrap();
    let lines = ana.lines().filter(|line| {
        let line = line.to_ascii_lowercase();
        ["get ", "x-key", "cookie"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    let lines: Vec<_> = lines.collect();
    insta::assert_snapshot!(format!("{}\n{said}", lines.join("\n")));
}
