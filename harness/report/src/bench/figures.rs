//! The table of figures: targets and the null server across, what was measured down.

use std::ops::RangeInclusive;

use chatspec_judge::bench::measured::{Guests, Server};
use chatspec_judge::bench::stall::{Stall, stall};
use chatspec_judge::bench::{Bench, Histogram, TargetTurns, Turn};

use super::document::{About, Block, Cell, Group, Row, Section, Table};
use super::units;
use crate::style::Ink;

/// What the null server is called.
pub(super) const NULL: &str = "null server";

/// What it is called while something burns processor time beside it.
pub(super) const BUSY_NULL: &str = "null, contended";

/// From this ratio of the two on, a latency and what it would be without the schedule are told apart
/// in words.
const APART: f64 = 2.0;

/// Somebody who was measured.
pub(super) struct Column<'a> {
    pub(super) name: String,
    pub(super) turns: &'a TargetTurns,
    /// Whether it is a target, and not ours.
    pub(super) judged: bool,
}

/// The targets, then the null server, then the same contended.
pub(super) fn columns(bench: &Bench) -> Vec<Column<'_>> {
    let targets = bench.targets.iter().map(|turns| Column {
        name: turns.name.clone(),
        turns,
        judged: true,
    });
    let ours = |turns, name: &str| Column {
        name: name.to_owned(),
        turns,
        judged: false,
    };
    let null = bench.null.iter().map(|turns| ours(turns, NULL));
    let contention = bench.contention.iter().map(|turns| ours(turns, BUSY_NULL));
    targets.chain(null).chain(contention).collect()
}

pub(super) fn section(bench: &Bench) -> Section {
    let measured = |column: &Column<'_>| !column.turns.turns.is_empty();
    let columns: Vec<Column<'_>> = columns(bench).into_iter().filter(measured).collect();
    let groups: Vec<Group> = groups(&columns, bench.plan.pace.is_open())
        .into_iter()
        .filter(|group| !group.rows.is_empty())
        .collect();
    let mut blocks = Vec::new();
    if !groups.is_empty() {
        let columns = columns.iter().map(|column| column.name.clone());
        blocks.push(Block::Table(Table {
            caption: None,
            corner: String::new(),
            columns: columns.collect(),
            groups,
        }));
    }
    let judged = || columns.iter().filter(|column| column.judged);
    blocks.extend(judged().filter_map(stood_still));
    if bench.plan.pace.is_open() {
        blocks.extend(judged().filter_map(sent_to_late));
    }
    let null = bench.null.as_ref().and_then(stall);
    if let Some(stall) = null {
        let words = format!(
            "The null server stood still too, for up to {}: it was this machine.",
            units::micros(stall.longest)
        );
        blocks.push(Block::Words(Ink::Doubtful, words));
    }
    Section {
        about: About::Figures,
        title: "figures",
        blocks,
    }
}

/// Says that a server stood still, which percentiles of a whole turn may hide.
fn stood_still(column: &Column<'_>) -> Option<Block> {
    let Stall {
        seconds,
        of,
        longest,
        usual,
    } = stall(column.turns)?;
    let words = format!(
        "{} stood still: in {seconds} of {of} seconds a tenth of what was due or more came late, by up to \
         {}, where {} is usual.",
        column.name,
        units::micros(longest),
        units::micros(usual),
    );
    Some(Block::Words(Ink::Doubtful, words))
}

/// Says that messages could not be sent when they were due, where a tool that forgets the schedule would
/// not have noticed.
fn sent_to_late(column: &Column<'_>) -> Option<Block> {
    let due = column.turns.all(|turn| &turn.latency);
    let sent = column.turns.all(|turn| &turn.uncorrected);
    let apart = |&(_, share): &(&str, f64)| {
        let [due, sent] = [&due, &sent].map(|histogram| histogram.quantile(share));
        sent > 0 && ratio_of(due, sent) > APART
    };
    let (name, share) = [("p99", 0.99), ("p99.9", 0.999)].into_iter().find(apart)?;
    let words = format!(
        "{} was sent to late, by the harness or because it took nothing: at {name} a delivery came {} after \
         its message was due, and {} after it was sent. A tool that forgets the schedule would have said \
         the latter.",
        column.name,
        units::micros(due.quantile(share)),
        units::micros(sent.quantile(share)),
    );
    Some(Block::Words(Ink::Doubtful, words))
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, fewer than 2^52")]
fn ratio_of(above: u64, below: u64) -> f64 {
    above as f64 / below as f64
}

/// Where there is no schedule, a message is due when it is sent, and nothing is to be told apart.
fn groups(columns: &[Column<'_>], open: bool) -> Vec<Group> {
    let sent = if open { columns } else { &[] };
    vec![
        latency(columns),
        uncorrected(sent),
        rooms(columns),
        acks(columns),
        work(columns),
        joining(columns),
        guests(columns),
        harness(columns),
    ]
}

/// Makes the rows of a group: one that nobody has a figure for is left out.
struct Rows<'a> {
    columns: &'a [Column<'a>],
    rows: Vec<Row>,
}

impl<'a> Rows<'a> {
    fn new(columns: &'a [Column<'a>]) -> Self {
        let rows = Vec::new();
        Self { columns, rows }
    }

    fn add(self, name: &str, cell: impl Fn(&TargetTurns) -> Cell) -> Self {
        self.row(name, false, cell)
    }

    /// A row that a short report shows as well.
    fn key(self, name: &str, cell: impl Fn(&TargetTurns) -> Cell) -> Self {
        self.row(name, true, cell)
    }

    fn row(mut self, name: &str, key: bool, cell: impl Fn(&TargetTurns) -> Cell) -> Self {
        let columns = self.columns.iter();
        let cells: Vec<Cell> = columns.map(|column| cell(column.turns)).collect();
        if cells.iter().any(Option::is_some) {
            self.rows.push(Row {
                name: name.to_owned(),
                cells,
                key,
            });
        }
        self
    }

    fn group(self, title: &'static str) -> Group {
        Group {
            title,
            rows: self.rows,
        }
    }
}

fn latency(columns: &[Column<'_>]) -> Group {
    const OF: Part = |turn| &turn.latency;
    Rows::new(columns)
        .key("p50", at(OF, 0.5))
        .add("p90", at(OF, 0.9))
        .key("p99", at(OF, 0.99))
        .key("p99.9", at(OF, 0.999))
        .key("max", at(OF, 1.0))
        .add("p99, turn by turn", spread)
        .group("deliveries, since due")
}

fn uncorrected(columns: &[Column<'_>]) -> Group {
    const OF: Part = |turn| &turn.uncorrected;
    Rows::new(columns)
        .add("p99", at(OF, 0.99))
        .add("p99.9", at(OF, 0.999))
        .group("deliveries, since sent")
}

fn rooms(columns: &[Column<'_>]) -> Group {
    Rows::new(columns)
        .add("first member, p50", at(|turn| &turn.first, 0.5))
        .add("first member, p99", at(|turn| &turn.first, 0.99))
        .add("median member, p50", at(|turn| &turn.median, 0.5))
        .add("median member, p99", at(|turn| &turn.median, 0.99))
        .add("last member, p50", at(|turn| &turn.last, 0.5))
        .key("last member, p99", at(|turn| &turn.last, 0.99))
        .group("a message reaches its room")
}

fn acks(columns: &[Column<'_>]) -> Group {
    const OF: Part = |turn| &turn.ack;
    Rows::new(columns)
        .add("p50", at(OF, 0.5))
        .add("p99", at(OF, 0.99))
        .add("max", at(OF, 1.0))
        .group("acks, since due")
}

fn work(columns: &[Column<'_>]) -> Group {
    Rows::new(columns)
        .key("deliveries/s", |target| {
            plain(units::number(deliveries_a_second(&target.turns)?))
        })
        .key("deliveries/s a core", |target| {
            plain(units::number(deliveries_a_core(&target.turns)?))
        })
        .add("memory, at most", |target| {
            let peak = servers(&target.turns)
                .map(|server| server.memory_peak)
                .max()?;
            plain(units::bytes(peak))
        })
        .key("memory a connection", |target| {
            plain(units::bytes(bytes_a_connection(&target.turns)?))
        })
        .group("the server's work")
}

fn joining(columns: &[Column<'_>]) -> Group {
    const OF: Part = |turn| &turn.joined.latency;
    Rows::new(columns)
        .add("members in, at worst", |target| {
            let joined = target.turns.iter().map(|turn| &turn.joined);
            let worst = joined.max_by_key(|joined| joined.wanted.saturating_sub(joined.members))?;
            let [members, wanted] = [worst.members, worst.wanted].map(units::whole);
            if worst.members < worst.wanted {
                Some((format!("{members} of {wanted}"), Ink::Bad))
            } else {
                plain(members)
            }
        })
        .add("welcomes missed", |target| {
            let joined = target.turns.iter().map(|turn| &turn.joined);
            let missed = joined.map(|joined| joined.welcomes_owed.saturating_sub(joined.welcomes));
            let missed: u64 = missed.sum();
            (missed > 0).then(|| (units::whole(missed), Ink::Doubtful))
        })
        .add("all in after, at most", |target| {
            let took = target.turns.iter().map(|turn| turn.joined.took);
            plain(units::seconds(took.reduce(f64::max)?))
        })
        .add("p50", at(OF, 0.5))
        .add("p99", at(OF, 0.99))
        .group("joining")
}

fn guests(columns: &[Column<'_>]) -> Group {
    let some = |target: &TargetTurns, of: fn(&Guests) -> u64| -> Option<u64> {
        let guests = guests_of(&target.turns).map(of);
        guests.reduce(|all, one| all + one)
    };
    let entering = |share: f64| {
        move |target: &TargetTurns| {
            let entering = guests_of(&target.turns).map(|guests| &guests.latency);
            latency_of(&entering.collect::<Histogram>(), share)
        }
    };
    Rows::new(columns)
        .add("came in", |target| {
            plain(units::whole(some(target, |guests| guests.entered)?))
        })
        .add("did not", |target| {
            let failed = some(target, |guests| guests.failed).filter(|failed| *failed > 0)?;
            Some((units::whole(failed), Ink::Bad))
        })
        .add("entering, p50", entering(0.5))
        .add("entering, p99", entering(0.99))
        .add("their deliveries", |target| {
            let owed = some(target, |guests| guests.owed)?;
            let received = some(target, |guests| guests.received)?;
            let [some, all] = [received, owed].map(units::whole);
            if received < owed {
                Some((format!("{some} of {all}"), Ink::Bad))
            } else {
                plain(all)
            }
        })
        .group("guests")
}

fn harness(columns: &[Column<'_>]) -> Group {
    Rows::new(columns)
        .add("busiest worker", |target| {
            let busy = target.turns.iter().map(|turn| turn.harness.busy);
            plain(units::busy(busy.reduce(f64::max)?))
        })
        .add("sent late, p99", at(|turn| &turn.harness.send_lag, 0.99))
        .add("read late, p99", |target| {
            let lags = target.turns.iter();
            let lags = lags.filter_map(|turn| turn.harness.read_lag.as_ref());
            latency_of(&lags.collect::<Histogram>(), 0.99)
        })
        .add("memory a client", |target| {
            let each = target.turns.iter().filter_map(|turn| {
                let grown = turn.harness.memory_joined;
                let grown = grown.checked_sub(turn.harness.memory_before)?;
                grown.checked_div(turn.joined.members)
            });
            plain(units::bytes(each.max().filter(|each| *each > 0)?))
        })
        .group("the harness itself")
}

#[expect(clippy::unnecessary_wraps, reason = "the cell that a row asks for")]
fn plain(text: String) -> Cell {
    Some((text, Ink::Plain))
}

/// One of the histograms of a turn.
type Part = fn(&Turn) -> &Histogram;

/// A percentile of all turns together.
fn at(part: Part, share: f64) -> impl Fn(&TargetTurns) -> Cell {
    move |target| latency_of(&target.all(part), share)
}

fn latency_of(histogram: &Histogram, share: f64) -> Cell {
    (!histogram.is_empty()).then(|| (units::micros(histogram.quantile(share)), Ink::Plain))
}

/// The p99 of the calmest turn and of the wildest.
fn spread(target: &TargetTurns) -> Cell {
    let spread = p99_of_turns(target)?;
    plain(units::span(*spread.start(), *spread.end()))
}

fn p99_of_turns(target: &TargetTurns) -> Option<RangeInclusive<u64>> {
    let p99s = target.turns.iter().map(|turn| turn.latency.quantile(0.99));
    let low = p99s.clone().min()?;
    (target.turns.len() > 1).then_some(low..=p99s.max()?)
}

fn servers(turns: &[Turn]) -> impl Iterator<Item = &Server> {
    turns.iter().filter_map(|turn| turn.server.as_ref())
}

fn guests_of(turns: &[Turn]) -> impl Iterator<Item = &Guests> {
    turns.iter().filter_map(|turn| turn.guests.as_ref())
}

/// Deliveries a second over all of these turns.
pub(super) fn deliveries_a_second(turns: &[Turn]) -> Option<f64> {
    let measured: f64 = turns.iter().map(|turn| turn.measured).sum();
    (measured > 0.0).then(|| received(turns.iter()) / measured)
}

/// Deliveries for each second of the server's processor time, over all turns in which it is known.
pub(super) fn deliveries_a_core(turns: &[Turn]) -> Option<f64> {
    let known = || turns.iter().filter(|turn| turn.server.is_some());
    let cpu: f64 = servers(turns).map(|server| server.cpu).sum();
    (cpu > 0.0).then(|| received(known()) / cpu)
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 deliveries")]
fn received<'a>(turns: impl Iterator<Item = &'a Turn>) -> f64 {
    turns.map(|turn| turn.reach.received).sum::<u64>() as f64
}

/// What a member costs the server in memory: the most of these turns, since a server that goes on from
/// one turn to the next has the memory of the first already.
pub(super) fn bytes_a_connection(turns: &[Turn]) -> Option<u64> {
    let each = turns.iter().filter_map(|turn| {
        let server = turn.server.as_ref()?;
        let grown = server.memory_joined.checked_sub(server.memory_before)?;
        grown.checked_div(turn.joined.members)
    });
    each.max().filter(|each| *each > 0)
}
