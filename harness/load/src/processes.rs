//! What the processes of a server, and our own, take of the machine.

use std::collections::BTreeSet;

use chatspec_runner::target::Processes;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use procfs::process::{Process, Stat, all_processes};

/// What processes have taken so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Taken {
    /// Processor time in seconds, with that of children that have ended.
    pub(crate) cpu: f64,
    /// Resident memory in bytes: now, or the most that was seen.
    pub(crate) memory: u64,
}

/// What a server's processes have taken; none where none of them is on this machine.
pub(crate) fn taken(server: &Processes) -> Option<Taken> {
    let taken = stats(server).map(|(_, stat)| {
        let ended = stat.cutime.unsigned_abs() + stat.cstime.unsigned_abs();
        Taken {
            cpu: ticks(stat.utime + stat.stime + ended),
            memory: stat.rss * procfs::page_size(),
        }
    });
    taken.reduce(|all, one| Taken {
        cpu: all.cpu + one.cpu,
        memory: all.memory + one.memory,
    })
}

/// Has a server run on these cores only. Processes that end meanwhile need not.
pub(crate) fn pin(server: &Processes, cores: &BTreeSet<usize>) {
    let Some(set) = set(cores) else {
        return;
    };
    for (process, _) in stats(server) {
        let Ok(tasks) = process.tasks() else {
            continue;
        };
        for task in tasks.flatten() {
            if let Err(error) = sched_setaffinity(Pid::from_raw(task.tid), &set) {
                tracing::debug!(%error, task.tid, "a thread was not pinned");
            }
        }
    }
}

/// The processes of a server, each as it was looked at. One may end meanwhile, and is left out.
fn stats(server: &Processes) -> impl Iterator<Item = (Process, Stat)> {
    let all = all_processes().into_iter().flatten().flatten();
    all.filter_map(move |process| {
        let stat = process.stat().ok()?;
        let is_of_it = match server {
            Processes::Group(leader) => stat.pgrp == *leader,
            Processes::Container(id) => is_in(&process, id),
        };
        is_of_it.then_some((process, stat))
    })
}

/// Whether a process is in this container: engines put what they call it into the names of control
/// groups, of both versions (cgroups(7)).
fn is_in(process: &Process, container: &str) -> bool {
    let groups = process.cgroups().into_iter().flatten();
    groups
        .into_iter()
        .any(|group| group.pathname.contains(container))
}

/// Has the calling thread, and those that it starts, run on these cores only.
pub(crate) fn pin_myself(cores: &BTreeSet<usize>) {
    if let Some(set) = set(cores)
        && let Err(error) = sched_setaffinity(Pid::from_raw(0), &set)
    {
        tracing::debug!(%error, "this thread was not pinned");
    }
}

/// The cores that this process may run on.
pub(crate) fn cores() -> BTreeSet<usize> {
    let Ok(set) = sched_getaffinity(Pid::from_raw(0)) else {
        return BTreeSet::new();
    };
    (0..CpuSet::count())
        .filter(|&core| set.is_set(core).unwrap_or(false))
        .collect()
}

/// Our own resident memory in bytes.
pub(crate) fn my_memory() -> u64 {
    let stat = Process::myself().and_then(|process| process.stat());
    stat.map_or(0, |stat| stat.rss * procfs::page_size())
}

fn set(cores: &BTreeSet<usize>) -> Option<CpuSet> {
    let mut set = CpuSet::new();
    for &core in cores {
        set.set(core).ok()?;
    }
    (!cores.is_empty()).then_some(set)
}

/// Seconds in clock ticks.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn ticks(ticks: u64) -> f64 {
    ticks as f64 / procfs::ticks_per_second() as f64
}
