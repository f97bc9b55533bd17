//! Requests out, answers and relays in, in dialects that there are.

use std::path::Path;

use super::*;
use crate::target::Target;

/// One client of the chat that a target.toml with these lines describes.
fn tongue(lines: &str) -> Tongue {
    let file = tempfile(lines);
    let company = Company::named(["Ana", "Ben"].map(str::to_owned));
    let dialect = file.manners.dialect.unwrap();
    let mut tongue = Tongue::new(dialect, Arc::new(company));
    tongue.say(
        "enter_room",
        vec![Data::from("Ana"), Data::from("lobby")],
        Some(0),
    );
    tongue
}

fn tempfile(lines: &str) -> Target {
    let text = format!("name = \"a\"\n{lines}\n[launch]\ncommand = \"x\"\n");
    Target::described(Path::new("target.toml"), &text).unwrap()
}

fn args(json: &str) -> Vec<Data> {
    serde_json::from_str(json).unwrap()
}

fn hears(tongue: &mut Tongue, event: &str, json: &str) -> String {
    match tongue.hear(event.to_owned(), args(json), None) {
        Heard::Item(Item::Event { event, args, .. }) => format!("{event} {}", Data::Array(args)),
        other => format!("{other:?}"),
    }
}

fn says(tongue: &mut Tongue, event: &str, json: &str, ack: Option<u64>) -> Vec<String> {
    let packets = tongue.say(event, args(json), ack).into_iter();
    packets
        .map(|(args, id)| {
            format!(
                "{}{}",
                Data::Array(args),
                id.map(|id| format!(" as {id}")).unwrap_or_default()
            )
        })
        .collect()
}

const BOT: &str = r#"
ignore = ["users", ["message", { by = "Bot" }]]
[events]
enter_room = { emit = ["join", { name = "$nickname", room = "$room" }], answer = ["message", { by = "Bot", text = "Welcome" }] }
welcome.receive = ["message", { by = "Bot", text = "$nickname joined" }]
new_message = { emit = ["say", "$text"], answer = "echo", receive = ["message", { by = "$nickname", text = "$text" }] }
"#;

#[test]
fn an_event_answers_once_and_an_echo_each_message() {
    let mut ana = tongue(BOT);
    assert_eq!(
        hears(
            &mut ana,
            "message",
            r#"[{"by":"Bot","text":"Welcome","at":1}]"#
        ),
        "Answered(0)"
    );
    // Once more is the bot's own business.
    assert_eq!(
        hears(&mut ana, "message", r#"[{"by":"Bot","text":"Welcome"}]"#),
        "Nothing"
    );
    assert_eq!(
        hears(&mut ana, "message", r#"[{"by":"Bot","text":"Ben joined"}]"#),
        r#"welcome ["Ben"]"#
    );
    assert_eq!(
        says(&mut ana, "new_message", r#"["hi","lobby"]"#, Some(1)),
        [r#"["say", "hi"]"#]
    );
    assert_eq!(
        hears(&mut ana, "message", r#"[{"by":"Ben","text":"hi"}]"#),
        r#"new_message ["Ben: hi"]"#
    );
    assert_eq!(
        hears(&mut ana, "message", r#"[{"by":"Ana","text":"hi"}]"#),
        "Answered(1)"
    );
    // An echo that comes twice is one too many.
    assert_eq!(
        hears(&mut ana, "message", r#"[{"by":"Ana","text":"hi"}]"#),
        r#"new_message ["Ana: hi"]"#
    );
    assert_eq!(hears(&mut ana, "users", "[7]"), "Nothing");
}

#[test]
fn what_fits_nothing_goes_through_as_it_came() {
    let mut ana = tongue(BOT);
    assert_eq!(
        hears(&mut ana, "message", r#"[{"by":"Eve","text":"hi"}]"#),
        r#"message [{"by": "Eve", "text": "hi"}]"#
    );
    assert_eq!(hears(&mut ana, "message", r#"["hi"]"#), r#"message ["hi"]"#);
    assert_eq!(
        says(&mut ana, "shout", "[1]", Some(4)),
        [r#"["shout", 1] as 4"#]
    );
}

#[test]
fn an_ack_is_what_it_should_be_or_is_shown() {
    let mut ana = tongue(
        "[events]\nnew_message = { emit = [\"say\", { room = \"$room\", text = \"$text\" }], answer = { ack = [{ ok = true }], echo = true }, receive = [\"said\", \"$nickname\", \"$text\"] }",
    );
    assert_eq!(ana.acked(0, Vec::new()), Heard::Answered(0));
    let emitted = says(&mut ana, "new_message", r#"["hi","lobby"]"#, Some(1));
    assert_eq!(
        emitted,
        [r#"["say", {"room": "lobby", "text": "hi"}] as 1"#]
    );
    // Half of an answer is none.
    assert_eq!(
        ana.acked(1, args(r#"[{"ok":true,"id":9}]"#)),
        Heard::Nothing
    );
    assert_eq!(hears(&mut ana, "said", r#"["Ana","hi"]"#), "Answered(1)");
    says(&mut ana, "new_message", r#"["ho","lobby"]"#, Some(2));
    let refused = args(r#"[{"ok":false}]"#);
    let shown = Item::Ack {
        id: 2,
        args: refused.clone(),
    };
    assert_eq!(ana.acked(2, refused), Heard::Item(shown));
    // Without an ack asked for, none goes out.
    assert_eq!(
        says(&mut ana, "new_message", r#"["ho","lobby"]"#, None),
        [r#"["say", {"room": "lobby", "text": "ho"}]"#]
    );
}

#[test]
fn several_events_may_be_one_request_and_none_too() {
    let mut ana =
        tongue("[events]\nenter_room.emit = [[\"nick\", \"$nickname\"], [\"join\", \"$room\"]]");
    assert_eq!(
        says(&mut ana, "enter_room", r#"["Ana","lobby"]"#, Some(5)),
        [r#"["nick", "Ana"]"#, r#"["join", "lobby"] as 5"#]
    );
    let mut ana = tongue("[events]\nenter_room = { emit = [], answer = \"none\" }");
    assert!(says(&mut ana, "enter_room", r#"["Ana","lobby"]"#, None).is_empty());
}

#[test]
fn a_relay_without_an_author_is_by_who_said_it_last() {
    let mut ana = tongue(
        "[events.new_message]\nemit = [\"chat\", \"$text\"]\nanswer = \"none\"\nreceive = [\"chat\", \"$text\"]",
    );
    says(&mut ana, "new_message", r#"["hi","lobby"]"#, None);
    assert_eq!(
        hears(&mut ana, "chat", r#"["hi"]"#),
        r#"new_message ["Ana: hi"]"#
    );
    assert_eq!(
        hears(&mut ana, "chat", r#"["who said that?"]"#),
        r#"chat ["who said that?"]"#
    );
}
