//! The load: who says something when.

use std::error::Error;
use std::slice::Chunks;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::member::Member;
use crate::tally::Tally;

/// How long the load is on before it is measured, in seconds.
const WARM_UP: u32 = 1;

/// How many members of a room write where it is as fast as it goes, each with one message under way.
///
/// One member with as many would be the same load, but `rust_socketio` gives messages ids at random:
/// with several under way at one client, two have the same soon, and the task that reads panics.
const WRITERS: usize = 8;

/// How long an ack is waited for before the next message is sent without it.
const ACK_WITHIN: Duration = Duration::from_secs(1);

/// A second, in microseconds.
const SECOND: u64 = 1_000_000;

/// So many messages a second, of one member of each room in turn, each at a time that was known
/// before. Returns how many were sent.
pub(crate) async fn open_loop(
    rooms: Chunks<'_, Member>,
    tally: &Arc<Tally>,
    rate: u32,
    seconds: u32,
) -> Result<u64, Box<dyn Error>> {
    let dues = u64::from(rate) * u64::from(WARM_UP + seconds);
    let mut schedule = interval(Duration::from_secs(1) / rate);
    // What comes late is late; it is not left out, and what follows it is not put off.
    schedule.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let senders = rooms.filter_map(<[Member]>::first);
    for (number, sender) in (0..dues).zip(senders.cycle()) {
        let due = tally.at(schedule.tick().await.into_std());
        if number == 0 {
            measure_from(tally, due, seconds);
        }
        let acks = Arc::clone(tally);
        sender.say(due, move || acks.ack()).await?;
    }
    Ok(dues)
}

/// As many as there can be: each of several members of a room has one under way, never more. Returns
/// how many were sent.
pub(crate) async fn closed_loop(
    rooms: Chunks<'_, Member>,
    tally: &Arc<Tally>,
    seconds: u32,
) -> Result<u64, Box<dyn Error>> {
    let end = measure_from(tally, tally.now(), seconds);
    let mut writers = JoinSet::new();
    for writer in rooms.flat_map(|room| room.iter().take(WRITERS)) {
        writers.spawn(one_after_the_other(writer.clone(), Arc::clone(tally), end));
    }
    let mut sent = 0;
    while let Some(writer) = writers.join_next().await {
        sent += writer??;
    }
    Ok(sent)
}

/// The next message when one is acked, until the end. Returns how many were sent.
async fn one_after_the_other(
    writer: Member,
    tally: Arc<Tally>,
    end: u64,
) -> Result<u64, rust_socketio::Error> {
    let mut sent = 0;
    loop {
        let due = tally.now();
        if due >= end {
            return Ok(sent);
        }
        let (acked, ack) = oneshot::channel();
        let (mut acked, acks) = (Some(acked), Arc::clone(&tally));
        let on_ack = move || {
            acks.ack();
            // Nobody waits any longer where it is too late.
            if let Some(acked) = acked.take() {
                acked.send(()).unwrap_or_default();
            }
        };
        writer.say(due, on_ack).await?;
        sent += 1;
        // An ack that does not come counts as unanswered, and the load goes on.
        drop(timeout(ACK_WITHIN, ack).await);
    }
}

/// Measures what is due after the warm-up, and returns when that ends.
fn measure_from(tally: &Tally, begin: u64, seconds: u32) -> u64 {
    let from = begin + u64::from(WARM_UP) * SECOND;
    let to = from + u64::from(seconds) * SECOND;
    tally.measure(from, to);
    to
}
