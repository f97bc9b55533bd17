//! All cases on one target: side by side where they may, alone where they must, and going on when
//! the server dies.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatspec_judge::check::check;
use chatspec_judge::expand::expand;
use chatspec_judge::history::{Event, Header, History, Kind};
use chatspec_judge::ids::{CaseId, Seq};
use chatspec_judge::ledger::missing;
use chatspec_judge::plan::{OpKind, Plan, Source};
use chatspec_judge::stored::report;
use chatspec_judge::suite::Suite;
use chatspec_judge::transcript::{as_scenario, transcript};
use chatspec_judge::verdict::{CaseReport, Rate, TargetReport, Verdict};
use chatspec_notation::ast::Transport;
use futures_util::StreamExt;
use tokio::sync::Mutex;

use crate::calibrate::calibrate;
use crate::clock::{self, Allowance, LagMeter};
use crate::execute::{Execution, Ground, execute};
use crate::target::{Launcher, Running, Target, refused};

/// How a run is to be done.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many cases run side by side on one server.
    pub jobs: usize,
    /// Where every generated name comes from.
    pub seed: u64,
    /// How often a broken case is run again, to tell how often it is broken.
    pub retries: u32,
    /// The arguments, beyond case and target, that run a case again (`--scenarios DIR`).
    pub again: Vec<String>,
}

/// Hears of each case when it is judged.
pub trait Audience: Sync {
    /// A case was judged.
    fn judged(&self, target: &str, report: &CaseReport, record: &Record);
}

/// What is left of the run of a case.
#[derive(Debug)]
pub struct Record {
    /// What was run.
    pub header: Header,
    /// What happened; judged again, it gives the same report.
    pub history: History,
    /// What happened, as a scenario that can be run; none where nothing was run.
    pub transcript: Option<String>,
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
        name: target.name.clone(),
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
    let lag = LagMeter::start();
    let tag = format!("{:08x}-calibration", options.seed & 0xffff_ffff);
    let patience = Allowance::new(launcher.patience.answers, lag.clone());
    let refused = refused(running.endpoint(), &patience).await;
    let offered: BTreeSet<_> = target.transports.difference(&refused).copied().collect();
    // In the order of preference; a server that has none is asked all the same, and answers for it.
    let over = offered.first().copied().unwrap_or(Transport::Websocket);
    let calibration = calibrate(running.endpoint(), over, &tag, &lag).await;
    report.calibration = Some(calibration.clone());
    let ground = Ground {
        endpoint: running.endpoint().clone(),
        calibration,
        lag,
    };
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

/// Why a server that died is not there again.
enum Gone {
    /// Somebody else started it.
    NotOurs,
    /// It does not start again, for this reason.
    ForGood(String),
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("the server died in an earlier case"),
            Self::ForGood(error) => write!(f, "the server died and did not start again: {error}"),
        }
    }
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
            lacking.extend(self.without(source, case));
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
            if let Some(gone) = self.revive(&mut running).await {
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
        let (dead, ground) = (&dead, &ground);
        let runs = cases.iter().cloned().map(|case| async move {
            let source = suite.scenario(&case.scenario).cloned();
            let Some(source) = source.filter(|_| !dead.load(Ordering::Acquire)) else {
                return Outcome::Waiting(case);
            };
            let plan = expand(source, case.clone(), options.seed, 0);
            let execution = execute(&plan, ground, None).await;
            if !execution.findings.violations.is_empty()
                && let Some(cause) = running.lock().await.death().await
            {
                dead.store(true, Ordering::Release);
                return Outcome::Suspect(case, cause);
            }
            Outcome::Judged(Box::new((plan, execution)))
        });
        let mut runs = futures_util::stream::iter(runs).buffer_unordered(self.options.jobs.max(1));
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
            let plan = expand(Arc::clone(source), case.clone(), self.options.seed, attempt);
            let (execution, gone) = self.undisturbed(&plan, running).await;
            self.judged(&plan, execution);
            if let Some(gone) = gone {
                self.inconclusive(cases.drain(..), &gone.to_string());
            }
        }
    }

    /// Runs one plan, and brings the server back if it has killed it; why it is not back, if so.
    async fn undisturbed(
        &mut self,
        plan: &Plan,
        running: &mut Running,
    ) -> (Execution, Option<Gone>) {
        let ground = self.ground.clone();
        let mut execution = execute(plan, &ground, Some(&mut *running)).await;
        self.ground.endpoint = running.endpoint().clone();
        let Some(cause) = running.death().await else {
            return (execution, None);
        };
        died(plan, &mut execution, &cause);
        let gone = self.revive(running).await;
        (execution, gone)
    }

    /// Starts a server that has died again; why it is not back, if it is not.
    async fn revive(&mut self, running: &mut Running) -> Option<Gone> {
        if !running.is_managed() {
            return Some(Gone::NotOurs);
        }
        let restarted = running.restart().await;
        self.ground.endpoint = running.endpoint().clone();
        restarted
            .err()
            .map(|error| Gone::ForGood(error.to_string()))
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
                let (case, seed) = (first.case.clone(), self.options.seed);
                let plan = expand(Arc::clone(source), case, seed, FIRST + retry);
                let (execution, gone) = self.undisturbed(&plan, running).await;
                let header = self.header(&plan, Vec::new());
                let again = report(&header, &plan, &execution.history, execution.findings);
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
                let plan = expand(Arc::clone(source), case.clone(), self.options.seed, 0);
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
        let header = Header {
            duration_ms: clock::micros(duration) / 1000,
            harness_lag_us: lag_us,
            ..self.header(plan, Vec::new())
        };
        let report = report(&header, plan, &history, findings);
        let transcript = Some(as_scenario(plan, &transcript(plan, &history)));
        let record = Record {
            header,
            history,
            transcript,
        };
        self.reported(report, &record);
    }

    /// The transports of a case that the server does not have.
    fn without(&self, source: &Arc<Source>, case: &CaseId) -> BTreeSet<String> {
        if self.offered.len() == Transport::ALL.len() {
            return BTreeSet::new();
        }
        let plan = expand(Arc::clone(source), case.clone(), self.options.seed, 0);
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
        let plan = expand(Arc::clone(source), case.clone(), self.options.seed, 0);
        let header = self.header(&plan, lacks);
        let report = report(&header, &plan, &history, check(&plan, &history));
        let record = Record {
            header,
            history,
            transcript: None,
        };
        self.reported(report, &record);
    }

    fn reported(&mut self, report: CaseReport, record: &Record) {
        self.audience.judged(&self.target.name, &report, record);
        self.reports.push(report);
    }

    fn header(&self, plan: &Plan, lacks: Vec<String>) -> Header {
        let case = &plan.case;
        let mut again = vec!["chatspec run".to_owned(), quoted(&case.to_string())];
        if self.target.argument != "reference" {
            again.extend(["--target".to_owned(), quoted(&self.target.argument)]);
        }
        again.extend(self.options.again.iter().map(|word| quoted(word)));
        again.extend(["--seed".to_owned(), self.options.seed.to_string()]);
        Header {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            case: case.clone(),
            target: self.target.name.clone(),
            seed: plan.seed,
            attempt: plan.attempt,
            file: plan.source.file.clone(),
            scenario: plan.source.text.clone(),
            clauses: self.suite.clause_notes(&plan.source),
            lacks,
            known: self.target.ledger.entry(case).cloned(),
            calibration: Some(self.ground.calibration.clone()),
            duration_ms: 0,
            harness_lag_us: 0,
            again: again.join(" "),
        }
    }
}

impl Execution {
    /// A run of which nothing is left.
    fn nothing() -> Self {
        Self {
            history: History::default(),
            findings: chatspec_judge::referee::Findings {
                violations: Vec::new(),
                proofs: Vec::new(),
                gave_up: None,
            },
            duration: std::time::Duration::ZERO,
            lag_us: 0,
        }
    }
}

/// Adds the server's death to a history, and judges it again in that light.
fn died(plan: &Plan, execution: &mut Execution, cause: &str) {
    let cause = cause.to_owned();
    add(&mut execution.history, Kind::ServerDied { cause });
    execution.findings = check(plan, &execution.history);
}

/// Adds what came after the last event.
fn add(history: &mut History, kind: Kind) {
    let events = &mut history.events;
    let at_us = events.last().map_or(0, |event| event.at_us);
    let seq = Seq(events.len() as u64);
    events.push(Event { seq, at_us, kind });
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

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:@#=%+,".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
