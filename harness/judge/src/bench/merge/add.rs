//! How turns are added that were measured at once.

use indexmap::IndexMap;

use super::super::histogram::Histogram;
use super::super::measured::{Guests, Harness, Joined, Second, Server, TargetTurns, Turn};

/// Whose servers they were.
#[derive(Clone, Copy, Debug)]
pub(super) enum Servers {
    /// The parts met at one server.
    Shared,
    /// Each part had one of its own.
    OneEach,
}

/// The turns of one target in all parts; none where there are no parts.
pub(super) fn target(parts: &[(u32, &TargetTurns)], servers: Servers) -> Option<TargetTurns> {
    let ((_, first), others) = parts.split_first()?;
    let mut whole = (*first).clone();
    for (_, other) in others {
        for (one, other) in whole.turns.iter_mut().zip(&other.turns) {
            add_turn(one, other, servers);
        }
    }
    let failures = parts.iter().filter_map(|(part, target)| {
        let why = target.failed.as_ref()?;
        Some(format!("part {part}: {why}"))
    });
    let failures: Vec<_> = failures.collect();
    whole.failed = (!failures.is_empty()).then(|| failures.join("; "));
    Some(whole)
}

fn add_turn(one: &mut Turn, other: &Turn, servers: Servers) {
    one.began = one.began.min(other.began);
    one.measured = one.measured.max(other.measured);
    add_joined(&mut one.joined, &other.joined);
    one.reach.add(&other.reach);
    one.latency.add(&other.latency);
    one.uncorrected.add(&other.uncorrected);
    one.ack.add(&other.ack);
    one.first.add(&other.first);
    one.median.add(&other.median);
    one.last.add(&other.last);
    add_seconds(&mut one.seconds, &other.seconds);
    add_guests(&mut one.guests, other.guests.as_ref());
    add_harness(&mut one.harness, &other.harness);
    one.server = match (one.server, other.server) {
        (Some(one), Some(other)) => Some(match servers {
            Servers::Shared => same_server(one, other),
            Servers::OneEach => both_servers(one, other),
        }),
        (server, None) | (None, server) => server,
    };
}

/// They came in beside each other, so that it took as long as the longest.
fn add_joined(one: &mut Joined, other: &Joined) {
    one.wanted += other.wanted;
    one.members += other.members;
    one.took = one.took.max(other.took);
    one.latency.add(&other.latency);
    one.welcomes_owed += other.welcomes_owed;
    one.welcomes += other.welcomes;
    let mut failures: IndexMap<String, u64> = one.failures.drain(..).collect();
    for (reason, times) in &other.failures {
        *failures.entry(reason.clone()).or_default() += times;
    }
    one.failures = failures.into_iter().collect();
}

/// Second by second from the begin of the turn: all parts began at the same instant.
fn add_seconds(one: &mut Vec<Second>, other: &[Second]) {
    let longest = one.len().max(other.len());
    one.resize_with(longest, Second::default);
    for (one, other) in one.iter_mut().zip(other) {
        one.due += other.due;
        one.arrived += other.arrived;
        one.latency.add(&other.latency);
    }
}

/// Some parts may have had no guests: there can be fewer of them than parts.
fn add_guests(one: &mut Option<Guests>, other: Option<&Guests>) {
    let Some(other) = other else { return };
    let one = one.get_or_insert_default();
    one.entered += other.entered;
    one.failed += other.failed;
    one.latency.add(&other.latency);
    one.owed += other.owed;
    one.received += other.received;
}

/// The busiest worker of all parts is what tells whether to believe them.
fn add_harness(one: &mut Harness, other: &Harness) {
    one.workers += other.workers;
    one.busy = one.busy.max(other.busy);
    one.cpu += other.cpu;
    one.send_lag.add(&other.send_lag);
    // Of a part whose kernel did not say when something arrived, latencies have this lag in them. Where
    // there is such a part, it cannot be said of the whole that they have not.
    one.read_lag = match (one.read_lag.take(), &other.read_lag) {
        (Some(one), Some(other)) => Some([&one, other].into_iter().collect::<Histogram>()),
        _ => None,
    };
    one.memory_before += other.memory_before;
    one.memory_joined += other.memory_joined;
}

/// Several parts looked at one server: the least that was seen before anybody came, as another part
/// may have been quicker to connect, and the most of everything else.
fn same_server(one: Server, other: Server) -> Server {
    Server {
        cpu: one.cpu.max(other.cpu),
        memory_before: one.memory_before.min(other.memory_before),
        memory_joined: one.memory_joined.max(other.memory_joined),
        memory_peak: one.memory_peak.max(other.memory_peak),
    }
}

/// The servers of two parts, as if they were one.
fn both_servers(one: Server, other: Server) -> Server {
    Server {
        cpu: one.cpu + other.cpu,
        memory_before: one.memory_before + other.memory_before,
        memory_joined: one.memory_joined + other.memory_joined,
        memory_peak: one.memory_peak + other.memory_peak,
    }
}
