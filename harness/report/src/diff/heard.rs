//! What the clients of a case got.

use std::collections::{BTreeMap, BTreeSet};

use chatspec_judge::verdict::{CaseReport, ScenarioNote, Way};
use chatspec_notation::ast::{Line, StepKind};

use crate::line::Line as Said;
use crate::redact;

/// Knows which lines say nothing about a server.
pub(super) struct Heard {
    /// Clients that get as much of a series as they can until they are cut off: how much differs from
    /// run to run.
    cut_off: BTreeSet<String>,
}

/// By client, what it got, in no order.
pub(super) type Inboxes = BTreeMap<String, Vec<String>>;

impl Heard {
    pub(super) fn of(scenario: Option<&ScenarioNote>) -> Self {
        let parsed =
            scenario.and_then(|note| chatspec_notation::parse(&note.file, &note.text).ok());
        let body = parsed.map(|scenario| scenario.body).unwrap_or_default();
        let cut_off = body.iter().filter_map(|line| match line {
            Line::Step(step) => match &step.kind {
                StepKind::UpTo(up_to) => Some(up_to.who.name.to_string()),
                _ => None,
            },
            Line::Comment(_) | Line::Blank => None,
        });
        Self {
            cut_off: cut_off.collect(),
        }
    }

    pub(super) fn by_client(&self, case: &CaseReport) -> Inboxes {
        let mut inboxes = Inboxes::new();
        for note in &case.wire {
            let Some(line) = case.transcript.get(note.line).map(|line| Said::of(line)) else {
                continue;
            };
            let client = note.who.split(['.', '#']).next().unwrap_or_default();
            let is_answer = matches!(note.way, Way::FromServer | Way::Both);
            // The proofs are ours; of what is behind the end of a connection, what still comes is luck.
            let is_ours = line.comment && !is_finding(line.words);
            if !is_answer || is_ours || self.cut_off.contains(client) {
                continue;
            }
            let words = redact::text(line.words);
            let words = words.strip_prefix(&note.who).unwrap_or(&words).trim_start();
            inboxes
                .entry(note.who.clone())
                .or_default()
                .push(words.to_owned());
        }
        inboxes
    }
}

/// Comments that say what a server did, for which the notation has no line.
fn is_finding(words: &str) -> bool {
    [" was sent ", " was refused ", " could not connect"]
        .iter()
        .any(|finding| words.contains(finding))
}

/// What only one of both has.
pub(super) fn apart(mut one: Inboxes, mut other: Inboxes) -> BTreeMap<String, [Vec<String>; 2]> {
    let clients: BTreeSet<String> = one.keys().chain(other.keys()).cloned().collect();
    let mut apart = BTreeMap::new();
    for client in clients {
        let one = one.remove(&client).unwrap_or_default();
        let mut others = other.remove(&client).unwrap_or_default();
        let only_one = one.into_iter().filter(|line| {
            let same = others.iter().position(|other| other == line);
            same.map(|place| others.remove(place)).is_none()
        });
        let only_one: Vec<String> = only_one.collect();
        if !only_one.is_empty() || !others.is_empty() {
            apart.insert(client, [only_one, others]);
        }
    }
    apart
}
