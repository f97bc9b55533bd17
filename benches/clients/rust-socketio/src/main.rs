//! A load generator on `rust_socketio`, as its documentation would have it: one client of its
//! asynchronous API for each member, over WebSocket. It puts the load on a chat server that
//! `chatspec bench` puts on it, so that the two can be compared, and prints one line of JSON.

mod chat;
mod member;
mod tally;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use procfs::process::Process;
use serde::Serialize;

use member::enter_all;
use tally::{Counts, Tally};

const USAGE: &str = "\
usage: bench-rust-socketio URL CLIENTS ROOM_SIZE SECONDS RATE
  RATE  messages a second over all rooms, on a schedule that waits for nobody;
        0 for as many as there can be: 8 members of each room have one under way each";

/// The highest rate: times are told apart by whole microseconds.
const MOST: u32 = 1_000_000;

/// What the lock file says is what was built.
const LOCK: &str = include_str!("../Cargo.lock");

/// The load, from the command line.
struct Load {
    url: String,
    clients: u32,
    room_size: u32,
    seconds: u32,
    rate: u32,
}

/// What was measured.
#[derive(Serialize)]
struct Found {
    client: String,
    clients: u32,
    memory_per_client: u64,
    received: u64,
    frames_per_second: f64,
    p50_us: u64,
    p99_us: u64,
    lost: u64,
    unanswered: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(load) = Load::parse(std::env::args().skip(1).collect()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let found = measure(&load).await;
    match found.and_then(|found| Ok(serde_json::to_string(&found)?)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(load: &Load) -> Result<Found, Box<dyn Error>> {
    let tally = Arc::new(Tally::new());
    let before = memory()?;
    let members = enter_all(load, &tally).await?;
    tally.settled(|now| now.welcomes >= load.welcomes()).await;
    let joined = memory()?;

    let rooms = members.chunks(load.room_size as usize);
    let sent = if load.rate > 0 {
        chat::open_loop(rooms, &tally, load.rate, load.seconds).await?
    } else {
        chat::closed_loop(rooms, &tally, load.seconds).await?
    };
    let owed = sent * u64::from(load.room_size - 1);
    let all_there = |now: &Counts| now.received >= owed && now.acked >= sent;
    let counts = tally.settled(all_there).await;

    let (received, p50_us, p99_us) = tally.measured();
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 deliveries")]
    let frames_per_second = received as f64 / f64::from(load.seconds);
    Ok(Found {
        client: format!(
            "rust_socketio {}",
            version().ok_or("no version of rust_socketio")?
        ),
        clients: load.clients,
        memory_per_client: joined.saturating_sub(before) / u64::from(load.clients),
        received,
        frames_per_second,
        p50_us,
        p99_us,
        lost: owed.saturating_sub(counts.received),
        unanswered: sent.saturating_sub(counts.acked),
    })
}

impl Load {
    fn parse(words: Vec<String>) -> Option<Self> {
        let [url, clients, room_size, seconds, rate] = <[String; 5]>::try_from(words).ok()?;
        let load = Self {
            url,
            clients: clients.parse().ok()?,
            room_size: room_size.parse().ok()?,
            seconds: seconds.parse().ok()?,
            rate: rate.parse().ok()?,
        };
        let whole = load.room_size > 1 && load.clients.is_multiple_of(load.room_size);
        let some = load.clients > 0 && load.seconds > 0;
        (whole && some && load.rate <= MOST).then_some(load)
    }

    /// How many welcomes there are: each member greets those who are in the room already.
    fn welcomes(&self) -> u64 {
        u64::from(self.clients) * u64::from(self.room_size - 1) / 2
    }
}

/// Our own resident memory in bytes.
fn memory() -> procfs::ProcResult<u64> {
    Ok(Process::myself()?.stat()?.rss * procfs::page_size())
}

fn version() -> Option<&'static str> {
    let (_, rest) = LOCK.split_once("name = \"rust_socketio\"\nversion = \"")?;
    Some(rest.split_once('"')?.0)
}
