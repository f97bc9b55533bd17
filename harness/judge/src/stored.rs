//! Histories on disk, and their judgement: the same as that of the run that wrote them.
//!
//! The first line says what was run, how many events follow, and has a seal: a hash over all the rest.
//! A file that was cut off or written into is thus told from what a server did.

use std::hash::Hasher;
use std::sync::Arc;

use chatspec_notation::ParseError;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

use crate::anomalies::{self, examine};
use crate::check::check;
use crate::expand::expand;
use crate::history::{Event, Header, History};
use crate::plan::{Plan, Source};
use crate::referee::Findings;
use crate::transcript::{TranscriptLine, transcript};
use crate::verdict::{CaseReport, Verdict, WireNote};

/// The version of the stored form; it changes when a reader would have to.
pub const FORMAT: u32 = 2;

/// A line of a stored history: the first, and each of the others. For its schema.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a schema is made of the type, and no value of it")]
enum AnyLine {
    /// What was run.
    First(Box<FirstLine>),
    /// What happened.
    Event(Event),
}

/// The JSON Schema (draft 2020-12) of each line of a stored history.
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<AnyLine>()
}

/// The first line, as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct FirstLine {
    /// The version of this form.
    format: u32,
    /// How many lines follow.
    events: usize,
    /// Sixteen hex digits that go with this file alone.
    seal: String,
    #[serde(flatten)]
    header: Header,
}

/// What every version's first line has.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
}

impl History {
    /// The events as JSON lines under `header`.
    pub fn to_jsonl(&self, header: &Header) -> Result<String, serde_json::Error> {
        let mut body = String::new();
        for event in &self.events {
            body.push_str(&serde_json::to_string(event)?);
            body.push('\n');
        }
        let first = FirstLine {
            format: FORMAT,
            events: self.events.len(),
            seal: seal(header, &body)?,
            header: header.clone(),
        };
        Ok(format!("{}\n{body}", serde_json::to_string(&first)?))
    }

    /// Reads what [`History::to_jsonl`] wrote.
    pub fn from_jsonl(text: &str) -> Result<(Header, Self), HistoryError> {
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        if first.trim().is_empty() {
            return Err(HistoryError::Empty);
        }
        let any: AnyFormat = serde_json::from_str(first).map_err(HistoryError::at(1))?;
        if any.format != FORMAT {
            return Err(HistoryError::Format(any.format));
        }
        let line = first;
        let first: FirstLine = serde_json::from_str(line).map_err(HistoryError::at(1))?;
        let mut events: Vec<Event> = Vec::new();
        for (index, line) in body.lines().enumerate() {
            events.push(serde_json::from_str(line).map_err(HistoryError::at(index + 2))?);
        }
        if events.len() != first.events {
            return Err(HistoryError::Length {
                said: first.events,
                found: events.len(),
            });
        }
        let seal = seal(&first.header, body).map_err(HistoryError::at(1))?;
        // Written again it must be the same line: what serde passes over is no part of the seal.
        let again = serde_json::to_string(&first).map_err(HistoryError::at(1))?;
        if seal != first.seal || again != line {
            return Err(HistoryError::Changed);
        }
        Ok((first.header, Self { events }))
    }
}

/// Sixteen hex digits that go with this header and these lines alone. It is no signature: whoever
/// means to forge a history can make it anew.
fn seal(header: &Header, body: &str) -> Result<String, serde_json::Error> {
    let mut hasher = SipHasher13::new();
    hasher.write(serde_json::to_string(header)?.as_bytes());
    hasher.write(body.as_bytes());
    Ok(format!("{:016x}", hasher.finish()))
}

/// A text that is not a stored history.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// There is nothing in it.
    #[error("the history is empty: its first line should be a header")]
    Empty,
    /// It was written by a version that used another form.
    #[error(
        "the history is of format {0}, and this chatspec reads format {FORMAT}; replay it with the \
         version that wrote it, or run the case again"
    )]
    Format(u32),
    /// A line is not what it should be.
    #[error("this is no line of a history: {problem}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It has more lines than its header says, or fewer.
    #[error(
        "the history ends here with {found} events, and its header says {said}: it was cut off, or \
         written into"
    )]
    Length {
        /// How many there should be.
        said: usize,
        /// How many there are.
        found: usize,
    },
    /// It is not what was written.
    #[error(
        "the history was changed after it was written: its seal does not fit; run the case again, \
         or restore the file"
    )]
    Changed,
    /// Its scenario is none, for this version.
    #[error(
        "the scenario in its header is not understood: {mistakes}; it was written by chatspec \
         {version}"
    )]
    Scenario {
        /// The mistakes in it.
        mistakes: ParseError,
        /// The version that wrote it.
        version: String,
    },
}

impl HistoryError {
    fn at(line: usize) -> impl Fn(serde_json::Error) -> Self {
        move |error| {
            let said = error.to_string();
            // The place is told by us: to serde every line is the first.
            let problem = said.split(" at line ").next().unwrap_or_default();
            Self::Line {
                line,
                column: error.column(),
                problem: problem.to_owned(),
            }
        }
    }

    /// Where in the file it is: a line and perhaps a column, from 1.
    pub const fn place(&self) -> (usize, Option<usize>) {
        match self {
            Self::Line { line, column, .. } => (*line, Some(*column)),
            Self::Length { found, .. } => (*found + 1, None),
            Self::Empty | Self::Format(_) | Self::Changed | Self::Scenario { .. } => (1, None),
        }
    }
}

/// A history, and the plan that it is a run of.
#[derive(Clone, Debug)]
pub struct Stored {
    /// What was run.
    pub header: Header,
    /// The plan, made again.
    pub plan: Plan,
    /// What happened.
    pub history: History,
}

impl Stored {
    /// Reads what [`History::to_jsonl`] wrote, and makes its plan again.
    pub fn read(text: &str) -> Result<Self, HistoryError> {
        let (header, history) = History::from_jsonl(text)?;
        let scenario =
            chatspec_notation::parse(&header.file, &header.scenario).map_err(|mistakes| {
                HistoryError::Scenario {
                    mistakes,
                    version: header.version.clone(),
                }
            })?;
        let source = Source {
            file: header.file.clone(),
            text: header.scenario.clone(),
            scenario,
        };
        let plan = Plan {
            aside: header.aside.clone(),
            ..expand(
                Arc::new(source),
                header.case.clone(),
                header.seed,
                header.attempt,
            )
        };
        let plan = plan.in_ways(&header.ways);
        Ok(Self {
            header,
            plan,
            history,
        })
    }

    /// What the history shows, as the run reported it; with `full`, what happened is told of a case that
    /// passed, too.
    pub fn judge(&self, full: bool) -> CaseReport {
        let findings = check(&self.plan, &self.history);
        report(&self.header, &self.plan, &self.history, findings, full)
    }
}

/// The report of a case that `findings` were made of. What happened is told where somebody asks for it: with
/// `full` of every case, else of none that passed or was not run. To put it into words is most of the work.
pub fn report(
    header: &Header,
    plan: &Plan,
    history: &History,
    findings: Findings,
    full: bool,
) -> CaseReport {
    let examination = examine(plan, history);
    let mut violations = findings.violations;
    // Where a line is broken already, anomalies say more about it and decide nothing.
    if violations.is_empty() {
        violations.extend(anomalies::violation(plan, &examination));
    }
    let verdict = if header.lacks.is_empty() {
        let verdict = match findings.gave_up {
            Some(cause) => Verdict::Inconclusive { cause },
            None => Verdict::of(violations),
        };
        match &header.known {
            Some(known) => known.apply(verdict),
            None => verdict,
        }
    } else {
        Verdict::Skipped {
            missing: header.lacks.clone(),
        }
    };
    let (lines, marked) = if full || !verdict.is_quiet() {
        shown(plan, history, &verdict)
    } else {
        Default::default()
    };
    let wire = lines.iter().enumerate();
    let wire = wire.filter_map(|(line, told)| {
        let note = told.wire.clone()?;
        Some(WireNote { line, ..note })
    });
    CaseReport {
        wire: wire.collect(),
        case: header.case.clone(),
        reason: plan.source.scenario.reason.clone(),
        level: plan.source.scenario.level.into(),
        clauses: header.clauses.clone(),
        duration_ms: header.duration_ms,
        harness_lag_us: header.harness_lag_us,
        proofs: findings.proofs,
        verdict,
        anomalies: examination
            .anomalies
            .iter()
            .map(ToString::to_string)
            .collect(),
        guarantee: examination.guarantee,
        rate: None,
        transcript: lines.into_iter().map(|line| line.text).collect(),
        marked,
        again: header.again.clone(),
    }
}

/// The transcript, and which of its lines show what was broken.
fn shown(plan: &Plan, history: &History, verdict: &Verdict) -> (Vec<TranscriptLine>, Vec<usize>) {
    let lines = transcript(plan, history);
    let violations = verdict.violations().iter();
    let evidence: Vec<_> = violations.flat_map(|found| &found.evidence).collect();
    let shows =
        |(index, line): (usize, &TranscriptLine)| evidence.contains(&&line.seq).then_some(index);
    let marked = lines.iter().enumerate().filter_map(shows).collect();
    (lines, marked)
}
