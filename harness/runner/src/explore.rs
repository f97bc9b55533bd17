//! Chats that nobody wrote, until one shows a bug; then the smallest that still shows it.
//!
//! A server need not do the same twice. So a chat that was broken is run again, on a server that was
//! started anew where that is ours to do, to tell how often it is; and a smaller one takes its place
//! only if it is broken often enough, with one of the same anomalies.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::anomalies::{AnomalyKind, Guarantee, examine};
use chatspec_judge::check::check;
use chatspec_judge::expand::expand;
use chatspec_judge::explore::{Program, Size, Told, clauses, nth, scenario, simpler};
use chatspec_judge::history::Header;
use chatspec_judge::ids::{CaseId, ScenarioId};
use chatspec_judge::plan::{Plan, Source};
use chatspec_judge::stored::report;
use chatspec_judge::suite::Suite;
use chatspec_judge::verdict::{CaseReport, Rate, Rule};
use chatspec_notation::ast::Transport;

use crate::clock::{self, Clock};
use crate::execute::{Execution, Ground};
use crate::site::{Gone, again, header, revive, survey, undisturbed};
use crate::target::{Launcher, Running, StartError, Target};

/// How chats are to be explored.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where every choice comes from.
    pub seed: u64,
    /// How long to look for a chat that shows a bug. What it takes to make it small comes on top.
    pub time: Duration,
    /// How many chats to try at most.
    pub chats: Option<u64>,
    /// The transports to use.
    pub transports: Vec<Transport>,
    /// The file that what is found will be written to.
    pub file: String,
}

/// Hears how it goes.
pub trait Spectator: Sync {
    /// So many chats have shown nothing.
    fn tried(&self, chats: u64);
    /// A chat of this size shows a bug.
    fn shows(&self, size: Size);
}

/// What came of it.
#[derive(Debug)]
pub struct Exploration {
    /// How many chats were tried, the one that showed a bug included.
    pub chats: u64,
    /// The chat that shows a bug, made small.
    pub finding: Option<Finding>,
    /// The strongest guarantee that the order of messages kept in all of them; none where no client
    /// received two messages that can be told apart.
    pub guarantee: Option<Guarantee>,
    /// Why it ended before its time, if it did.
    pub cut_short: Option<String>,
}

/// A chat that shows a bug.
#[derive(Debug)]
pub struct Finding {
    /// Its number: with the seed, it gives the chat as it was before it was made small.
    pub number: u64,
    /// How long it took to find.
    pub after: Duration,
    /// How large that was.
    pub found: Size,
    /// How large it is.
    pub left: Size,
    /// It, as an open scenario that can be run.
    pub text: String,
    /// What it shows, with how often it does.
    pub report: CaseReport,
}

/// How often a chat that was broken is run again to tell how often it is.
const RUNS: u32 = 10;

/// How long a chat is made smaller at most. A bug that shows in one run of ten takes some time to
/// be seen not to show; a chat that is a little too large is better than none.
const SHRINKING: Duration = Duration::from_secs(30);

/// Tries one generated chat after the other on `target`.
pub async fn explore(
    target: &Target,
    suite: &Suite,
    options: &Options,
    launcher: &Launcher,
    spectator: &dyn Spectator,
) -> Result<Exploration, StartError> {
    let running = Running::start(target, launcher).await?;
    let (ground, offered) = match survey(&running, target, options.seed, launcher).await {
        Ok(surveyed) => surveyed,
        Err(error) => {
            running.stop().await;
            return Err(StartError::Foreign(error));
        }
    };
    let mut transports = options.transports.clone();
    transports.retain(|transport| offered.contains(transport));
    let mut exploration = Exploration {
        chats: 0,
        finding: None,
        guarantee: None,
        cut_short: None,
    };
    let mut explorer = Explorer {
        target,
        suite,
        options,
        spectator,
        ground,
        running,
        attempt: 0,
        guarantee: None,
    };
    if !explorer.ground.manners.ways.allow_anything() {
        let lacks: Vec<_> = explorer.ground.manners.ways.told().collect();
        exploration.cut_short = Some(format!(
            "generated chats rely on what the target lacks: {}",
            lacks.join(", ")
        ));
    } else if transports.is_empty() {
        exploration.cut_short = Some("the target has none of the transports asked for".to_owned());
    } else if let Err(gone) = explorer.search(&transports, &mut exploration).await {
        exploration.cut_short = Some(gone.to_string());
    }
    exploration.guarantee = explorer.guarantee;
    explorer.running.stop().await;
    Ok(exploration)
}

struct Explorer<'a> {
    target: &'a Target,
    suite: &'a Suite,
    options: &'a Options,
    spectator: &'a dyn Spectator,
    ground: Ground,
    running: Running,
    /// How many chats were run, so that no two meet in a room.
    attempt: u32,
    /// What the order of messages has kept so far.
    guarantee: Option<Guarantee>,
}

/// Something that is wrong, by which one bug is told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Anomaly(AnomalyKind),
    /// Where the run broke before anything else could be seen.
    Rule(Rule),
}

/// A chat that shows a bug, as it was found.
struct Found {
    number: u64,
    after: Duration,
    size: Size,
}

/// A run that was broken.
struct Shown {
    signs: BTreeSet<Sign>,
    plan: Plan,
    execution: Execution,
}

impl Explorer<'_> {
    async fn search(
        &mut self,
        transports: &[Transport],
        exploration: &mut Exploration,
    ) -> Result<(), Gone> {
        let (options, clock) = (self.options, Clock::start());
        let most = options.chats.unwrap_or(u64::MAX);
        while clock.elapsed() < options.time && exploration.chats < most {
            let number = exploration.chats + 1;
            let program = nth(options.seed, number, transports);
            let (shown, gone) = self.run(&program).await;
            exploration.chats = number;
            let Some(shown) = shown else {
                self.spectator.tried(number);
                gone.map_or(Ok(()), Err)?;
                continue;
            };
            let found = Found {
                number,
                after: clock.elapsed(),
                size: program.size(),
            };
            self.spectator.shows(found.size);
            // Kept as it is, for the server may not live to show it again.
            let is_first = exploration.finding.is_none();
            if is_first {
                let once = Rate { broken: 1, runs: 1 };
                exploration.finding = Some(self.finding(&found, &program, &shown, once));
            }
            gone.map_or(Ok(()), Err)?;
            let (smallest, shown, rate) = self.smallest(&program, shown).await?;
            let is_certain = rate.broken > 1;
            // What was seen once and never again may be the doing of an earlier chat. It is kept
            // until something better is found.
            if is_certain || is_first {
                exploration.finding = Some(self.finding(&found, &smallest, &shown, rate));
            }
            if is_certain {
                break;
            }
        }
        Ok(())
    }

    /// The smallest program found that is broken as `program` is, a run of it, and how often it is
    /// broken.
    async fn smallest(
        &mut self,
        program: &Program,
        shown: Shown,
    ) -> Result<(Program, Shown, Rate), Gone> {
        let signs = shown.signs.clone();
        let (again, first) = self.frequency(program, &signs).await?;
        let Some(again) = again else {
            let rate = Rate {
                broken: 1,
                runs: RUNS + 1,
            };
            return Ok((program.clone(), shown, rate));
        };
        let clock = Clock::start();
        let mut kept = (program.clone(), again, first);
        // In haste, what shows once counts. Where that leads to what shows more seldom than the
        // program did, it is gone about again with patience.
        for tries in [Tries::hasty(first), Tries::of(first)] {
            let mut smallest = kept.0.clone();
            while let Some(smaller) = self.smaller(&smallest, &signs, tries, &clock).await? {
                self.spectator.shows(smaller.size());
                smallest = smaller;
            }
            if smallest == kept.0 {
                continue;
            }
            let (last, rate) = self.frequency(&smallest, &signs).await?;
            if let Some(last) = last.filter(|_| rate.broken >= Tries::expected(RUNS, first)) {
                kept = (smallest, last, rate);
            }
        }
        Ok(kept)
    }

    /// The first smaller program that still shows it, if there is one and there is time.
    async fn smaller(
        &mut self,
        program: &Program,
        signs: &BTreeSet<Sign>,
        tries: Tries,
        clock: &Clock,
    ) -> Result<Option<Program>, Gone> {
        for candidate in simpler(program) {
            if clock.elapsed() > SHRINKING {
                break;
            }
            if self.still_shows(&candidate, signs, tries).await? {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// How often a program shows one of `signs` on a server that is new, and one run that does.
    async fn frequency(
        &mut self,
        program: &Program,
        signs: &BTreeSet<Sign>,
    ) -> Result<(Option<Shown>, Rate), Gone> {
        self.anew().await?;
        let mut rate = Rate { broken: 0, runs: 0 };
        let mut last = None;
        for _ in 0..RUNS {
            let (shown, gone) = self.run(program).await;
            rate.runs += 1;
            if let Some(shown) = shown.filter(|shown| !shown.signs.is_disjoint(signs)) {
                rate.broken += 1;
                last = Some(shown);
            }
            gone.map_or(Ok(()), Err)?;
        }
        Ok((last, rate))
    }

    async fn still_shows(
        &mut self,
        program: &Program,
        signs: &BTreeSet<Sign>,
        tries: Tries,
    ) -> Result<bool, Gone> {
        let mut broken = 0;
        for left in (0..tries.runs).rev() {
            let (shown, gone) = self.run(program).await;
            gone.map_or(Ok(()), Err)?;
            broken += u32::from(shown.is_some_and(|shown| !shown.signs.is_disjoint(signs)));
            if broken >= tries.broken {
                // What it has broken in the server must not be taken for the next one's doing.
                self.anew().await?;
                return Ok(true);
            }
            if broken + left < tries.broken {
                break;
            }
        }
        Ok(false)
    }

    /// Starts the server again, if that is ours to do.
    async fn anew(&mut self) -> Result<(), Gone> {
        if !self.running.is_managed() {
            return Ok(());
        }
        let gone = revive(&mut self.ground, &mut self.running).await;
        gone.map_or(Ok(()), Err)
    }

    /// Runs a program once. Gives what is wrong, if anything is, and why the server is gone, if so.
    async fn run(&mut self, program: &Program) -> (Option<Shown>, Option<Gone>) {
        let Some(source) = self.source(program, &Told::nothing()) else {
            return (None, None);
        };
        let plan = expand(source, self.case(program), self.options.seed, self.attempt)
            .on(&self.target.capabilities);
        self.attempt += 1;
        let (execution, gone) = undisturbed(&mut self.ground, &plan, &mut self.running).await;
        if execution.findings.gave_up.is_some() {
            return (None, gone);
        }
        let examination = examine(&plan, &execution.history);
        let kept = self.guarantee.into_iter().chain(examination.guarantee);
        self.guarantee = kept.min();
        let anomalies = examination.anomalies.iter();
        let mut signs: BTreeSet<_> = anomalies
            .map(|anomaly| Sign::Anomaly(anomaly.kind))
            .collect();
        if signs.is_empty() {
            let violations = execution.findings.violations.iter();
            signs.extend(violations.map(|violation| Sign::Rule(violation.rule)));
        }
        let shown = (!signs.is_empty()).then_some(Shown {
            signs,
            plan,
            execution,
        });
        (shown, gone)
    }

    /// The report of a run, under the text that will be written.
    fn finding(&self, found: &Found, left: &Program, shown: &Shown, rate: Rate) -> Finding {
        let kinds = shown.signs.iter().filter_map(|sign| match sign {
            Sign::Anomaly(kind) => Some(*kind),
            Sign::Rule(_) => None,
        });
        let clauses = clauses(kinds);
        let sentences = clauses.iter().map(|id| self.suite.clause_note(id).sentence);
        let told = Told {
            reason: sentences.collect::<Vec<_>>().join(" "),
            notes: vec![
                format!(
                    "Found by `chatspec explore --seed {}` as chat {}{}.",
                    self.options.seed,
                    found.number,
                    if left.size() < found.size {
                        ", and made smaller"
                    } else {
                        ""
                    }
                ),
                format!(
                    "On {} it was broken in {} of {} runs.",
                    self.target.name, rate.broken, rate.runs
                ),
            ],
            clauses,
        };
        let (ran, execution) = (&shown.plan, &shown.execution);
        let source = self.source(left, &told);
        let source = source.unwrap_or_else(|| Arc::clone(&ran.source));
        let text = source.text.clone();
        // The same steps under another head, so that the history is one of theirs.
        let plan =
            expand(source, ran.case.clone(), ran.seed, ran.attempt).on(&self.target.capabilities);
        let header = Header {
            duration_ms: clock::micros(execution.duration) / 1000,
            harness_lag_us: execution.lag_us,
            ..header(
                &plan,
                self.target,
                &self.ground,
                self.suite.clause_notes(&plan.source),
                // Once would say little of what shows now and then.
                again(&self.options.file, self.target, ["--retries", "9"]),
            )
        };
        let findings = check(&plan, &execution.history);
        let mut report = report(&header, &plan, &execution.history, findings, false);
        report.rate = Some(rate);
        Finding {
            number: found.number,
            after: found.after,
            found: found.size,
            left: left.size(),
            text,
            report,
        }
    }

    fn case(&self, program: &Program) -> CaseId {
        CaseId {
            scenario: ScenarioId::from_path(&self.options.file),
            transport: program.over,
        }
    }

    /// A program as a scenario that was read. Every program has one, as a test proves.
    fn source(&self, program: &Program, told: &Told) -> Option<Arc<Source>> {
        let (file, text) = (
            self.options.file.clone(),
            scenario(program, told).to_string(),
        );
        let scenario = chatspec_notation::parse(&file, &text);
        debug_assert!(scenario.is_ok(), "{scenario:?}");
        let scenario = scenario.ok()?;
        Some(Arc::new(Source {
            file,
            text,
            scenario,
        }))
    }
}

/// How often a smaller program is tried, and how often it must be broken.
#[derive(Clone, Copy)]
struct Tries {
    runs: u32,
    broken: u32,
}

impl Tries {
    /// So many that a program which is broken as often as that of `rate` is seen to be broken
    /// nineteen times in twenty.
    fn of(rate: Rate) -> Self {
        const UNSEEN: f64 = 0.05;
        const MOST: u32 = 20;
        const FEWEST: u32 = 3;
        let often = f64::from(rate.broken) / f64::from(rate.runs.max(1));
        let runs = (FEWEST..MOST).find(|runs| (1.0 - often).powf(f64::from(*runs)) < UNSEEN);
        let runs = runs.unwrap_or(MOST);
        let broken = Self::expected(runs, rate);
        Self { runs, broken }
    }

    /// As few as tell anything.
    fn hasty(rate: Rate) -> Self {
        let runs = match rate.broken {
            broken if broken >= rate.runs => 1,
            _ => Self::of(rate).runs,
        };
        Self { runs, broken: 1 }
    }

    /// How many of `runs` must be broken where as many are as those of `rate`: seven tenths of what
    /// is to be expected. With half of it, chats that are broken every time became smaller ones that
    /// are now and then, and those became ones that never are.
    fn expected(runs: u32, rate: Rate) -> u32 {
        (7 * runs * rate.broken)
            .div_ceil(10 * rate.runs.max(1))
            .max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_always_broken_stays_so_and_what_seldom_is_gets_its_chances() {
        let tries = |broken| {
            let Tries { runs, broken } = Tries::of(Rate { broken, runs: 10 });
            (broken, runs)
        };
        assert_eq!(tries(10), (3, 3));
        assert_eq!(tries(5), (2, 5));
        assert_eq!(tries(1), (2, 20));
        let always = Rate {
            broken: 10,
            runs: 10,
        };
        assert_eq!(Tries::hasty(always).runs, 1);
    }
}
