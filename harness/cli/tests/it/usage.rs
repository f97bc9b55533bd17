//! Bad usage and bad input: exit code 2, and what to do instead.

use crate::support::{CLAUSES, HELLO, Place};

#[tokio::test]
async fn arguments() {
    let place = Place::with_scenarios();
    let said = place
        .run_all(&[
            "run --over tcp",
            "run --jobs 0",
            "run --jobs many",
            "run --seed -1",
            "run --start-timeout 0",
            "mutants no-such-bug",
            "mutants echo-to-sendr",
            "mutants none",
        ])
        .await;
    // The whole list of mutants stands there; it grows.
    insta::with_settings!({filters => [("the names are none, .*", "the names are none, ...")]}, {
        insta::assert_snapshot!(said);
    });
}

#[tokio::test]
async fn a_client_of_others_on_a_chat_of_another_dialect() {
    let place = Place::with_scenarios()
        .with(
            "dialect.toml",
            "name = \"dialect\"\n\n[launch]\ncommand = \"false\"\n\n[connection]\nnamespace = \"/chat\"\n",
        )
        .with("client/client.toml", "name = \"other\"\ncommand = \"false\"\n");
    let said = place.run_all(&["run --client client --target dialect.toml"]);
    insta::assert_snapshot!(said.await);
}

#[tokio::test]
async fn patterns() {
    let place = Place::with_scenarios();
    let said = place
        .run_all(&[
            "run chat/welcom",
            "run chat/acks/inorder",
            "run chat/acks/in-order@websockets",
            "run zzz",
            "run chat/[x",
            "run cases",
            "run missing.chat",
            "list chat/welcom",
            "explain chat/acks/inorder",
            "explain zzz",
        ])
        .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn targets() {
    let place = Place::with_scenarios()
        .with(
            "lanch.toml",
            "name = \"a\"\n\n[lanch]\ncommand = \"node server.js\"\n",
        )
        .with("broken.toml", "name = \"a\n")
        .with("empty/nothing.txt", "")
        .with("bytes.toml", "name = \"a\"\n");
    std::fs::write(place.path("bytes.toml"), b"name = \"\xff\"").unwrap();
    let said = place
        .run_all(&[
            "run --target nonsense",
            "run --target localhost:3000",
            "run --target cmd:",
            "run --target image:chat#99999",
            "run --target http://127.0.0.1:99999",
            "run --target wss://chat.example",
            "run --target mutant:echo-to-sendr",
            "run --target missing.toml",
            "run --target empty",
            "run --target lanch.toml",
            "run --target broken.toml",
            "run --target bytes.toml",
            "run --target reference --target mutant:none --target reference",
        ])
        .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn scenarios() {
    let place = Place::new()
        .with("two/clauses.toml", CLAUSES)
        .with("two/mine/a.chat", "# A scenario.\nmust     mine.answered\nclients  ana\n\nana => new_message\nbob -> hi\n")
        .with("two/mine/b.chat", "must\n")
        .with("two/mine/right.chat", HELLO)
        .with("clauseless/mine/hello.chat", HELLO)
        .with("clauses/clauses.toml", "[\"a.b\"]\nsentence = 7\n")
        .with("clauses/a.chat", HELLO)
        .with("none/readme.txt", "")
        .with("one.chat", "# A scenario.\nmust     seed.relay\nclients  ana\n\nana says hi\n");
    let said = place
        .run_all(&[
            "run --scenarios two",
            "run --scenarios clauseless",
            "run --scenarios clauses",
            "run --scenarios none",
            "run --scenarios missing",
            "run --scenarios one.chat",
            "list --scenarios none",
            "explain chat/acks/in-order --scenarios missing",
            "run one.chat",
        ])
        .await;
    insta::assert_snapshot!(said);
}

/// It is said before the work, and what can be reported is.
#[tokio::test]
async fn files_that_cannot_be_written() {
    let place = Place::with_scenarios().with("file", "");
    let said = place
        .run_all(&[
            "run mine/hello --scenarios cases --junit missing/junit.xml",
            "run mine/hello --scenarios cases --json cases",
            "run mine/hello --scenarios cases --transcripts file/below",
            "mutants no-ack-message --scenarios cases --json missing/matrix.json",
        ])
        .await;
    insta::assert_snapshot!(said);
}
