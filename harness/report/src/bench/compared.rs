//! Who is faster than whom, and what the gates say.

use chatspec_judge::bench::compare::{self, Change, Ratio};
use chatspec_judge::bench::objective::{Metric, Of};
use chatspec_judge::bench::outcome::Findings;
use chatspec_judge::bench::{Bench, GateResult, TargetTurns};

use super::document::{About, Block, Cell, Group, Item, Row, Section, Table};
use super::figures::{Column, columns};
use super::units;
use crate::style::Ink;

/// The seed of all intervals that are shown: the same bench makes the same report.
const SEED: u64 = 0;

/// What is compared: the usual, the bad, and the bad for a whole room.
pub(super) const METRICS: [Metric; 3] = [
    Metric::Percentile(Of::Delivery, 50.0),
    Metric::Percentile(Of::Delivery, 99.0),
    Metric::Percentile(Of::Room, 99.0),
];

/// One who is compared with the first target.
pub(super) struct Compared {
    pub(super) name: String,
    pub(super) ratios: [Option<Ratio>; METRICS.len()],
}

/// Everybody else, held against the first target. The contended null server is held against the null
/// server only, in words.
pub(super) fn with_first(bench: &Bench) -> Option<(&TargetTurns, Vec<Compared>)> {
    let first = bench.targets.first()?;
    let contended = bench.contention.as_ref();
    let others = columns(bench)
        .into_iter()
        .skip(1)
        .filter(|column| !contended.is_some_and(|turns| std::ptr::eq(turns, column.turns)));
    let ratios = others.map(|Column { name, turns, .. }| Compared {
        name,
        ratios: METRICS.map(|metric| compare::ratio(metric, first, turns, SEED)),
    });
    let known = ratios.filter(|row| row.ratios.iter().any(Option::is_some));
    Some((first, known.collect()))
}

pub(super) fn section(bench: &Bench) -> Section {
    let mut blocks = Vec::new();
    if let Some((first, others)) = with_first(bench)
        && !others.is_empty()
    {
        let rows = others.into_iter().map(|other| Row {
            name: other.name,
            cells: other.ratios.map(cell).into(),
            key: true,
        });
        blocks.push(Block::Table(Table {
            caption: None,
            corner: format!("over {}", first.name),
            columns: METRICS.iter().map(ToString::to_string).collect(),
            groups: vec![Group {
                title: "",
                rows: rows.collect(),
            }],
        }));
        let mut how = "Each is the figure of the row divided by that of the first target, with its 95% \
                       interval; less is faster. An interval around 1.00x is noise: nobody can tell."
            .to_owned();
        if first.turns.len() == 1 {
            how += " There was one turn only, so the intervals do not know how much turns differ.";
        }
        blocks.push(Block::Words(Ink::Dim, how));
    }
    blocks.extend(contention(bench));
    Section {
        about: About::Compared,
        title: "compared",
        blocks,
    }
}

fn cell(ratio: Option<Ratio>) -> Cell {
    let ratio = ratio?;
    let ink = match () {
        () if ratio.low > 1.0 => Ink::Doubtful,
        () if ratio.high < 1.0 => Ink::Good,
        () => Ink::Dim,
    };
    Some((units::ratio(ratio), ink))
}

/// What it costs that target and harness share their cores.
fn contention(bench: &Bench) -> Option<Block> {
    let (null, contended) = (bench.null.as_ref()?, bench.contention.as_ref()?);
    let of = |metric| compare::ratio(metric, null, contended, SEED);
    let (p50, p99) = (of(METRICS[0])?, of(METRICS[1])?);
    let words = format!(
        "Contention: burning as much processor time as the busiest target, the null server took {} as long \
         as alone at p50, and {} at p99. So much of a latency here is the machine's, where harness and \
         target share its cores.",
        units::ratio(p50),
        units::ratio(p99),
    );
    let ink = if p99.low > 1.0 { Ink::Note } else { Ink::Dim };
    Some(Block::Words(ink, words))
}

/// What the gates say, the worst first.
pub(super) fn gates(findings: &Findings) -> Section {
    let by = |change| {
        let of = findings.gates.iter();
        of.filter(move |gate| gate.change == change).map(gate)
    };
    let items: Vec<Item> = by(Change::TooBad)
        .chain(by(Change::CannotTell))
        .chain(by(Change::Fine))
        .collect();
    Section::of_items(About::Gates, "gates", items)
}

fn gate(result: &GateResult) -> Item {
    let GateResult { target, base, .. } = result;
    let found = match result.ratio {
        Some(ratio) => format!("{target} is at {} of {base}", units::ratio(ratio)),
        None => format!("{target} or {base} has no such figure"),
    };
    let (ink, words) = match (result.change, result.ratio) {
        (Change::Fine, _) => (Ink::Good, format!("fine: {found}")),
        (Change::TooBad, _) => (Ink::Bad, format!("TOO BAD: {found}")),
        (Change::CannotTell, None) => (Ink::Open, format!("CANNOT TELL: {found}")),
        (Change::CannotTell, Some(_)) => (
            Ink::Open,
            format!(
                "CANNOT TELL: {found}, and the limit is within that interval: the noise is larger than the \
                 change. More turns, or longer ones, make it narrower."
            ),
        ),
    };
    Item {
        name: result.gate.to_string(),
        ink,
        words,
    }
}
