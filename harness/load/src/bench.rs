//! A whole bench: the null server and every target, in turns.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatspec_judge::bench::limit::{LimitError, Search};
use chatspec_judge::bench::measured::{Bench, FORMAT, Raised, Shard, TargetTurns, Turn};
use chatspec_judge::bench::{Objective, Plan};
use chatspec_runner::target::{Endpoint, Launch, Launcher, NULL, Running, Target};

use crate::Live;
use crate::clock::{nanos, real, seconds, wait_until};
use crate::machine::{PreflightError, apart, connections, machine, most_members, prepare};
use crate::processes::pin;
use crate::turn::{Setup, Site, TurnError, turn};

/// What is asked of a bench.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The load.
    pub plan: Plan,
    /// The name of the profile that it is, unchanged.
    pub profile: Option<String>,
    /// Who bears it.
    pub targets: Vec<Target>,
    /// Whether the null server is measured too.
    pub null: bool,
    /// What to look for the limit of, and in which ways to raise the load.
    pub limit: Option<(Objective, Vec<Raised>)>,
    /// How many cores the harness has for itself; by itself unless stated.
    pub harness_cores: Option<u32>,
    /// How many workers there are; one for each core of the harness unless stated.
    pub workers: Option<u32>,
    /// Which part of a plan this is, and when all parts begin.
    pub part: Option<Part>,
    /// What tells the rooms of one bench from those of another.
    pub seed: u32,
}

/// One part of a plan that several processes carry out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Which part.
    pub shard: Shard,
    /// When all parts begin, in seconds since 1970 (UTC).
    pub start_at: f64,
    /// How long all members have to come in before the first message is due, in seconds.
    pub join_time: f64,
}

/// What hears how it goes.
pub trait Watcher: Send + Sync {
    /// A turn begins.
    fn begins(&self, stage: &Stage<'_>);
    /// It goes on.
    fn live(&self, live: &Live);
    /// It is over.
    fn ends(&self, turn: &Turn);
}

/// Where a bench is.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// Who is measured.
    pub target: &'a str,
    /// Which turn it is, from 1, and of how many; none in the search for a limit, whose end nobody
    /// knows.
    pub turn: Option<(u32, u32)>,
    /// The load of it.
    pub plan: &'a Plan,
}

/// A bench that cannot be done. What a target does is never one.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The machine is not enough.
    #[error(transparent)]
    Preflight(#[from] PreflightError),
    /// The search for the limit cannot be done.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

/// Measures every target of `ask`, in turns. A target that does not start, or not any more, says so in
/// its place; the others are measured all the same.
pub async fn bench(
    ask: &Ask,
    launcher: &Launcher,
    watcher: &Arc<dyn Watcher>,
) -> Result<Bench, BenchError> {
    let open_files = prepare(connections(&ask.plan), ask.targets.iter().all(is_here))?;
    // What cannot be raised is said before the work, and not when all else is measured.
    if let Some((objective, ways)) = &ask.limit {
        for &raised in ways {
            search(&ask.plan, *objective, raised)?;
        }
    }
    let (harness, servers) = apart(ask.harness_cores);
    let began = real();
    let workers = ask
        .workers
        .unwrap_or_else(|| u32::try_from(harness.len()).unwrap_or(1).max(1));
    let mut bout = Bout {
        ask,
        launcher,
        watcher,
        harness: &harness,
        servers: &servers,
        workers,
        turns: 0,
    };
    let mut null = if ask.null {
        Some(bout.start(NULL).await)
    } else {
        None
    };
    let mut all = Vec::new();
    for target in &ask.targets {
        all.push(bout.start_target(target).await);
    }
    for _ in 0..ask.plan.repeats {
        for contender in null.iter_mut().chain(&mut all) {
            bout.measure(contender, &ask.plan).await;
        }
    }
    let null = match null {
        Some(null) => Some(null.end().await),
        None => None,
    };
    if let Some((objective, ways)) = &ask.limit {
        for contender in &mut all {
            for &raised in ways {
                bout.search(contender, *objective, raised).await?;
            }
        }
    }
    let mut targets = Vec::new();
    for contender in all {
        targets.push(contender.end().await);
    }
    let contention = match (&null, harness.is_empty()) {
        (Some(_), true) => bout.contention(&targets).await,
        _ => None,
    };
    Ok(Bench {
        format: FORMAT,
        chatspec: env!("CARGO_PKG_VERSION").to_owned(),
        profile: ask.profile.clone(),
        plan: ask.plan.clone(),
        machine: machine(open_files, &harness),
        shard: ask.part.map(|part| part.shard),
        began: seconds(began),
        took: seconds(real().saturating_sub(began)),
        null,
        contention,
        merged: None,
        targets,
    })
}

/// The search for the load at which an objective breaks, on any target.
fn search(plan: &Plan, objective: Objective, raised: Raised) -> Result<Search, LimitError> {
    Search::new(objective, raised, plan, Some(most_members(plan)))
}

/// A bench that is under way.
struct Bout<'a> {
    ask: &'a Ask,
    launcher: &'a Launcher,
    watcher: &'a Arc<dyn Watcher>,
    harness: &'a BTreeSet<usize>,
    servers: &'a BTreeSet<usize>,
    workers: u32,
    /// How many turns there were.
    turns: u32,
}

/// A target, and what was measured on it.
struct Contender {
    running: Option<Running>,
    found: TargetTurns,
}

impl Contender {
    /// What was measured, when it is measured no more.
    async fn end(mut self) -> TargetTurns {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.found
    }

    /// Takes note that it cannot be measured any more.
    fn failed(&mut self, why: String) {
        self.found.failed.get_or_insert(why);
    }
}

impl Bout<'_> {
    /// Starts the null server, with options or without.
    async fn start(&self, word: &str) -> Contender {
        match Target::parse(word) {
            Ok(target) => self.start_target(&target).await,
            Err(error) => Contender {
                running: None,
                found: TargetTurns {
                    failed: Some(error.to_string()),
                    ..TargetTurns::new(word)
                },
            },
        }
    }

    async fn start_target(&self, target: &Target) -> Contender {
        let mut contender = Contender {
            running: None,
            found: TargetTurns::new(&target.name),
        };
        if !target.manners.are_plain() {
            // A member of a bench is a few words of memory, and speaks one language.
            let why = "its target.toml has [connection], [events] or `lacks`, and the load clients speak \
                       the seed contract alone; `chatspec run` judges it";
            contender.failed(why.to_owned());
            return contender;
        }
        if let Launch::Url(nodes) = &target.launch
            && nodes.iter().any(|node| node.secure)
        {
            let why = "the load clients do not speak TLS; `chatspec run` judges it";
            contender.failed(why.to_owned());
            return contender;
        }
        match Running::start(target, self.launcher).await {
            Ok(running) => {
                if let Some(processes) = running.processes() {
                    pin(&processes, self.servers);
                }
                contender.running = Some(running);
            }
            Err(error) => contender.failed(error.to_string()),
        }
        contender
    }

    /// Measures a target once more, if it is still there.
    async fn measure(&mut self, contender: &mut Contender, plan: &Plan) {
        let nth = u32::try_from(contender.found.turns.len()).unwrap_or(u32::MAX);
        let stage = Some((nth.saturating_add(1), self.ask.plan.repeats));
        if let Some(turn) = self.turn(contender, plan, stage).await {
            contender.found.turns.push(turn);
        }
    }

    /// Looks for the load at which the objective breaks.
    async fn search(
        &mut self,
        contender: &mut Contender,
        objective: Objective,
        raised: Raised,
    ) -> Result<(), BenchError> {
        let mut search = search(&self.ask.plan, objective, raised)?;
        while let Some(plan) = search.next() {
            match self.turn(contender, &plan, None).await {
                Some(turn) => search.found(turn),
                None => break,
            }
        }
        contender.found.limits.push(search.finish());
        Ok(())
    }

    /// Measures the null server while it burns what the busiest target took: what it costs everybody
    /// that server and harness share their cores.
    async fn contention(&mut self, targets: &[TargetTurns]) -> Option<TargetTurns> {
        let burnt = |turn: &Turn| Some(turn.server?.cpu / turn.measured.max(f64::MIN_POSITIVE));
        let turns = targets.iter().flat_map(|target| &target.turns);
        let most = turns.filter_map(burnt).fold(0.0, f64::max);
        if most <= 0.0 {
            return None;
        }
        let mut null = self.start(&format!("{NULL}:burn={most:.2}")).await;
        let plan = &self.ask.plan;
        let is_first = Some((1, 1));
        if let Some(turn) = self.turn(&mut null, plan, is_first).await {
            null.found.turns.push(turn);
        }
        Some(null.end().await)
    }

    /// One turn, on a thread of its own; none where the target does not bear it, which is noted.
    async fn turn(
        &mut self,
        contender: &mut Contender,
        plan: &Plan,
        number: Option<(u32, u32)>,
    ) -> Option<Turn> {
        let running = contender.running.as_mut()?;
        if contender.found.failed.is_some() {
            return None;
        }
        self.watcher.begins(&Stage {
            target: &contender.found.name,
            turn: number,
            plan,
        });
        let chat_at = match &self.ask.part {
            None => None,
            Some(part) => Some(part.chat_at(plan, self.turns).await),
        };
        self.turns += 1;
        let done = match site(running).await {
            Ok(site) => {
                let setup = Setup {
                    workers: self.workers,
                    cores: self.harness.clone(),
                    shard: self.ask.part.map(|part| part.shard),
                    tag: self.ask.seed.wrapping_add(self.turns),
                    chat_at,
                };
                self.on_a_thread(site, plan.clone(), setup)
                    .await
                    .map_err(|error| error.to_string())
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(turn) => {
                self.watcher.ends(&turn);
                Some(turn)
            }
            Err(why) => {
                // A server that died says more than the connections that it left behind.
                let death = running.death().await;
                let why = death.map_or(why.clone(), |death| format!("{why}; {death}"));
                contender.failed(why);
                None
            }
        }
    }

    async fn on_a_thread(&self, site: Site, plan: Plan, setup: Setup) -> Result<Turn, TurnError> {
        let is_over = Arc::new(AtomicBool::new(false));
        // Whoever stops waiting for the turn ends it.
        let _guard = EndsOnDrop(Arc::clone(&is_over));
        let watcher = Arc::clone(self.watcher);
        let work = move || {
            turn(&site, &plan, &setup, &mut |live| {
                watcher.live(live);
                if is_over.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
        };
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or(Err(TurnError::Broke))
    }
}

struct EndsOnDrop(Arc<AtomicBool>);

impl Drop for EndsOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Part {
    /// How long what is under way is waited for after the last message, as part of the timetable.
    const AFTERWARDS: f64 = 10.0;

    /// Waits until the turn with this number begins; when its first message is due. All parts have the
    /// same timetable, so that nobody has to tell them.
    async fn chat_at(&self, plan: &Plan, turn: u32) -> u64 {
        let a_turn = self.join_time + plan.warm_up + plan.duration + Self::AFTERWARDS;
        let begins = self.start_at + f64::from(turn) * a_turn;
        wait_until(nanos(begins)).await;
        nanos(begins + self.join_time)
    }
}

/// Whether a target is on this machine, as all are that we start.
fn is_here(target: &Target) -> bool {
    let Launch::Url(nodes) = &target.launch else {
        return true;
    };
    let endpoint = nodes.first();
    let address: Result<IpAddr, _> = endpoint.host.parse();
    endpoint.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Where a target that runs is reached.
async fn site(running: &Running) -> Result<Site, String> {
    let endpoint = running.endpoint();
    Ok(Site {
        address: address(endpoint).await?,
        authority: endpoint.authority(),
        path: endpoint.path.clone(),
        processes: running.processes(),
    })
}

async fn address(endpoint: &Endpoint) -> Result<SocketAddr, String> {
    let host = (endpoint.host.as_str(), endpoint.port);
    let found = tokio::net::lookup_host(host)
        .await
        .map_err(|error| error.to_string())?;
    let mut found: Vec<SocketAddr> = found.collect();
    // As everywhere in this program: what is called `localhost` is looked for where most servers are.
    found.sort_by_key(SocketAddr::is_ipv6);
    found
        .first()
        .copied()
        .ok_or_else(|| format!("{} has no address", endpoint.host))
}
