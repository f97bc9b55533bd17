//! One turn on one target: its workers, from the first connection to the last straggler.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use chatspec_judge::bench::measured::{Harness, Joined, Server, Shard};
use chatspec_judge::bench::{Plan, Turn};
use chatspec_runner::target::Processes;
use mio::Waker;

use crate::clock::{Nanos, nanos, real, seconds};
use crate::http::Place;
use crate::processes::{Taken, my_memory, pin_myself, taken};
use crate::text::Origin;
use crate::worker::{Assignment, Command, Live, Outcome, Report, Worker};

/// Where a chat is, and whose processes it is.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its address.
    pub address: SocketAddr,
    /// `host:port`, as a request names it.
    pub authority: String,
    /// The path of the Engine.IO endpoint, with both slashes.
    pub path: String,
    /// Its processes, if we started them.
    pub processes: Option<Processes>,
}

/// How a load is put on a target.
#[derive(Clone, Debug)]
pub struct Setup {
    /// How many workers share the rooms.
    pub workers: u32,
    /// The cores that they run on; all where there are none.
    pub cores: BTreeSet<usize>,
    /// Which part of the plan is ours, where it is not all of it.
    pub shard: Option<Shard>,
    /// What the rooms of this turn are called, so that they are nobody's else.
    pub tag: u32,
    /// When the first message is due, in nanoseconds since 1970 (UTC); as soon as everybody is in
    /// unless stated.
    pub chat_at: Option<u64>,
}

/// Why a turn has no result.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// Whoever watches wants no more.
    #[error("ended before there was a result")]
    Told,
    /// The system refuses what a worker needs.
    #[error("a worker cannot work: {0}")]
    Worker(#[source] io::Error),
    /// A worker broke.
    #[error("a worker broke, which is a bug of ours")]
    Broke,
    /// Nobody came in.
    #[error("nobody came in: {0}")]
    Nobody(String),
    /// The members of a part were still coming in when its first message was due.
    #[error(
        "everybody was in {late:.1} s after the first message was due, so that the parts did not chat at \
         once: ask for a longer --join-time"
    )]
    TooLate {
        /// By how much, in seconds.
        late: f64,
    },
}

/// What watches a turn; it may end it.
pub type Watch<'a> = dyn FnMut(&Live) -> ControlFlow<()> + 'a;

/// How often the server's memory is looked at, and the watcher told.
const LOOK: Duration = Duration::from_millis(250);

/// How long after everybody is in the first message is due: all workers know of it by then.
const SOON: u64 = 100_000_000;

/// Puts the load of `plan` on `site` once.
pub fn turn(
    site: &Site,
    plan: &Plan,
    setup: &Setup,
    watch: &mut Watch<'_>,
) -> Result<Turn, TurnError> {
    let processes = site.processes.as_ref();
    let before = Memory::now(processes);
    let mut crew = Crew::start(site, plan, setup)?;
    let joined = crew.joined(watch)?;
    if joined.members == 0 {
        let reasons = joined
            .failures
            .iter()
            .map(|(reason, times)| format!("{reason} ({times})"));
        return Err(TurnError::Nobody(reasons.collect::<Vec<_>>().join(", ")));
    }
    let after = Memory::now(processes);
    let begins = begins(setup)?;
    crew.chat(begins);
    let window = begins.plus(nanos(plan.warm_up));
    let began = seconds(real()) + seconds(window.since(Nanos::now()));
    let (outcomes, server) = crew.done(processes, window, nanos(plan.duration), watch)?;
    let server = server.map(|taken| Server {
        cpu: taken.cpu,
        memory_before: before.server,
        memory_joined: after.server,
        memory_peak: taken.memory.max(after.server),
    });
    let mut turn = put_together(outcomes, joined, began, server);
    turn.harness.memory_before = before.mine;
    turn.harness.memory_joined = after.mine;
    Ok(turn)
}

/// When the first message is due.
fn begins(setup: &Setup) -> Result<Nanos, TurnError> {
    let (now, today) = (Nanos::now(), real());
    let Some(at) = setup.chat_at else {
        return Ok(now.plus(SOON));
    };
    if today > at {
        let late = seconds(today - at);
        return Err(TurnError::TooLate { late });
    }
    Ok(now.plus(at - today))
}

/// The numbers of the rooms of a part, or of all.
fn rooms(plan: &Plan, shard: Option<Shard>) -> Vec<u32> {
    let mine = |room: &u32| shard.is_none_or(|shard| room % shard.of == shard.part - 1);
    (0..plan.rooms).filter(mine).collect()
}

/// Memory at one time, in bytes.
struct Memory {
    mine: u64,
    server: u64,
}

impl Memory {
    fn now(server: Option<&Processes>) -> Self {
        Self {
            mine: my_memory(),
            server: server.and_then(taken).map_or(0, |taken| taken.memory),
        }
    }
}

/// The workers of a turn. Dropped, it ends them.
struct Crew {
    workers: Vec<Hand>,
    reports: Receiver<(usize, Report)>,
    live: BTreeMap<usize, Live>,
}

struct Hand {
    commands: Sender<Command>,
    waker: Arc<Waker>,
    thread: Option<JoinHandle<()>>,
}

impl Crew {
    fn start(site: &Site, plan: &Plan, setup: &Setup) -> Result<Self, TurnError> {
        let rooms = rooms(plan, setup.shard);
        let (part, of) = setup
            .shard
            .map_or((0, 1), |shard| (shard.part - 1, shard.of));
        let workers = setup
            .workers
            .clamp(1, u32::try_from(rooms.len()).unwrap_or(u32::MAX).max(1));
        let (sender, reports) = channel();
        let mut crew = Self {
            workers: Vec::new(),
            reports,
            live: BTreeMap::new(),
        };
        let mut connections_before = 0;
        for number in 0..workers {
            let mine = rooms
                .iter()
                .copied()
                .skip(number as usize)
                .step_by(workers as usize);
            let mine: Vec<u32> = mine.collect();
            let connections = u32::try_from(mine.len())
                .unwrap_or(u32::MAX)
                .saturating_mul(plan.members);
            let assignment = Assignment {
                plan: plan.clone(),
                rooms: mine,
                named: format!("bench-{:08x}", setup.tag),
                place: (part * workers + number, of * workers),
                origin: origin(setup.tag, part * workers + number),
                address: site.address,
                endpoint: Place {
                    authority: site.authority.clone(),
                    path: site.path.clone(),
                },
                connections_before,
            };
            connections_before = connections_before.saturating_add(connections);
            crew.hire(assignment, &sender, &setup.cores)
                .map_err(TurnError::Worker)?;
        }
        Ok(crew)
    }

    fn hire(
        &mut self,
        assignment: Assignment,
        reports: &Sender<(usize, Report)>,
        cores: &BTreeSet<usize>,
    ) -> io::Result<()> {
        let number = self.workers.len();
        let (commands, told) = channel();
        let worker = Worker::new(assignment, number, told, reports.clone())?;
        let waker = worker.waker();
        let cores = cores.clone();
        let thread = thread::Builder::new().name(format!("bench-{number}"));
        let thread = thread.spawn(move || {
            pin_myself(&cores);
            worker.run();
        })?;
        self.workers.push(Hand {
            commands,
            waker,
            thread: Some(thread),
        });
        Ok(())
    }

    /// Waits until everybody who can be let in is in.
    fn joined(&mut self, watch: &mut Watch<'_>) -> Result<Joined, TurnError> {
        let mut all = Joined::default();
        let mut waiting = self.workers.len();
        while waiting > 0 {
            if let Some(Report::Joined(joined)) = self.report(LOOK, watch)? {
                all.add(&joined);
                waiting -= 1;
            }
        }
        Ok(all)
    }

    fn chat(&self, begins: Nanos) {
        for worker in &self.workers {
            worker.tell(Command::Chat(begins));
        }
    }

    /// Waits until all is over: what each worker found, and what the server took in the measured time.
    fn done(
        &mut self,
        server: Option<&Processes>,
        window: Nanos,
        duration: u64,
        watch: &mut Watch<'_>,
    ) -> Result<(Vec<Outcome>, Option<Taken>), TurnError> {
        let mut outcomes = Vec::new();
        let (mut before, mut after) = (None, None);
        let mut peak = 0;
        while outcomes.len() < self.workers.len() {
            let now = Nanos::now();
            let ends = window.plus(duration);
            if after.is_none()
                && let Some(Taken { cpu, memory }) = server.and_then(taken)
            {
                peak = peak.max(memory);
                if now >= window && before.is_none() {
                    before = Some(cpu);
                }
                if now >= ends {
                    after = Some(cpu);
                }
            }
            let next = if now < window { window } else { ends };
            let wait = Duration::from_nanos(next.since(now)).clamp(Duration::from_millis(1), LOOK);
            if let Some(Report::Done(outcome)) = self.report(wait, watch)? {
                outcomes.push(*outcome);
            }
        }
        // The last worker may have been done before we looked.
        let now = server.and_then(taken);
        let all = before.zip(now).map(|(before, now)| Taken {
            cpu: after.unwrap_or(now.cpu) - before,
            memory: peak.max(now.memory),
        });
        Ok((outcomes, all))
    }

    /// The next report but for how it goes, which is for the watcher; none if there is none in time.
    fn report(
        &mut self,
        wait: Duration,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Report>, TurnError> {
        match self.reports.recv_timeout(wait) {
            Ok((number, Report::Live(live))) => {
                self.live.insert(number, live);
                let mut all = Live::default();
                for live in self.live.values() {
                    all.add(live);
                }
                match watch(&all) {
                    ControlFlow::Continue(()) => Ok(None),
                    ControlFlow::Break(()) => Err(TurnError::Told),
                }
            }
            Ok((_, Report::Failed(error))) => Err(TurnError::Worker(error)),
            Ok((_, report)) => Ok(Some(report)),
            Err(RecvTimeoutError::Timeout) if self.is_broken() => Err(TurnError::Broke),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(TurnError::Broke),
        }
    }

    /// Whether a worker ended without a word, which only a panic does.
    fn is_broken(&mut self) -> bool {
        self.workers.iter_mut().any(|worker| {
            let ended = worker.thread.take_if(|thread| thread.is_finished());
            ended.is_some_and(|thread| thread.join().is_err())
        })
    }
}

impl Hand {
    fn tell(&self, command: Command) {
        if self.commands.send(command).is_err() {
            tracing::debug!("a worker that ended was told something");
        }
        self.wake();
    }

    fn wake(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "a worker cannot be woken");
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        // Nobody listens any more, which is what they are told by their own reports.
        let (_, nobody) = channel();
        self.reports = nobody;
        for worker in &self.workers {
            worker.wake();
        }
        for worker in &mut self.workers {
            if let Some(thread) = worker.thread.take()
                && thread.join().is_err()
            {
                tracing::warn!("a worker broke");
            }
        }
    }
}

/// What the messages of a worker say they come from: another one in each turn and part, so that what a
/// server keeps for too long, or hands to another room, is not taken for ours.
fn origin(tag: u32, worker: u32) -> Origin {
    let mixed = tag.wrapping_mul(0x9e37).wrapping_add(worker);
    let [one, other, ..] = mixed.to_le_bytes();
    Origin(u16::from_le_bytes([one, other]))
}

/// The turn that all workers had together.
fn put_together(
    outcomes: Vec<Outcome>,
    joined: Joined,
    began: f64,
    server: Option<Server>,
) -> Turn {
    let turns = outcomes.into_iter().map(|outcome| of_one(outcome, began));
    let all = turns.reduce(|mut all, turn| {
        all.add(&turn);
        all
    });
    Turn {
        joined,
        server,
        ..all.unwrap_or_default()
    }
}

fn of_one(outcome: Outcome, began: f64) -> Turn {
    let figures = outcome.figures;
    Turn {
        began,
        measured: outcome.measured,
        reach: figures.reach,
        latency: figures.latency,
        uncorrected: figures.uncorrected,
        ack: figures.ack,
        first: figures.first,
        median: figures.median,
        last: figures.last,
        seconds: figures.seconds,
        guests: outcome.guests,
        harness: Harness {
            workers: 1,
            busy: outcome.cpu / outcome.measured.max(f64::MIN_POSITIVE),
            cpu: outcome.cpu,
            send_lag: figures.send_lag,
            read_lag: (!outcome.read_lag.is_empty()).then_some(outcome.read_lag),
            ..Harness::default()
        },
        ..Turn::default()
    }
}

impl Live {
    fn add(&mut self, other: &Self) {
        self.joined += other.joined;
        self.due += other.due;
        self.owed += other.owed;
        self.received += other.received;
        self.latency.add(&other.latency);
    }
}
