//! How turns are added that were measured at once.

use super::super::measured::{Server, TargetTurns, Turn};

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
    one.add(other);
    one.server = match (one.server, other.server) {
        (Some(one), Some(other)) => Some(match servers {
            Servers::Shared => same_server(one, other),
            Servers::OneEach => both_servers(one, other),
        }),
        (server, None) | (None, server) => server,
    };
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
