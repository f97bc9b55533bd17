//! All cases on one target: side by side where they may, alone where they must, and going on when
//! the server dies.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatspec_judge::check::check;
use chatspec_judge::expand::expand;
use chatspec_judge::history::{Header, History, Kind};
use chatspec_judge::ids::CaseId;
use chatspec_judge::ledger::{KnownFailure, missing};
use chatspec_judge::plan::{OpKind, Plan, Source};
use chatspec_judge::stored::report;
use chatspec_judge::suite::Suite;
use chatspec_judge::transcript::{as_scenario, transcript};
use chatspec_judge::verdict::{CaseReport, Rate, TargetReport, Verdict};
use chatspec_judge::ways::Ways;
use chatspec_notation::ast::Transport;
use futures_util::StreamExt;
use tokio::sync::Mutex;

use crate::client::foreign::Driver;
use crate::clock;
use crate::execute::{Execution, Ground, execute};
use crate::site::{Gone, add, again, died, header, revive, survey, undisturbed};
use crate::target::{Launcher, Running, Target};

/// How a run is to be done.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many cases run side by side on one server.
    pub jobs: usize,
    /// Where every generated name comes from.
    pub seed: u64,
    /// How often a broken case is run again, to tell how often it is broken.
    pub retries: u32,
    /// Whose clients take part; our own, where there is none.
    pub client: Option<Arc<Driver>>,
    /// Whether reports hold what happened in cases that passed, too.
    pub full: bool,
    /// The arguments, beyond case and target, that run a case again (`--scenarios DIR`).
    pub again: Vec<String>,
}

impl Options {
    /// What a target is called in the report of a run.
    pub fn named(&self, target: &Target) -> String {
        match &self.client {
            None => target.name.clone(),
            Some(client) => format!("{} through {}", target.name, client.spec().name),
        }
    }

    /// What is known of a case on a target. What a client fails, it fails on every server.
    fn known(&self, target: &Target, case: &CaseId) -> Option<KnownFailure> {
        let client = self.client.as_ref();
        client
            .and_then(|client| client.spec().ledger.entry(case))
            .or_else(|| target.ledger.entry(case))
            .cloned()
    }
}

/// Hears of each case when it is judged.
pub trait Audience: Sync {
    /// A case was judged.
    fn judged(&self, target: &str, report: &CaseReport, record: &Record<'_>);
}

/// What is left of the run of a case.
#[derive(Debug)]
pub struct Record<'a> {
    /// What was run.
    pub header: Header,
    /// What happened; judged again, it gives the same report.
    pub history: History,
    /// What it was a run of; none where nothing was run.
    plan: Option<&'a Plan>,
}

impl Record<'_> {
    /// What happened, as a scenario that can be run; none where nothing was run.
    pub fn transcript(&self) -> Option<String> {
        let plan = self.plan?;
        Some(as_scenario(plan, &transcript(plan, &self.history)))
    }
}

/// Judges `cases` of `suite` on `target`.
pub async fn judge_target(
    target: &Target,
    suite: &Suite,
    cases: &[CaseId],
    options: &Options,
    launcher: &Launcher,
    audience: &dyn Audience,
) -> TargetReport {
    let mut report = TargetReport {
        name: options.named(target),
        calibration: None,
        unavailable: None,
        cases: Vec::new(),
        ledger_problems: (target.ledger)
            .problems(&suite.cases().collect::<Vec<_>>(), &clock::today()),
    };
    let running = match Running::start(target, launcher).await {
        Ok(running) => running,
        Err(error) => {
            report.unavailable = Some(error.to_string());
            return report;
        }
    };
    let (mut ground, offered) = match survey(&running, target, options.seed, launcher).await {
        Ok(surveyed) => surveyed,
        Err(error) => {
            report.unavailable = Some(error.to_string());
            running.stop().await;
            return report;
        }
    };
    ground.driver.clone_from(&options.client);
    report.calibration = Some(ground.calibration.clone());
    let mut conductor = Conductor {
        target,
        suite,
        options,
        audience,
        ground,
        offered,
        reports: Vec::new(),
    };
    let running = conductor.conduct(running, cases).await;
    report.cases = conductor.reports;
    report.cases.sort_by(|one, other| one.case.cmp(&other.case));
    running.stop().await;
    report
}

struct Conductor<'a> {
    target: &'a Target,
    suite: &'a Suite,
    options: &'a Options,
    audience: &'a dyn Audience,
    ground: Ground,
    /// The transports that target.toml gives the server and that it does not refuse itself.
    offered: BTreeSet<Transport>,
    reports: Vec<CaseReport>,
}

/// How a case came out of the crowd.
enum Outcome {
    Judged(Box<(Plan, Execution)>),
    /// The server died while it ran, perhaps because of another.
    Suspect(CaseId, String),
    /// The server was dead before it could run.
    Waiting(CaseId),
}

impl Conductor<'_> {
    async fn conduct(&mut self, running: Running, cases: &[CaseId]) -> Running {
        let (mut alone, mut together) = (VecDeque::new(), Vec::new());
        for case in cases {
            let Some(source) = self.suite.scenario(&case.scenario) else {
                continue;
            };
            let needs = source.scenario.needs.iter().map(|need| &need.value);
            let mut lacking = missing(needs, &self.target.capabilities);
            if !self.ways().are_the_seeds() {
                let plan = expand(Arc::clone(source), case.clone(), self.options.seed, 0);
                let relies_on = self.ways().missing(&plan).into_iter();
                lacking.extend(relies_on.map(|ability| ability.to_string()));
            }
            lacking.extend(self.without(source, case));
            if let Some(client) = &self.options.client {
                lacking.extend(client.lacks(&self.plan(source, case.clone(), 0)));
            }
            if !lacking.is_empty() {
                self.skip(case, lacking);
            } else if runs_alone(source) {
                alone.push_back(case.clone());
            } else {
                together.push(case.clone());
            }
        }
        let running = Mutex::new(running);
        while !together.is_empty() {
            let (suspects, waiting) = self.crowd(&running, &together).await;
            together = waiting;
            if suspects.is_empty() {
                continue;
            }
            let mut running = running.lock().await;
            if let Some(gone) = revive(&mut self.ground, &mut running).await {
                self.lost(&suspects, together.drain(..).chain(alone.drain(..)), &gone);
                break;
            }
            // One of them did it; one by one they show which.
            let suspects: VecDeque<_> = suspects.into_iter().map(|(case, _)| case).collect();
            self.one_by_one(&mut running, suspects, 1).await;
        }
        let mut running = running.into_inner();
        self.one_by_one(&mut running, alone, 0).await;
        self.again(&mut running).await;
        running
    }

    /// Runs `cases` side by side. Gives those that were under way when the server died, with the
    /// cause, and those that had not begun.
    async fn crowd(
        &mut self,
        running: &Mutex<Running>,
        cases: &[CaseId],
    ) -> (Vec<(CaseId, String)>, Vec<CaseId>) {
        let dead = AtomicBool::new(false);
        let (mut suspects, mut waiting) = (Vec::new(), Vec::new());
        let (ground, suite, options) = (self.ground.clone(), self.suite, self.options);
        let target = self.target;
        let (dead, ground) = (&dead, &ground);
        let runs = cases.iter().cloned().map(|case| async move {
            let source = suite.scenario(&case.scenario).cloned();
            let Some(source) = source.filter(|_| !dead.load(Ordering::Acquire)) else {
                return Outcome::Waiting(case);
            };
            let plan = expand(source, case.clone(), options.seed, 0)
                .on(&target.capabilities)
                .in_ways(&ground.manners.ways);
            let execution = execute(&plan, ground, None).await;
            if !execution.findings.violations.is_empty()
                && let Some(cause) = running.lock().await.death().await
            {
                dead.store(true, Ordering::Release);
                return Outcome::Suspect(case, cause);
            }
            Outcome::Judged(Box::new((plan, execution)))
        });
        let jobs = if self.ways().need_the_server_alone() {
            1
        } else {
            self.options.jobs.max(1)
        };
        let mut runs = futures_util::stream::iter(runs).buffer_unordered(jobs);
        while let Some(outcome) = runs.next().await {
            match outcome {
                Outcome::Judged(run) => self.judged(&run.0, run.1),
                Outcome::Suspect(id, cause) => suspects.push((id, cause)),
                Outcome::Waiting(id) => waiting.push(id),
            }
        }
        (suspects, waiting)
    }

    /// Runs `cases` with nothing beside them, and brings the server back when one has killed it.
    async fn one_by_one(
        &mut self,
        running: &mut Running,
        mut cases: VecDeque<CaseId>,
        attempt: u32,
    ) {
        while let Some(case) = cases.pop_front() {
            let Some(source) = self.suite.scenario(&case.scenario) else {
                continue;
            };
            let plan = self.plan(source, case.clone(), attempt);
            let (execution, gone) = undisturbed(&mut self.ground, &plan, running).await;
            self.judged(&plan, execution);
            if let Some(gone) = gone {
                self.inconclusive(cases.drain(..), &gone.to_string());
            }
        }
    }

    /// Runs what was broken again, to tell how often it is. A verdict stays what it was: a bug that
    /// shows now and then is a bug.
    async fn again(&mut self, running: &mut Running) {
        /// Runs before these are the first one, and the one that tells which of many killed a server.
        const FIRST: u32 = 2;
        let broken = |report: &CaseReport| !report.verdict.violations().is_empty();
        if self.options.retries == 0 || running.death().await.is_some() {
            return;
        }
        let mut reports = std::mem::take(&mut self.reports);
        'cases: for first in reports.iter_mut().filter(|report| broken(report)) {
            let Some(source) = self.suite.scenario(&first.case.scenario) else {
                continue;
            };
            let mut rate = Rate { broken: 1, runs: 1 };
            for retry in 0..self.options.retries {
                let plan = self.plan(source, first.case.clone(), FIRST + retry);
                let (execution, gone) = undisturbed(&mut self.ground, &plan, running).await;
                let header = self.header(&plan, Vec::new());
                let (history, findings) = (execution.history, execution.findings);
                let again = report(&header, &plan, &history, findings, false);
                if !matches!(again.verdict, Verdict::Inconclusive { .. }) {
                    rate.runs += 1;
                    rate.broken += u32::from(broken(&again));
                }
                first.rate = Some(rate);
                if gone.is_some() {
                    break 'cases;
                }
            }
        }
        self.reports = reports;
    }

    /// A server died and stays away: a lone suspect did it, several cannot be told apart.
    fn lost(
        &mut self,
        suspects: &[(CaseId, String)],
        rest: impl Iterator<Item = CaseId>,
        gone: &Gone,
    ) {
        if let [(case, cause)] = suspects {
            if let Some(source) = self.suite.scenario(&case.scenario) {
                let plan = self.plan(source, case.clone(), 0);
                let mut execution = Execution::nothing();
                died(&plan, &mut execution, cause);
                self.judged(&plan, execution);
            }
        } else {
            let cause = suspects
                .first()
                .map(|(_, cause)| cause.as_str())
                .unwrap_or_default();
            let why = match gone {
                Gone::NotOurs => "is not ours to start again".to_owned(),
                Gone::ForGood(error) => format!("did not start again ({error})"),
            };
            let cause = format!(
                "the server died while several cases ran, and {why}: {cause}; with --jobs 1 the \
                 one that kills it is named"
            );
            self.inconclusive(suspects.iter().map(|(case, _)| case.clone()), &cause);
        }
        self.inconclusive(rest, &gone.to_string());
    }

    fn judged(&mut self, plan: &Plan, execution: Execution) {
        let Execution {
            history,
            findings,
            duration,
            lag_us,
        } = execution;
        let mut header = Header {
            duration_ms: clock::micros(duration) / 1000,
            harness_lag_us: lag_us,
            ..self.header(plan, Vec::new())
        };
        let full = self.options.full;
        let mut report = report(&header, plan, &history, findings, full);
        if self.options.client.is_some() && matches!(report.verdict, Verdict::UnexpectedPass { .. })
        {
            // Not every client gets at every bug of a server, and a client's own may be rare: what passes
            // here makes no ledger untrue.
            header.known = None;
            report.verdict = Verdict::Pass;
            if !full {
                report.transcript.clear();
                report.wire.clear();
            }
        }
        let record = Record {
            header,
            history,
            plan: Some(plan),
        };
        self.reported(report, &record);
    }

    /// The transports of a case that the server does not have.
    fn without(&self, source: &Arc<Source>, case: &CaseId) -> BTreeSet<String> {
        if self.offered.len() == Transport::ALL.len() {
            return BTreeSet::new();
        }
        let plan = self.plan(source, case.clone(), 0);
        let via = plan.ops.iter().filter_map(|op| match &op.kind {
            OpKind::Connect { via, .. } => Some(*via),
            _ => None,
        });
        let lacking = via.filter(|via| !self.offered.contains(via));
        lacking.map(|via| format!("transport {via}")).collect()
    }

    fn skip(&mut self, case: &CaseId, lacks: Vec<String>) {
        self.not_run(case, lacks, History::default());
    }

    fn inconclusive(&mut self, cases: impl Iterator<Item = CaseId>, cause: &str) {
        for case in cases {
            let mut history = History::default();
            let cause = cause.to_owned();
            add(&mut history, Kind::GaveUp { cause });
            self.not_run(&case, Vec::new(), history);
        }
    }

    /// A case that was not run; `history` says why, where `lacks` does not.
    fn not_run(&mut self, case: &CaseId, lacks: Vec<String>, history: History) {
        let Some(source) = self.suite.scenario(&case.scenario) else {
            return;
        };
        let plan = self.plan(source, case.clone(), 0);
        let header = self.header(&plan, lacks);
        let findings = check(&plan, &history);
        let report = report(&header, &plan, &history, findings, self.options.full);
        let record = Record {
            header,
            history,
            plan: None,
        };
        self.reported(report, &record);
    }

    fn reported(&mut self, report: CaseReport, record: &Record<'_>) {
        self.audience.judged(&record.header.target, &report, record);
        self.reports.push(report);
    }

    /// What a run of `case` on this target does, for the `attempt`th time.
    fn plan(&self, source: &Arc<Source>, case: CaseId, attempt: u32) -> Plan {
        expand(Arc::clone(source), case, self.options.seed, attempt)
            .on(&self.target.capabilities)
            .in_ways(self.ways())
    }

    /// In which ways the target's chat differs from the contract.
    const fn ways(&self) -> &Ways {
        &self.ground.manners.ways
    }

    fn header(&self, plan: &Plan, lacks: Vec<String>) -> Header {
        let seed = self.options.seed.to_string();
        let more = self.options.again.iter().map(String::as_str);
        let more = more.chain(["--seed", &seed]);
        let again = again(&plan.case.to_string(), self.target, more);
        let clauses = self.suite.clause_notes(&plan.source);
        Header {
            lacks,
            target: self.options.named(self.target),
            known: self.options.known(self.target, &plan.case),
            ..header(plan, self.target, &self.ground, clauses, again)
        }
    }
}

/// Whether nothing may run beside a scenario: it says so, or it restarts the server.
fn runs_alone(source: &Arc<Source>) -> bool {
    let case = CaseId {
        scenario: chatspec_judge::ids::ScenarioId::from_path(""),
        transport: Transport::Websocket,
    };
    source.scenario.alone
        || expand(Arc::clone(source), case, 0, 0)
            .ops
            .iter()
            .any(|op| matches!(op.kind, OpKind::RestartServer))
}
