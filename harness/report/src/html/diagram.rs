//! A transcript as a sequence diagram.
//!
//! Clients have their lifelines on the left, the server has its own on the right, and what is said
//! stands in between, above the arrow. One path draws all arrows of a kind: a picture of
//! twenty lines takes two kilobytes.

use std::fmt::Write as _;

use chatspec_judge::verdict::{CaseReport, Way};

use super::excerpt::{Excerpt, Shown};
use crate::markup::{safe, short};
use crate::text;

/// So many clients have a lifeline of their own.
const LIFELINES: usize = 8;
/// Where times end.
const TIMES: usize = 62;
/// Between two lifelines.
const APART: usize = 64;
/// The lane of what is said.
const LANE: usize = 400;
/// How much of it fits, in characters.
const LABEL: usize = 58;
/// From one line to the next.
const ROW: usize = 22;
/// Where words stand in a line, and where the arrow below them is.
const WORDS: usize = 13;
const ARROW: usize = 18;
/// Above the first line.
const HEAD: usize = 24;

/// The picture of what is shown of `case`.
pub(super) fn svg(case: &CaseReport, excerpt: &Excerpt<'_>) -> String {
    let columns = columns(excerpt);
    let lane = TIMES + 34 + columns.len().max(1).saturating_sub(1) * APART + 18;
    let server = lane + LANE;
    let picture = Picture {
        columns,
        server,
        arrows: String::new(),
        proofs: String::new(),
        marked: String::new(),
        bands: String::new(),
        times: String::new(),
        labels: String::new(),
    };
    picture.drawn(case, excerpt, lane)
}

/// Whose lifelines there are: first of those who are marked, then of whoever acts first.
fn columns<'a>(excerpt: &Excerpt<'a>) -> Vec<&'a str> {
    let mut columns: Vec<&str> = Vec::new();
    let marked = excerpt.lines.iter().filter(|line| line.marked);
    for line in marked.chain(&excerpt.lines) {
        if let Some(who) = client(line)
            && !columns.contains(&who)
            && columns.len() < LIFELINES
        {
            columns.push(who);
        }
    }
    // In the order in which they come in, whoever is marked.
    let first = |who: &str| {
        excerpt
            .lines
            .iter()
            .position(|line| client(line) == Some(who))
    };
    columns.sort_by_key(|who| first(who));
    columns
}

/// The client without the number of its connection.
fn client<'a>(line: &Shown<'a>) -> Option<&'a str> {
    let who = line.wire?.who.as_str();
    Some(who.split('#').next().unwrap_or(who))
}

struct Picture<'a> {
    columns: Vec<&'a str>,
    server: usize,
    arrows: String,
    proofs: String,
    marked: String,
    bands: String,
    times: String,
    labels: String,
}

impl Picture<'_> {
    fn drawn(mut self, case: &CaseReport, excerpt: &Excerpt<'_>, lane: usize) -> String {
        let mut y = HEAD;
        let mut at = 0;
        for line in &excerpt.lines {
            y += self.gap(line.index - at, y);
            at = line.index + 1;
            self.line(line, y);
            y += ROW;
        }
        y += self.gap(case.transcript.len() - at, y);
        let (height, width) = (y + 4, self.server + 34);
        let mut lives = String::new();
        let mut names = String::new();
        let ends = self.columns.iter().enumerate();
        let ends = ends.map(|(index, name)| (column(index), short(name, 10)));
        for (x, name) in ends.chain([(self.server, "server".to_owned())]) {
            write!(lives, "M{x} 18V{height}").unwrap_or_default(); // a String takes everything
            write!(names, "<text x={x} y=12>{name}</text>").unwrap_or_default();
        }
        let title = safe(&format!(
            "Sequence of {}; the lines below say the same",
            case.case
        ));
        let Self {
            arrows,
            proofs,
            marked,
            bands,
            times,
            labels,
            ..
        } = self;
        format!(
            "<svg role=\"img\" aria-label=\"{title}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\">{bands}<path class=l d=\"{lives}\"/><path class=p d=\"{proofs}\"/>\
             <path class=a d=\"{arrows}\"/><path class=k d=\"{marked}\"/><g class=w>{names}</g>\
             <g class=t transform=\"translate({TIMES})\">{times}</g>\
             <g class=s transform=\"translate({lane})\">{labels}</g></svg>"
        )
    }

    fn line(&mut self, line: &Shown<'_>, y: usize) {
        let column_of = |who| self.columns.iter().position(|column| *column == who);
        let at = client(line).and_then(column_of).map(column);
        // Who has no lifeline is named, and its arrow begins where the words do.
        let words = match (at, line.wire) {
            (Some(_), Some(wire)) => without(line.said.words, &wire.who),
            _ => line.said.words,
        };
        let (base, middle) = (y + WORDS, y + ARROW);
        if let Some(wire) = line.wire {
            let x = at.unwrap_or(self.server - LANE - 8);
            let server = self.server;
            let path = if line.marked {
                &mut self.marked
            } else if line.said.comment {
                &mut self.proofs
            } else {
                &mut self.arrows
            };
            let to = format!("M{x} {middle}H{server}l-6-3m6 3l-6 3");
            let from = format!("M{server} {middle}H{x}l6-3m-6 3l6 3");
            path.push_str(&match wire.way {
                Way::ToServer => to,
                Way::FromServer => from,
                Way::Both => format!("{to}M{x} {middle}l6-3m-6 3l6 3"),
                Way::Neither => format!("M{} {middle}h8m-4-4v8", x - 4),
            });
        }
        let class = match (line.marked, line.said.comment) {
            (true, _) => " class=k",
            (false, true) => " class=n",
            (false, false) => "",
        };
        let mark = if line.marked { "&gt; " } else { "" };
        if line.marked {
            let width = self.server + 34;
            write!(
                self.bands,
                "<rect class=b y={y} width={width} height={ROW} />"
            )
            .unwrap_or_default();
        }
        let stamp = line.said.stamp.trim_end_matches("ms");
        write!(self.times, "<text y={base}>{stamp}</text>").unwrap_or_default();
        let label = short(words, LABEL);
        write!(self.labels, "<text{class} y={base}>{mark}{label}</text>").unwrap_or_default();
    }

    /// Says how many lines are not there; how high that is.
    fn gap(&mut self, number: usize, y: usize) -> usize {
        if number == 0 {
            return 0;
        }
        let lines = text::count(number, "line");
        let base = y + WORDS;
        write!(
            self.labels,
            "<text class=n y={base}>… {lines} left out</text>"
        )
        .unwrap_or_default();
        ROW
    }
}

const fn column(index: usize) -> usize {
    TIMES + 34 + index * APART
}

/// `ana -> welcome` beside the lifeline of ana needs neither her name nor the arrow.
fn without<'a>(words: &'a str, who: &str) -> &'a str {
    let Some(rest) = words
        .strip_prefix(who)
        .and_then(|rest| rest.strip_prefix(' '))
    else {
        return words;
    };
    let arrows = ["-> ", "<- ", ">> ", "<< "];
    let arrow = arrows.iter().find_map(|arrow| rest.strip_prefix(arrow));
    arrow.unwrap_or(rest)
}
