//! `chatspec bench`: what it measures of servers whose figures are known, and how it ends.
//!
//! What is measured holds its messages back for longer than a busy machine is late, so that no harness
//! is refused where that is not what a test is about.
//!
//! # Layout
//! - this file: exit codes, what is written, and signals.
//! - `usage`: what cannot be measured, and is said before the work.
//! - `compared`: what was measured before, and the load that a server holds.
//! - `parts`: a bench in parts, and `chatspec merge`.
//! - `manifests`: those in `ci/bench` say what `chatspec` understands.

mod compared;
mod manifests;
mod parts;
mod usage;

use std::time::Duration;

use chatspec_judge::bench::{Bench, Pace};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::support::{Place, Said, assert_fits, gone, line_in, lives};

/// Twenty messages in half a second, each owed to three.
const LOAD: &str =
    "--rooms 5 --members 4 --rate 40 --warm-up 0.1 --duration 0.5 --repeats 1 --no-null";

/// A server that is slower than a busy machine.
const SLOW: &str = "null:delay=200ms";

/// What does not change in a report: what was measured, who was reached, how it ended.
fn steady(said: &Said) -> String {
    let shown = said.to_string();
    let end = shown.find("--- stderr").unwrap_or(shown.len());
    let (report, rest) = shown.split_at(end);
    let paragraphs: Vec<&str> = report.split("\n\n").collect();
    let (head, last) = (paragraphs[0], paragraphs[paragraphs.len() - 1]);
    // Then comes the machine, and how long everything took.
    let head: Vec<&str> = head
        .lines()
        .take_while(|line| !line.contains(" cores, "))
        .collect();
    let mut text = format!("{}\n", head.join("\n"));
    let kept = paragraphs.iter().filter(|paragraph| {
        ["DOUBTS", "reach", "gates", "limits"]
            .iter()
            .any(|section| paragraph.starts_with(section))
    });
    for paragraph in kept {
        text += &format!("\n{paragraph}\n");
    }
    format!("{text}\n{last}{rest}")
}

fn bench_in(place: &Place, file: &str) -> Bench {
    serde_json::from_str(&place.read(file)).unwrap()
}

#[tokio::test]
async fn what_reaches_everybody_is_measured() {
    let place = Place::new();
    let line = format!("bench --target {SLOW} {LOAD} --json bench.json");
    let said = place.run(&line).await;
    assert_eq!(said.code(), 0, "{}", said.as_it_is());
    insta::assert_snapshot!(steady(&said));
    let bench = bench_in(&place, "bench.json");
    let turn = &bench.targets[0].turns[0];
    assert_eq!((turn.reach.sent, turn.reach.received), (20, 60));
    assert!(turn.latency.min() >= 200_000, "{}", turn.latency.min());
    assert_eq!((bench.profile, bench.null), (None, None));
}

#[tokio::test]
async fn what_is_lost_fails() {
    let place = Place::new();
    let line = format!("bench --target {SLOW},drop=1% {LOAD} --rate 100 --json bench.json");
    let said = place.run(&line.replace("--rate 40 ", "")).await;
    assert_eq!(said.code(), 1, "{}", said.as_it_is());
    insta::assert_snapshot!(steady(&said));
    let bench = bench_in(&place, "bench.json");
    assert!(bench.targets[0].reach().lost() > 0);
}

/// The others are measured all the same.
#[tokio::test]
async fn what_does_not_start_refuses_the_whole() {
    let place = Place::new();
    let line = format!("bench --target cmd:false --target {SLOW} {LOAD} --json bench.json");
    let said = place.run(&line).await;
    assert_eq!(said.code(), 3, "{}", said.as_it_is());
    insta::assert_snapshot!(steady(&said));
    let bench = bench_in(&place, "bench.json");
    assert_eq!(bench.targets[1].reach().received, 60);
}

#[tokio::test]
async fn nothing_that_listens_is_nothing_to_measure() {
    let place = Place::new();
    let line = format!("bench --target http://127.0.0.1:9 {LOAD}");
    insta::assert_snapshot!(steady(&place.run(&line).await));
}

/// The main job, as short as it gets. A machine that has other things to do makes the harness late beside
/// a server that answers at once; then it says so, and nothing is lost all the same.
#[tokio::test]
async fn the_reference_is_measured_and_reported_in_every_form() {
    let place = Place::new();
    let line = format!(
        "bench {} --json bench.json --html bench.html --markdown bench.md --histograms logs",
        LOAD.replace(" --no-null", "")
    );
    let said = place.run(&line).await;
    let code = said.code();
    assert!(code == 0 || code == 3, "{}", said.as_it_is());
    let whole = "all 60 deliveries of 20 messages, each once and in order";
    for name in ["reference", "null server"] {
        let line = said.stdout.lines().find(|line| {
            let line = line.trim_start();
            line.starts_with(name) && line.ends_with(whole)
        });
        assert!(line.is_some(), "{name}: {}", said.as_it_is());
    }
    let last = format!("(exit code {code})\n");
    assert!(said.stdout.ends_with(&last), "{}", said.as_it_is());

    let json: serde_json::Value = serde_json::from_str(&place.read("bench.json")).unwrap();
    assert_fits(
        &json,
        include_str!("../../../../../schemas/bench.schema.json"),
    );
    let bench = bench_in(&place, "bench.json");
    assert!(bench.null.is_some_and(|null| null.reach().is_whole()));

    for file in ["bench.html", "bench.md"] {
        let text = place.read(file);
        assert!(text.contains(whole), "{file}: {text}");
    }
    assert!(place.read("bench.html").starts_with("<!DOCTYPE html>"));
    for log in ["reference", "null"] {
        let text = place.read(&format!("logs/{log}.hlog"));
        assert!(text.starts_with("#chatspec "), "{log}: {text}");
        assert!(text.contains(",HISTFAAAA"), "{log}: {text}");
    }
}

#[tokio::test]
async fn a_profile_of_ones_own() {
    let profile = "rooms = 2\nmembers = 3\nsenders = 1\npace = { outstanding = 1 }\nwarm-up = 0\n\
                   duration = 0.5\nrepeats = 1\n";
    let place = Place::new().with("mine.toml", profile);
    let line = format!(
        "bench --target {SLOW} --profile mine.toml --payload 32 --no-null --json bench.json"
    );
    let said = place.run(&line).await;
    assert_eq!(said.code(), 0, "{}", said.as_it_is());
    let bench = bench_in(&place, "bench.json");
    let plan = &bench.plan;
    assert_eq!((plan.rooms, plan.members, plan.senders), (2, 3, 1));
    assert_eq!((plan.pace, plan.payload), (Pace::Outstanding(1), 32));
    assert_eq!(bench.profile, None);
}

/// The servers go with it, and so does the turn that is under way.
#[tokio::test]
async fn a_signal_ends_a_bench_and_the_servers_that_it_started() {
    const BOUND: Duration = Duration::from_secs(30);
    let place = Place::new();
    let target = "cmd:echo $$ > shell; \"$CHATSPEC\" serve & echo $! > server; wait";
    let load = LOAD.replace("--repeats 1", "--repeats 1000");
    let mut args = vec!["bench", "--target", target];
    args.extend(load.split(' '));
    let mut bench = place.command(args).spawn().unwrap();
    // The first turn is over, so the second is under way.
    let mut stderr = BufReader::new(bench.stderr.take().unwrap()).lines();
    let line = timeout(BOUND, stderr.next_line()).await.unwrap();
    let line = line.unwrap().unwrap();
    assert!(line.contains("1/1000: reach "), "{line}");
    let mut pids = Vec::new();
    for name in ["shell", "server"] {
        pids.push(line_in(&place.path(name)).await);
    }
    assert!(pids.iter().all(|pid| lives(pid)), "{pids:?}");

    let pid = Pid::from_raw(bench.id().unwrap().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let status = timeout(BOUND, bench.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(130));
    let mut said = Vec::new();
    while let Some(line) = stderr.next_line().await.unwrap() {
        said.push(line);
    }
    let last = said.last().unwrap();
    assert!(last.starts_with("ended by SIGINT"), "{said:?}");
    for pid in pids {
        gone(&pid).await;
    }
}
