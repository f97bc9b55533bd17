//! What cannot be measured is said before the work, with what to do instead.

use tokio::net::TcpListener;

use crate::support::{Place, said};

/// What is said to one line after the other, with the times that somebody wrote.
async fn all_of(place: &Place, lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        text += &format!("{}\n", place.run(line).await.as_it_is());
    }
    text
}

#[tokio::test]
async fn loads() {
    let place = Place::new()
        .with("typo.toml", "rooms = 2\nmember = 3\n")
        .with("broken.toml", "rooms = \n")
        .with("pace.toml", "pace = { rate = \"fast\" }\n")
        .with("empty-rooms.toml", "members = 1\n");
    let said = all_of(
        &place,
        &[
            "bench --profile small-tal",
            "bench --profile missing.toml",
            "bench --profile typo.toml",
            "bench --profile broken.toml",
            "bench --profile pace.toml",
            "bench --profile empty-rooms.toml",
            "bench --rooms 0",
            "bench --members 4 --senders 5",
            "bench --rate 0",
            "bench --rate 5 --outstanding 2",
            "bench --outstanding 0",
            "bench --payload 5",
            "bench --polling 101",
            "bench --guests=-1",
            "bench --warm-up=-1",
            "bench --duration 0",
            "bench --duration 0.01 --rate 5",
            "bench --repeats 0",
            "bench --rooms many",
        ],
    )
    .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn targets() {
    let said = all_of(
        &Place::new(),
        &[
            "bench --target nonsense",
            "bench --target null --target null",
            "bench --target null:dely=50ms",
            "bench --target null:delay=soon",
            "bench --target null:delay=1s,delay=2s",
            "null-server drop=all",
        ],
    )
    .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn parts_limits_and_gates() {
    let said = all_of(
        &Place::new(),
        &[
            "bench --shard 2/3",
            "bench --start-at 2030-01-31T12:00:00Z",
            "bench --join-time 5",
            "bench --shard 0/3 --start-at 2030-01-31T12:00:00Z",
            "bench --shard 4/3 --start-at 2030-01-31T12:00:00Z",
            "bench --shard third --start-at 2030-01-31T12:00:00Z",
            "bench --shard 1/3 --start-at noon",
            "bench --find-limit p99",
            "bench --find-limit p99>200ms",
            "bench --find-limit p101<200ms",
            "bench --raise rate",
            "bench --raise speed --find-limit p99<1s",
            "bench --outstanding 1 --find-limit p99<1s",
            "bench --fail-if p99>1.2x",
            "bench --baseline old.json",
            "bench --baseline old.json --fail-if p99>1.2",
            "bench --baseline old.json --fail-if p99<1.2x",
            "bench --workers 0",
        ],
    )
    .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn files() {
    let place = Place::new()
        .with("file", "")
        .with("folder/file", "")
        .with("no.json", "{\"format\": 1}");
    let said = all_of(
        &place,
        &[
            "bench --json missing/bench.json",
            "bench --html folder",
            "bench --markdown missing/bench.md",
            "bench --histograms file/below",
            "bench --baseline missing.json --fail-if p99>1.2x",
            "bench --baseline no.json --fail-if p99>1.2x",
        ],
    )
    .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn machines_that_are_not_enough() {
    let place = Place::new();
    let script = "ulimit -n 1000 && exec \"$CHATSPEC\" bench --rooms 100 --members 10";
    let mut shell = place.program("sh");
    shell.args(["-c", script]);
    let few = said("bench (with ulimit -n 1000)", shell).await;
    let line = "bench --target http://192.0.2.1:3000 --rooms 3000 --members 10";
    let ports = place.run(line).await.to_string();
    insta::assert_snapshot!(format!("{few}\n{ports}"));
}

#[tokio::test]
async fn a_null_server_whose_port_is_in_use() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = other.local_addr().unwrap().port().to_string();
    let place = Place::new();
    let mut command = place.command(["null-server"]);
    command.env("PORT", port);
    insta::assert_snapshot!(said("null-server (with PORT)", command).await.to_string());
}
