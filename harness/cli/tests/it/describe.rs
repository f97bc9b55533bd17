//! `chatspec init` and `chatspec doctor`: from nothing to a target that can be judged.

use crate::support::Place;

#[tokio::test]
async fn a_target_is_written_and_can_be_judged() {
    let place = Place::with_scenarios();
    let mut said = place
        .run_all(&[
            "init --name mine --url http://127.0.0.1:1 --output mine.toml",
            "init --name mine --url http://127.0.0.1:1 --output mine.toml",
            "init --name other --url http://127.0.0.1:1 --output mine.toml --force",
            "doctor mine.toml",
            "doctor mutant:none",
        ])
        .await;
    said.push_str(&place.read("mine.toml"));
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_chat_of_another_dialect_is_described_by_flags() {
    let place = Place::new();
    let mut command = place.command([
        "init",
        "--name",
        "mine",
        "--command",
        "node server.js",
        "--setup",
        "npm ci",
        "--path",
        "/ws/",
        "--namespace",
        "/chat",
        "--query",
        "v=2",
        "--header",
        "Authorization=Bearer let-me-in",
        "--cookie",
        "session=1",
        "--auth",
        r#"{"name": "$nickname"}"#,
        "--enter",
        r#"["join", {"room": "$room", "since": null}]"#,
        "--enter-answer",
        r#"{"ack": [{"ok": true}]}"#,
        "--welcome",
        r#"["joined", {"na me": "$nickname"}]"#,
        "--say",
        "say",
        "--say-answer",
        "echo",
        "--relay",
        r#"["said", "$nickname", "$text"]"#,
        "--bye",
        r#"["left", "$nickname"]"#,
        "--ignore",
        "users",
        "--lacks",
        "namesakes",
    ]);
    let output = command.output().await.unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    insta::assert_snapshot!(place.read("target.toml"));
}

#[tokio::test]
async fn what_makes_no_target_is_not_written() {
    let place = Place::new().with("there.toml", "");
    let mut said = place
        .run_all(&[
            "init",
            "init --command a --url http://h",
            "init --url h:1",
            "init --url http://h --output there.toml",
            "init --url http://h --enter [1",
            "init --url http://h --enter [1]",
            "init --url http://h --enter [\"join\",\"$nick\"]",
            "init --url http://h --query v",
            "init --url http://h --lacks rums",
            "doctor",
            "doctor nonsense",
            "doctor there.toml",
        ])
        .await;
    let written = place.path("target.toml").exists();
    said.push_str(&format!("written: {written}"));
    insta::assert_snapshot!(said);
}

/// What comes to everybody who connects is neither an answer nor a message.
#[tokio::test]
async fn a_chat_that_greets_whoever_connects() {
    let place = Place::new().with(
        "greets/target.toml",
        "name = \"greets\"\n[launch]\ncommand = \"exec \\\"$CHATSPEC\\\" serve --room-change\"\n",
    );
    insta::assert_snapshot!(place.run("doctor greets").await);
}
