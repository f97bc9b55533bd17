//! Signals, and readers that have seen enough.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::time::timeout;

use crate::support::{CLAUSES, Place, WRONG, gone, line_in, lives};

const BOUND: Duration = Duration::from_secs(30);

/// A case that waits for what never comes.
const WAITS: &str = "\
# A chat that wakes people up.
must     mine.answered
catches  no-ack-message
over     websocket
clients  ana
rooms    lobby

ana -> enter_room \"Ana\" lobby => ()
ana <- welcome \"morning\" within 60s
";

/// What was started goes with the program, whoever ends that: the shell, the server, and what the
/// shell left in the background.
#[tokio::test]
async fn a_signal_ends_the_run_and_everything_it_started() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let place = Place::new()
            .with("cases/clauses.toml", CLAUSES)
            .with("cases/mine/1-wrong.chat", WRONG)
            .with("cases/mine/2-waits.chat", WAITS);
        let target = "cmd:echo $$ > shell; sleep 300 & echo $! > sleep; \"$CHATSPEC\" serve & echo $! > server; wait";
        let args = [
            "run",
            "mine",
            "--scenarios",
            "cases",
            "--jobs",
            "1",
            "--target",
            target,
        ];
        let mut run = place.command(args).spawn().unwrap();
        // The first case has failed, so the second runs.
        let mut stderr = BufReader::new(run.stderr.take().unwrap()).lines();
        let line = timeout(BOUND, stderr.next_line())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert!(line.contains("mine/1-wrong"), "{line}");
        let mut pids = Vec::new();
        for name in ["shell", "sleep", "server"] {
            pids.push(line_in(&place.path(name)).await);
        }
        assert!(pids.iter().all(|pid| lives(pid)), "{pids:?}");

        let pid = Pid::from_raw(run.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let status = timeout(BOUND, run.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(code), "{signal:?}");
        let line = stderr.next_line().await.unwrap().unwrap();
        assert!(line.starts_with("ended by SIG"), "{line}");
        for pid in pids {
            gone(&pid).await;
        }
    }
}

/// `chatspec ... | head -1`, and the same with `2>&1`.
#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let place = Place::with_scenarios();
    for (line, code) in [
        ("run mine --scenarios cases", 1),
        ("run mine/hello --scenarios cases", 0),
        ("run nothing", 2),
        ("run --target mutant:nothing", 2),
        ("list", 0),
        ("list --json", 0),
        ("explain chat/acks/in-order", 0),
        ("fmt --check cases", 0),
        ("--help", 0),
        ("run --help", 0),
    ] {
        let mut command = place.command(line.split(' '));
        // A panic is heard on standard error, so one is left open at a time.
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        let mut pipe = child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).await.unwrap();
        let status = timeout(BOUND, child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(code), "{line}: {stderr}");
        assert!(!stderr.contains("panicked"), "{line}: {stderr}");

        let mut command = place.command(line.split(' '));
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        drop(child.stderr.take());
        let status = timeout(BOUND, child.wait()).await.unwrap().unwrap();
        assert_eq!(status.code(), Some(code), "{line}");
    }
}
