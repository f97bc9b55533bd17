//! A bench in parts, each a process of its own, and `chatspec merge`.

use std::process::Stdio;
use std::time::Duration;

use chatspec_judge::bench::Bench;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::{LOAD, bench_in, steady};
use crate::support::Place;

/// How long after a test has said when its parts begin the first one does: they are all there by then.
const AHEAD: Duration = Duration::from_secs(3);

/// Starts a null server that holds relays; where it is.
async fn null_server(place: &Place) -> (Child, String) {
    let mut command = place.command(["null-server", "delay=200ms"]);
    let mut server = command.stdout(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let address = lines.next_line().await.unwrap().unwrap();
    (server, address)
}

/// Measures in three parts at once, and leaves `1.json` to `3.json`.
async fn measured(place: &Place) -> Vec<Bench> {
    let (_server, address) = null_server(place).await;
    let start = Timestamp::now() + AHEAD;
    let parts = [1, 2, 3].map(|part| {
        let line = format!(
            "bench --target {address} {LOAD} --shard {part}/3 --start-at {start} --join-time 1 \
             --json {part}.json"
        );
        async move { place.run(&line).await }
    });
    let parts = futures_util::future::join_all(parts).await;
    for said in &parts {
        assert_eq!(said.code(), 0, "{}", said.as_it_is());
        assert!(said.stdout.contains("part "), "{}", said.as_it_is());
    }
    (1..=3)
        .map(|part| bench_in(place, &format!("{part}.json")))
        .collect()
}

#[tokio::test]
async fn three_parts_are_one_whole_and_two_are_none() {
    let place = Place::new();
    let parts = measured(&place).await;
    let said = place
        .run("merge 3.json 1.json 2.json --json whole.json --html whole.html")
        .await;
    assert_eq!(said.code(), 0, "{}", said.as_it_is());
    let shown = steady(&said).replace(&parts[0].targets[0].name, "the null server");
    insta::assert_snapshot!("three_parts", shown);
    let whole = bench_in(&place, "whole.json");
    assert_eq!(whole.merged.unwrap().parts, 3);
    let reach = whole.targets[0].reach();
    assert_eq!((reach.sent, reach.received), (20, 60));
    let of_parts = parts.iter().map(|part| part.targets[0].reach().received);
    assert_eq!(of_parts.sum::<u64>(), reach.received);

    // As somebody would have them who mixes up files.
    let write = |file: &str, part: usize, change: fn(&mut Bench)| {
        let mut bench = parts[part - 1].clone();
        change(&mut bench);
        std::fs::write(place.path(file), serde_json::to_string(&bench).unwrap()).unwrap();
    };
    write("later.json", 2, |bench| {
        bench.targets[0].turns[0].began += 60.0;
    });
    write("late.json", 3, |bench| {
        bench.targets[0].turns[0].began += 30.0;
    });
    write("louder.json", 2, |bench| bench.plan.payload = 128);
    write("of-four.json", 2, |bench| {
        if let Some(shard) = &mut bench.shard {
            shard.of = 4;
        }
    });
    write("unborn.json", 2, |bench| bench.format = 99);
    let refused = place
        .run_all(&[
            "merge 1.json 3.json",
            "merge 1.json 2.json 3.json 2.json",
            "merge whole.json 1.json",
            "merge 1.json later.json late.json",
            "merge 1.json louder.json 3.json",
            "merge 1.json of-four.json 3.json",
            "merge 1.json unborn.json 3.json",
        ])
        .await;
    let refused = refused.replace(&parts[0].targets[0].name, "the null server");
    insta::assert_snapshot!("refused_parts", refused);
}

#[tokio::test]
async fn what_is_no_part() {
    let place = Place::new()
        .with("empty.json", "")
        .with("other.json", "{\"seed\": 7}");
    let said = place
        .run_all(&[
            "merge",
            "merge missing.json",
            "merge empty.json",
            "merge other.json",
        ])
        .await;
    insta::assert_snapshot!(said);
}

/// It would have chatted alone.
#[tokio::test]
async fn a_part_that_comes_too_late() {
    let place = Place::new();
    let line = format!(
        "bench --target null {LOAD} --shard 1/2 --start-at 2020-01-31T12:00:00Z --join-time 1"
    );
    insta::assert_snapshot!(steady(&place.run(&line).await));
}
