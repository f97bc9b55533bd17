//! Which pictures there are, and what is in them.

use chatspec_judge::bench::{Bench, Histogram};

use super::palette::Colour;
use super::plot::{Axis, Line, Plot};
use super::{knee, ratios};
use crate::bench::document::About;
use crate::bench::figures::{self, Column, columns};
use crate::bench::units;

/// Of a picture that has the width of the page.
pub(super) const WIDE: (u32, u32) = (960, 400);

/// Of one that stands beside others.
pub(super) const SMALL: (u32, u32) = (480, 300);

/// Plots under one heading.
pub(super) struct Picture {
    /// Which section it follows.
    pub(super) after: About,
    pub(super) id: &'static str,
    pub(super) title: String,
    /// How to read it.
    pub(super) caption: String,
    pub(super) legend: Vec<Entry>,
    /// Each with what it shows, where there are several.
    pub(super) plots: Vec<(String, Plot)>,
}

/// What a line or a mark stands for.
pub(super) struct Entry {
    pub(super) colour: Colour,
    /// The class of its sample in the page's style.
    pub(super) line: &'static str,
    pub(super) name: String,
}

impl Entry {
    pub(super) fn new(colour: Colour, line: &'static str, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { colour, line, name }
    }
}

/// Every picture for which something was measured.
pub(super) fn of(bench: &Bench) -> Vec<Picture> {
    let shown = shown(bench);
    let mut pictures: Vec<Picture> = [percentiles(bench, &shown), seconds(&shown), rooms(&shown)]
        .into_iter()
        .flatten()
        .collect();
    pictures.extend(ratios::picture(bench));
    pictures.extend(knee::picture(bench));
    pictures
}

/// Who is drawn, in which colour: who has at least one delivery. The contended null server is in the
/// table only; another grey line would say nothing.
fn shown(bench: &Bench) -> Vec<(Column<'_>, Colour)> {
    let places = columns(bench).into_iter().enumerate();
    let coloured = places.map(|(place, column)| {
        let colour = if column.judged {
            Colour::Target(place)
        } else {
            Colour::Null
        };
        (column, colour)
    });
    coloured
        .filter(|(column, _)| column.name != figures::BUSY_NULL || column.judged)
        .filter(|(column, _)| !column.turns.all(|turn| &turn.latency).is_empty())
        .collect()
}

fn legend(shown: &[(Column<'_>, Colour)]) -> Vec<Entry> {
    shown
        .iter()
        .map(|(column, colour)| Entry::new(*colour, "line", &column.name))
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, fewer than 2^52")]
pub(super) const fn float(number: u64) -> f64 {
    number as f64
}

/// A latency on an axis, without the digits that a tick does not have.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a latency is positive and below 2^52"
)]
pub(super) fn tick(micros: f64) -> String {
    let micros = micros.round() as u64;
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{} ms", float(micros) / 1_000.0),
        _ => format!("{} s", float(micros) / 1_000_000.0),
    }
}

fn latency_axis<'a>(label: &str, lines: impl IntoIterator<Item = &'a Line>) -> Axis {
    let points = lines.into_iter().flat_map(|line| &line.points);
    Axis::logarithmic(label, points.map(|point| point.1), tick)
}

/// Latency over percentile, the tail as wide as the body.
fn percentiles(bench: &Bench, shown: &[(Column<'_>, Colour)]) -> Option<Picture> {
    let open = bench.plan.pace.is_open();
    let curve = |histogram: &Histogram, colour, dashed| Line {
        colour,
        width: if dashed { 1 } else { 2 },
        dashed,
        points: curve(histogram),
    };
    let mut lines = Vec::new();
    for (column, colour) in shown {
        if open && column.judged {
            let sent = column.turns.all(|turn| &turn.uncorrected);
            lines.push(curve(&sent, *colour, true));
        }
        let due = column.turns.all(|turn| &turn.latency);
        lines.push(curve(&due, *colour, false));
    }
    lines.retain(|line| !line.points.is_empty());
    let last = lines.iter().filter_map(|line| line.points.last());
    let to = last.map(|point| point.0).reduce(f64::max)?;
    let mut legend = legend(shown);
    let mut caption =
        "How long the best so many in a hundred deliveries took; to the right, the few that \
                       took longest. Lower is faster, and flat is even."
            .to_owned();
    if open {
        legend.push(Entry::new(Colour::Axis, "dashed", "the same since sent"));
        caption += " The dashed line is what a tool shows that forgets when a message was due: where it \
                    leaves the solid one, messages left late, because the harness was, or because a \
                    connection took nothing.";
    }
    Some(Picture {
        after: About::Figures,
        id: "percentiles",
        title: "latency by percentile".to_owned(),
        caption,
        legend,
        plots: vec![(
            String::new(),
            Plot {
                width: WIDE.0,
                height: WIDE.1,
                x: tail_axis(to),
                y: latency_axis("latency of a delivery", &lines),
                lines,
                marks: Vec::new(),
            },
        )],
    })
}

/// The share that is slower than a percentile, as powers of ten: p90 is one, p99 is two.
fn tail_axis(to: f64) -> Axis {
    let names = [
        (0.0, "fastest"),
        (0.5, "p50"),
        (0.9, "p90"),
        (0.99, "p99"),
        (0.999, "p99.9"),
        (0.9999, "p99.99"),
        (0.99999, "p99.999"),
    ];
    let ticks = names.map(|(share, name): (f64, &str)| (-(1.0 - share).log10(), name.to_owned()));
    Axis {
        label: "percentile".to_owned(),
        from: 0.0,
        to,
        ticks: ticks
            .into_iter()
            .filter(|(at, _)| *at <= to + 1e-9)
            .collect(),
        logarithmic: false,
        room: 0,
    }
}

/// As far out as there are samples to tell.
fn curve(histogram: &Histogram) -> Vec<(f64, f64)> {
    /// How many points make a power of ten.
    const STEPS: u32 = 24;
    if histogram.is_empty() {
        return Vec::new();
    }
    let end = float(histogram.count()).log10().clamp(1.0, 5.0);
    let points = (0..).map(|step| f64::from(step) / f64::from(STEPS));
    let points = points.take_while(|at| *at < end).chain([end]);
    points
        .map(|at| {
            let share = 1.0 - 10_f64.powf(-at);
            (at, float(histogram.quantile(share)))
        })
        .collect()
}

/// p50 and p99 of each second, the turns one after the other.
fn seconds(shown: &[(Column<'_>, Colour)]) -> Option<Picture> {
    let judged = shown.iter().filter(|(column, _)| column.judged);
    let mut lines = Vec::new();
    let mut longest = 0_u32;
    for (column, colour) in judged {
        let mut at = 0_u32;
        for turn in &column.turns.turns {
            for (share, width) in [(0.5, 1), (0.99, 2)] {
                let seconds = (at..).zip(&turn.seconds);
                let known = seconds.filter(|(_, second)| !second.latency.is_empty());
                let points = known.map(|(at, second)| {
                    // In the middle of its second.
                    let latency = float(second.latency.quantile(share));
                    (f64::from(at) + 0.5, latency)
                });
                lines.push(Line {
                    colour: *colour,
                    width,
                    dashed: false,
                    points: points.collect(),
                });
            }
            at = at.saturating_add(u32::try_from(turn.seconds.len()).unwrap_or(u32::MAX));
            // A gap, so that turns are told apart.
            at = at.saturating_add(1);
        }
        longest = longest.max(at.saturating_sub(1));
    }
    lines.retain(|line| !line.points.is_empty());
    if lines.is_empty() {
        return None;
    }
    let mut legend = legend(shown);
    legend.retain(|entry| entry.colour != Colour::Null);
    legend.push(Entry::new(Colour::Axis, "line", "p99"));
    legend.push(Entry::new(Colour::Axis, "thin", "p50"));
    Some(Picture {
        after: About::Figures,
        id: "seconds",
        title: "latency over time".to_owned(),
        caption: "The deliveries of the messages that were due in each second; turns stand one after the \
                  other, with a gap in between. A peak that comes again at even distances is a collector or \
                  a timer; a line that climbs is a queue that only grows."
            .to_owned(),
        legend,
        plots: vec![(
            String::new(),
            Plot {
                width: WIDE.0,
                height: WIDE.1,
                x: Axis::linear("seconds that were measured", (0.0, longest.into()), |at| {
                    format!("{at:.0}")
                }),
                y: latency_axis("latency of a delivery", &lines),
                lines,
                marks: Vec::new(),
            },
        )],
    })
}

/// How many messages had reached the first, the median and the last member after how long.
fn rooms(shown: &[(Column<'_>, Colour)]) -> Option<Picture> {
    let of = |column: &Column<'_>| {
        [
            (Colour::First, column.turns.all(|turn| &turn.first)),
            (Colour::Median, column.turns.all(|turn| &turn.median)),
            (Colour::Last, column.turns.all(|turn| &turn.last)),
        ]
        .map(|(colour, histogram)| Line {
            colour,
            width: 2,
            dashed: false,
            points: shares(&histogram),
        })
    };
    let drawn: Vec<(String, [Line; 3])> = shown
        .iter()
        .map(|(column, _)| (column.name.clone(), of(column)))
        .filter(|(_, lines)| lines.iter().all(|line| !line.points.is_empty()))
        .collect();
    if drawn.is_empty() {
        return None;
    }
    // One axis for all, so that they can be compared.
    let all = drawn.iter().flat_map(|(_, lines)| lines);
    let points = all.flat_map(|line| &line.points);
    let x = Axis::logarithmic(
        "since the message was due",
        points.map(|point| point.0),
        tick,
    );
    let y = Axis::linear("messages", (0.0, 1.0), |share| {
        format!("{:.0} %", share * 100.0)
    });
    let (width, height) = if drawn.len() == 1 { WIDE } else { SMALL };
    let plots = drawn.into_iter().map(|(name, lines)| {
        let plot = Plot {
            width,
            height,
            x: x.clone(),
            y: y.clone(),
            lines: lines.into(),
            marks: Vec::new(),
        };
        (name, plot)
    });
    Some(Picture {
        after: About::Figures,
        id: "rooms",
        title: "until a room has a message".to_owned(),
        caption: "How many of the messages had come to the first, the median and the last member of their \
                  room after how long. Lines that are close together are a fan-out that is over quickly; \
                  the last is when everybody has read the same."
            .to_owned(),
        legend: vec![
            Entry::new(Colour::First, "line", "first member"),
            Entry::new(Colour::Median, "line", "median member"),
            Entry::new(Colour::Last, "line", "last member"),
        ],
        plots: plots.collect(),
    })
}

/// Which share of all a latency does not exceed, in even steps of the share.
fn shares(histogram: &Histogram) -> Vec<(f64, f64)> {
    const STEPS: u32 = 100;
    if histogram.is_empty() {
        return Vec::new();
    }
    let points = (0..=STEPS).map(|step| {
        let share = f64::from(step) / f64::from(STEPS);
        (float(histogram.quantile(share)), share)
    });
    points.collect()
}

/// A share or a factor on an axis.
pub(super) fn ratio_tick(ratio: f64) -> String {
    let rounded = (ratio * 100.0).round() / 100.0;
    format!("{rounded}x")
}

/// Messages a second, or members, on an axis.
pub(super) fn load_tick(load: f64) -> String {
    units::number((load * 100.0).round() / 100.0)
}
