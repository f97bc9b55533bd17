//! All cases on one target: side by side where they may, alone where they must, and going on when
//! the server dies.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatspec_judge::anomalies::{self, examine};
use chatspec_judge::check::check;
use chatspec_judge::expand::expand;
use chatspec_judge::history::{Event, History, Kind};
use chatspec_judge::ids::{CaseId, Seq};
use chatspec_judge::ledger::missing;
use chatspec_judge::plan::{OpKind, Plan, Source};
use chatspec_judge::suite::Suite;
use chatspec_judge::transcript::{TranscriptLine, as_scenario, transcript};
use chatspec_judge::verdict::{CaseReport, TargetReport, Verdict};
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
    /// The arguments, beyond case and target, that run a case again (`--scenarios DIR`).
    pub again: Vec<String>,
}

/// Hears of each case when it is judged.
pub trait Audience: Sync {
    /// A case was judged. `transcript` is what happened, as a scenario that can be run.
    fn judged(&self, target: &str, report: &CaseReport, transcript: Option<&str>);
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
        ledger_problems: target.ledger.problems(&suite.cases().collect::<Vec<_>>()),
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
    let over = if refused.contains(&Transport::Websocket) {
        Transport::Polling
    } else {
        Transport::Websocket
    };
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
        refused,
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
    /// Transports that the server says that it does not have.
    refused: BTreeSet<Transport>,
    reports: Vec<CaseReport>,
}

/// How a case came out of the crowd.
enum Outcome {
    Judged(CaseId, Box<(Plan, Execution)>),
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
            lacking.extend(self.refused_to(source, case));
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
            let gone = if running.is_managed() {
                let restarted = running.restart().await;
                restarted
                    .err()
                    .map(|error| Gone::ForGood(error.to_string()))
            } else {
                Some(Gone::NotOurs)
            };
            if let Some(gone) = gone {
                self.lost(&suspects, together.drain(..).chain(alone.drain(..)), &gone);
                break;
            }
            self.ground.endpoint = running.endpoint().clone();
            // One of them did it; one by one they show which.
            let suspects: VecDeque<_> = suspects.into_iter().map(|(case, _)| case).collect();
            self.one_by_one(&mut running, suspects, 1).await;
        }
        let mut running = running.into_inner();
        self.one_by_one(&mut running, alone, 0).await;
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
        let runs = cases.iter().map(|case| async move {
            let source = suite.scenario(&case.scenario).cloned();
            let Some(source) = source.filter(|_| !dead.load(Ordering::Acquire)) else {
                return Outcome::Waiting(case.clone());
            };
            let plan = expand(source, case.clone(), options.seed, 0);
            let execution = execute(&plan, ground, None).await;
            if !execution.findings.violations.is_empty()
                && let Some(cause) = running.lock().await.death().await
            {
                dead.store(true, Ordering::Release);
                return Outcome::Suspect(case.clone(), cause);
            }
            Outcome::Judged(case.clone(), Box::new((plan, execution)))
        });
        let mut runs = futures_util::stream::iter(runs).buffer_unordered(self.options.jobs.max(1));
        while let Some(outcome) = runs.next().await {
            match outcome {
                Outcome::Judged(id, run) => self.judged(&id, &run.0, run.1),
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
            let ground = self.ground.clone();
            let mut execution = execute(&plan, &ground, Some(running)).await;
            self.ground.endpoint = running.endpoint().clone();
            let death = running.death().await;
            if let Some(cause) = &death {
                died(&plan, &mut execution, cause);
            }
            self.judged(&case, &plan, execution);
            if death.is_none() {
                continue;
            }
            if !running.is_managed() {
                self.inconclusive(cases.drain(..), &Gone::NotOurs.to_string());
            } else if let Err(error) = running.restart().await {
                let gone = Gone::ForGood(error.to_string());
                self.inconclusive(cases.drain(..), &gone.to_string());
            }
            self.ground.endpoint = running.endpoint().clone();
        }
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
                self.judged(case, &plan, execution);
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

    fn judged(&mut self, id: &CaseId, plan: &Plan, execution: Execution) {
        let Execution {
            history,
            findings,
            duration,
            lag_us,
        } = execution;
        let examination = examine(plan, &history);
        let mut violations = findings.violations;
        // Where a line is broken already, anomalies say more about it and decide nothing.
        if violations.is_empty() {
            violations.extend(anomalies::violation(plan, &examination));
        }
        let verdict = match findings.gave_up {
            Some(cause) => Verdict::Inconclusive { cause },
            None => Verdict::of(violations),
        };
        let lines = transcript(plan, &history);
        let scenario = as_scenario(plan, &lines);
        let mut report = self.blank(id, self.target.ledger.apply(id, verdict));
        report.duration_ms = clock::micros(duration) / 1000;
        report.harness_lag_us = lag_us;
        report.proofs = findings.proofs;
        let anomalies = examination.anomalies.iter();
        report.anomalies = anomalies.map(ToString::to_string).collect();
        if !matches!(report.verdict, Verdict::Pass) {
            let evidence: Vec<_> = report
                .verdict
                .violations()
                .iter()
                .flat_map(|found| &found.evidence)
                .collect();
            let shows = |(index, line): (usize, &TranscriptLine)| {
                evidence.contains(&&line.seq).then_some(index)
            };
            report.marked = lines.iter().enumerate().filter_map(shows).collect();
            report.transcript = lines.into_iter().map(|line| line.text).collect();
        }
        self.audience
            .judged(&self.target.name, &report, Some(&scenario));
        self.reports.push(report);
    }

    /// The transports of a case that the server does not have.
    fn refused_to(&self, source: &Arc<Source>, case: &CaseId) -> BTreeSet<String> {
        if self.refused.is_empty() {
            return BTreeSet::new();
        }
        let plan = expand(Arc::clone(source), case.clone(), self.options.seed, 0);
        let via = plan.ops.iter().filter_map(|op| match &op.kind {
            OpKind::Connect { via, .. } => Some(*via),
            _ => None,
        });
        let refused = via.filter(|via| self.refused.contains(via));
        refused.map(|via| format!("transport {via}")).collect()
    }

    fn skip(&mut self, case: &CaseId, missing: Vec<String>) {
        let report = self.blank(case, Verdict::Skipped { missing });
        self.audience.judged(&self.target.name, &report, None);
        self.reports.push(report);
    }

    fn inconclusive(&mut self, cases: impl Iterator<Item = CaseId>, cause: &str) {
        for case in cases {
            let report = self.blank(
                &case,
                Verdict::Inconclusive {
                    cause: cause.to_owned(),
                },
            );
            self.audience.judged(&self.target.name, &report, None);
            self.reports.push(report);
        }
    }

    fn blank(&self, case: &CaseId, verdict: Verdict) -> CaseReport {
        let source = self.suite.scenario(&case.scenario);
        let mut again = vec!["chatspec run".to_owned(), quoted(&case.to_string())];
        if self.target.argument != "reference" {
            again.extend(["--target".to_owned(), quoted(&self.target.argument)]);
        }
        again.extend(self.options.again.iter().map(|word| quoted(word)));
        again.extend(["--seed".to_owned(), self.options.seed.to_string()]);
        CaseReport {
            case: case.clone(),
            reason: source
                .map(|source| source.scenario.reason.clone())
                .unwrap_or_default(),
            level: source.map_or(chatspec_judge::verdict::Level::Must, |source| {
                source.scenario.level.into()
            }),
            clauses: source
                .map(|source| self.suite.clause_notes(source))
                .unwrap_or_default(),
            duration_ms: 0,
            harness_lag_us: 0,
            proofs: Vec::new(),
            verdict,
            anomalies: Vec::new(),
            transcript: Vec::new(),
            marked: Vec::new(),
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
    let events = &mut execution.history.events;
    let at_us = events.last().map_or(0, |event| event.at_us);
    let kind = Kind::ServerDied {
        cause: cause.to_owned(),
    };
    events.push(Event {
        seq: Seq(events.len() as u64),
        at_us,
        kind,
    });
    execution.findings = check(plan, &execution.history);
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
