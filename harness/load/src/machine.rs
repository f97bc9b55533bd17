//! What a bench runs on, and whether that is enough for what is asked.

use std::collections::BTreeSet;

use chatspec_judge::bench::Plan;
use chatspec_judge::bench::measured::Machine;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use procfs::{CpuInfo, Current as _, Meminfo};

use crate::processes::cores;

/// Files that a process has open besides its connections: its streams, the suite, the watchers of its
/// workers.
const BESIDES: u64 = 256;

/// How many ports a system hands out by default to connections that ask for none (the usual
/// `ip_local_port_range`).
const PORTS: u64 = 28_000;

/// What a plan needs and this machine does not give.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreflightError {
    /// Too few files may be open.
    #[error(
        "{needed} files have to be open at once, and no more than {most} may be: raise the limit \
         (`ulimit -n {needed}`, or LimitNOFILE= of the service), or ask for fewer members"
    )]
    Files {
        /// How many the plan needs.
        needed: u64,
        /// How many are allowed.
        most: u64,
    },
    /// Too few ports lead to one address.
    #[error(
        "{needed} connections to one address need as many ports, of which a system has some {PORTS}; only \
         to 127.0.0.1 are they made from several addresses: share the plan over several machines \
         (--shard), or ask for fewer members"
    )]
    Ports {
        /// How many connections the plan needs.
        needed: u64,
    },
}

/// Raises the limit on open files as far as the plan needs it, for this process and for the servers
/// that it starts; or says what is missing.
///
/// A server needs as many files as its clients, and inherits the limit.
pub(crate) fn prepare(connections: u64, is_loopback: bool) -> Result<u64, PreflightError> {
    if !is_loopback && connections > PORTS {
        let needed = connections;
        return Err(PreflightError::Ports { needed });
    }
    let needed = connections + BESIDES;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return Ok(needed);
    };
    if needed > hard {
        return Err(PreflightError::Files { needed, most: hard });
    }
    // All that may be had: servers have files of their own open.
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_err() && needed > soft {
        return Err(PreflightError::Files { needed, most: soft });
    }
    Ok(hard)
}

/// How many connections of ours a plan has at once, at most.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of guests, which is positive and small"
)]
pub(crate) fn connections(plan: &Plan) -> u64 {
    let members = plan.connections();
    // Who is on long-polling has two; guests stay for a second, and may take long to come in.
    let polling = members * u64::from(plan.polling) / 100;
    members + polling + (plan.guests * 20.0) as u64
}

/// How many members each room of a plan can have, for all that this machine allows.
pub(crate) fn most_members(plan: &Plan) -> u32 {
    let most = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(_, hard)| hard);
    let mut plan = plan.clone();
    plan.members = 100;
    let a_hundred = connections(&plan).max(1);
    u32::try_from(most.saturating_sub(BESIDES) * 100 / a_hundred).unwrap_or(u32::MAX)
}

/// The cores for the harness alone, where there are enough: a quarter of them, of four and more. On
/// fewer, a server would be measured on cores that it does not have elsewhere.
pub(crate) fn apart(asked: Option<u32>) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let all = cores();
    let mine = asked.map_or_else(
        || if all.len() >= 4 { all.len() / 4 } else { 0 },
        |asked| {
            usize::try_from(asked)
                .unwrap_or(usize::MAX)
                .min(all.len().saturating_sub(1))
        },
    );
    let split = all.len() - mine;
    let harness: BTreeSet<usize> = all.iter().copied().skip(split).collect();
    if harness.is_empty() {
        return (harness, BTreeSet::new());
    }
    (harness, all.into_iter().take(split).collect())
}

/// What this machine is.
pub(crate) fn machine(open_files: u64, harness_cores: &BTreeSet<usize>) -> Machine {
    let processor = CpuInfo::current().ok();
    let processor = processor.and_then(|info| info.model_name(0).map(str::to_owned));
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let kernel = procfs::KernelVersion::current().ok();
    let kernel = kernel.map(|kernel| format!(" {}.{}", kernel.major, kernel.minor));
    Machine {
        processor: processor.unwrap_or_else(|| "unknown".to_owned()),
        cores: number(cores().len()),
        memory: Meminfo::current().map_or(0, |memory| memory.mem_total),
        system: format!("Linux{}", kernel.unwrap_or_default()),
        open_files,
        harness_cores: harness_cores.iter().map(|&core| number(core)).collect(),
    }
}
