//! The report as data: sections of words, items and tables. Nothing in it is escaped yet: a target
//! may be called anything, and what is dangerous depends on where it is shown.

use chatspec_judge::bench::outcome::{self, Findings};
use chatspec_judge::bench::{Bench, GateResult};

use super::{asked, compared, figures, limits, reach, verdict};
use crate::style::Ink;

/// Everything that a report says.
pub(super) struct Document {
    /// The verdict in a sentence or two, and its ink.
    pub(super) verdict: (String, Ink),
    /// What leads to it, in order of need; none of them is empty.
    pub(super) sections: Vec<Section>,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Asked,
    Doubts,
    Reach,
    Figures,
    Compared,
    Gates,
    Limits,
    Method,
}

/// A part of a report.
pub(super) struct Section {
    pub(super) about: About,
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block>,
}

impl Section {
    /// Items and nothing else; an empty section where there are none.
    pub(super) fn of_items(about: About, title: &'static str, items: Vec<Item>) -> Self {
        let blocks = if items.is_empty() {
            Vec::new()
        } else {
            vec![Block::Items(items)]
        };
        Self {
            about,
            title,
            blocks,
        }
    }
}

/// What a section is made of.
pub(super) enum Block {
    /// A paragraph.
    Words(Ink, String),
    /// What is said of somebody each.
    Items(Vec<Item>),
    /// Figures.
    Table(Table),
}

/// What is said of somebody.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) ink: Ink,
    pub(super) words: String,
}

/// Figures: who across, what down.
pub(super) struct Table {
    /// Whose it is, where there are several of a kind.
    pub(super) caption: Option<String>,
    /// What stands over the first column.
    pub(super) corner: String,
    pub(super) columns: Vec<String>,
    pub(super) groups: Vec<Group>,
}

/// Rows that belong together.
pub(super) struct Group {
    /// What they are about; empty where the table has only this group.
    pub(super) title: &'static str,
    pub(super) rows: Vec<Row>,
}

/// A row: what it has, and one cell for each column.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
    /// Whether it is one of the few that a short report shows.
    pub(super) key: bool,
}

/// A figure as it is read; none where there is none.
pub(super) type Cell = Option<(String, Ink)>;

/// What stands where there is no figure.
pub(super) const NOTHING: &str = "-";

impl Document {
    /// Everything that is to be said about a bench.
    pub(super) fn new(bench: &Bench, gates: &[GateResult], strict: bool) -> Self {
        let findings = outcome::findings(bench, gates);
        let sections = [
            asked::section(bench),
            doubts(&findings),
            reach::section(bench),
            figures::section(bench),
            compared::section(bench),
            compared::gates(&findings),
            limits::section(bench),
            method(bench),
        ];
        let told = sections
            .into_iter()
            .filter(|section| !section.blocks.is_empty());
        Self {
            verdict: verdict::of(bench, &findings, strict),
            sections: told.collect(),
        }
    }
}

/// Why none of it must be believed: before any figure, since it takes the ground from all of them.
fn doubts(findings: &Findings) -> Section {
    let mut blocks = Vec::new();
    if !findings.refusals.is_empty() {
        let why = if findings.are_counts_doubted() {
            "These figures must not be used: what follows shows more of the harness or of this machine \
             than of a server."
        } else {
            "These latencies must not be used: what follows shows more of the harness or of this machine \
             than of a server. What was counted holds."
        };
        blocks.push(Block::Words(Ink::Bad, why.to_owned()));
        let refusals = findings.refusals.iter();
        let words = refusals.map(|refusal| Block::Words(Ink::Doubtful, refusal.to_string()));
        blocks.extend(words);
    }
    Section {
        about: About::Doubts,
        title: "doubts",
        blocks,
    }
}

/// How it was measured, for who must defend the figures.
fn method(bench: &Bench) -> Section {
    let schedule = if bench.plan.pace.is_open() {
        "Open loop: messages are due on a schedule that waits for nobody, and a latency begins when its \
         message was due. What a stall keeps waiting is in it, which a tool that sends the next message \
         after the last answer leaves out."
    } else {
        "Closed loop: a sender waits for acks before it goes on. A server that stalls is asked nothing \
         meanwhile, so these latencies say what it can do at most, not what people would wait for."
    };
    let arrival = match stamped(bench) {
        Stamped::All => {
            "A latency ends when the kernel stamped the arrival at this machine; how long the harness took \
             to read it is told apart as \"read late\" and is in no latency."
        }
        Stamped::Some => {
            "A latency ends when the kernel stamped the arrival at this machine, in those turns that have a \
             \"read late\"; in the others it ends when the harness had read it, which is later."
        }
        Stamped::None => {
            "A latency ends when the harness read the arrival: the kernel stamped none here, so that what \
             the harness itself took is in it."
        }
    };
    let words = [
        schedule,
        arrival,
        "Every delivery is measured, at every member. A room has a message when the last of its members \
         has it; first and median tell how far apart they are.",
        "Read the reach first: what never arrived has no latency, so a server that drops looks fast.",
        "Latencies are kept in histograms of three digits that leave nothing out. Intervals hold 95% of a \
         bootstrap over turns and their seconds.",
    ];
    Section {
        about: About::Method,
        title: "how this was measured",
        blocks: words
            .map(|words| Block::Words(Ink::Dim, words.to_owned()))
            .into(),
    }
}

/// Whether the kernel said when something arrived.
enum Stamped {
    All,
    Some,
    None,
}

fn stamped(bench: &Bench) -> Stamped {
    let turns = bench.targets.iter().flat_map(|target| &target.turns);
    let steps = bench.targets.iter().flat_map(|target| &target.limits);
    let steps = steps.flat_map(|limit| limit.steps.iter().map(|step| &step.turn));
    let turns: Vec<_> = turns.chain(steps).collect();
    let known = turns.iter();
    let known = known.filter(|turn| turn.harness.read_lag.is_some());
    match known.count() {
        0 => Stamped::None,
        known if known == turns.len() => Stamped::All,
        _ => Stamped::Some,
    }
}
