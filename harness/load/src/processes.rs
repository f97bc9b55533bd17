//! What the processes of a server, and our own, take of the machine.

use std::collections::BTreeSet;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use procfs::process::{Process, Stat, all_processes};

/// The processes of a group: a server that we started, and all that it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group(
    /// The number of the process that leads it.
    pub i32,
);

/// What a group of processes has taken so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Taken {
    /// Processor time in seconds, with that of children that have ended.
    pub(crate) cpu: f64,
    /// Resident memory in bytes: now, or the most that was seen.
    pub(crate) memory: u64,
}

impl Group {
    /// What its processes have taken; nothing where they cannot be looked at.
    pub(crate) fn taken(self) -> Taken {
        let mut all = Taken::default();
        for (_, stat) in self.processes() {
            let ended = stat.cutime.unsigned_abs() + stat.cstime.unsigned_abs();
            all.cpu += ticks(stat.utime + stat.stime + ended);
            all.memory += stat.rss * procfs::page_size();
        }
        all
    }

    /// Has it run on these cores only. Those that end meanwhile need not.
    pub(crate) fn pin(self, cores: &BTreeSet<usize>) {
        let Some(set) = set(cores) else {
            return;
        };
        for (process, _) in self.processes() {
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

    /// Its processes, each as it was looked at. One may end meanwhile, and is left out.
    fn processes(self) -> impl Iterator<Item = (Process, Stat)> {
        let all = all_processes().into_iter().flatten().flatten();
        let looked_at = all.filter_map(|process| {
            let stat = process.stat().ok()?;
            Some((process, stat))
        });
        looked_at.filter(move |(_, stat)| stat.pgrp == self.0)
    }
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
