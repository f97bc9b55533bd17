//! The same finding, said once.
//!
//! A server with one bug breaks one scenario on every transport, and perhaps every scenario. Cases
//! of one scenario that found the same are one entry; of a flood with one cause a few entries are
//! shown in full and the rest by name.

use std::fmt::Write as _;

use chatspec_judge::verdict::{CaseReport, Rule, Violation};
use chatspec_notation::ast::Transport;
use indexmap::IndexMap;

use crate::redact;
use crate::tally::Kind;
use crate::text;

/// From so many entries of one rule on, not all are shown in full. Twenty are some 600 lines: more
/// than anybody reads, and the first few have said it.
const FLOOD: usize = 20;

/// How many of a flood are shown in full.
const SHOWN: usize = 3;

/// Cases of one scenario that found the same thing.
pub(crate) struct Group<'a> {
    /// At least one; the first speaks for all.
    cases: Vec<&'a CaseReport>,
}

impl<'a> Group<'a> {
    pub(crate) fn one(case: &'a CaseReport) -> Self {
        Self { cases: vec![case] }
    }

    /// The case that speaks for all.
    #[expect(
        clippy::indexing_slicing,
        reason = "a group is made with one case, and only grows"
    )]
    pub(crate) fn first(&self) -> &'a CaseReport {
        self.cases[0]
    }

    pub(crate) fn len(&self) -> usize {
        self.cases.len()
    }

    /// `chat/welcome/once@websocket (also @polling, @upgrade)`
    pub(crate) fn ids(&self) -> String {
        let first = text::escape(&self.first().case.to_string()).into_owned();
        let others: Vec<String> = self
            .cases
            .iter()
            .skip(1)
            .map(|case| format!("@{}", case.case.transport))
            .collect();
        if others.is_empty() {
            first
        } else {
            format!("{first} (also {})", others.join(", "))
        }
    }
}

/// Cases of the same scenario and verdict that found the same, together; in the order of the first.
pub(crate) fn by_finding<'a>(cases: impl IntoIterator<Item = &'a CaseReport>) -> Vec<Group<'a>> {
    let mut groups: IndexMap<(&str, Kind, String), Group<'a>> = IndexMap::new();
    for case in cases {
        let key = (
            case.case.scenario.as_str(),
            Kind::of(&case.verdict),
            finding(case),
        );
        groups
            .entry(key)
            .and_modify(|group| group.cases.push(case))
            .or_insert_with(|| Group::one(case));
    }
    groups.into_values().collect()
}

/// The groups' ids in a row, the first few of them; a scenario that is there on every transport by
/// its own id.
pub(crate) fn ids(groups: &[Group<'_>]) -> String {
    const NAMED: usize = 8;
    let id = |group: &Group<'_>| match group.len() {
        all if all == Transport::ALL.len() => group.first().case.scenario.to_string(),
        _ => group.ids(),
    };
    let mut words: Vec<String> = groups.iter().take(NAMED).map(id).collect();
    if let Some(more @ 1..) = groups.len().checked_sub(NAMED) {
        words.push(format!("{more} more"));
    }
    text::listed(&words)
}

/// Groups apart: those to show in full, and those of a flood, by what they say.
pub(crate) struct Sorted<'a> {
    pub(crate) full: Vec<Group<'a>>,
    pub(crate) flood: IndexMap<(Rule, String), Vec<Group<'a>>>,
}

/// Sets apart what would drown the rest: of more than [`FLOOD`] groups whose first violation breaks
/// the same rule, the first of each wording is shown, at most [`SHOWN`] of them.
pub(crate) fn sorted(groups: Vec<Group<'_>>) -> Sorted<'_> {
    let mut sizes: IndexMap<Rule, usize> = IndexMap::new();
    for violation in groups.iter().filter_map(cause) {
        *sizes.entry(violation.rule).or_default() += 1;
    }
    let mut sorted = Sorted {
        full: Vec::new(),
        flood: IndexMap::new(),
    };
    let mut shown: IndexMap<Rule, Vec<String>> = IndexMap::new();
    for group in groups {
        let flood =
            cause(&group).filter(|cause| sizes.get(&cause.rule).is_some_and(|&n| n > FLOOD));
        let Some(cause) = flood else {
            sorted.full.push(group);
            continue;
        };
        let summary = redact::text(&cause.summary);
        let shown = shown.entry(cause.rule).or_default();
        if shown.len() < SHOWN && !shown.contains(&summary) {
            shown.push(summary);
            sorted.full.push(group);
        } else {
            sorted
                .flood
                .entry((cause.rule, summary))
                .or_default()
                .push(group);
        }
    }
    sorted
}

fn cause<'a>(group: &Group<'a>) -> Option<&'a Violation> {
    group.first().verdict.violations().first()
}

/// What a case found, without what differs between two runs that found the same.
fn finding(case: &CaseReport) -> String {
    let mut finding = String::new();
    for violation in case.verdict.violations() {
        let Violation {
            rule,
            level,
            summary,
            line,
            expected,
            actual,
            ..
        } = violation;
        let line = line.as_ref().map(|line| (line.line, line.column));
        // A String takes everything.
        writeln!(
            finding,
            "{rule:?} {level:?} {line:?} {summary} {expected:?} {actual:?}"
        )
        .unwrap_or_default();
    }
    // The grouped are told with one rate.
    format!("{}{:?}", redact::text(&finding), case.rate)
}
