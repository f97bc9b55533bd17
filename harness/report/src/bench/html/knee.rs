//! The knee: latency over load, and the line that it must not cross.

use chatspec_judge::bench::measured::{Limit, Raised, Step, StepVerdict};
use chatspec_judge::bench::objective::Metric;
use chatspec_judge::bench::{Bench, Objective};

use super::palette::Colour;
use super::pictures::{Entry, Picture, SMALL, WIDE, load_tick, tick};
use super::plot::{Axis, Line, Mark, Plot, Shape};
use crate::bench::document::About;
use crate::bench::units;

/// One plot for each objective and each way in which the load was raised, with all targets that were
/// asked for it.
pub(super) fn picture(bench: &Bench) -> Option<Picture> {
    let mut plots = Vec::new();
    let mut drawn: Vec<(String, Raised)> = Vec::new();
    for limit in bench.targets.iter().flat_map(|target| &target.limits) {
        let asked = (limit.objective.clone(), limit.raised);
        if drawn.contains(&asked) {
            continue;
        }
        plots.extend(plot(bench, &limit.objective, limit.raised));
        drawn.push(asked);
    }
    if plots.is_empty() {
        return None;
    }
    if plots.len() > 1 {
        for (_, plot) in &mut plots {
            (plot.width, plot.height) = SMALL;
        }
    }
    let targets = bench.targets.iter().enumerate();
    let searched = targets.filter(|(_, target)| !target.limits.is_empty());
    let mut legend: Vec<Entry> = searched
        .map(|(place, target)| Entry::new(Colour::Target(place), "line", &target.name))
        .collect();
    legend.extend([
        Entry::new(Colour::Axis, "dot", "held"),
        Entry::new(Colour::Axis, "cross", "broke"),
        Entry::new(Colour::Axis, "ring", "the harness was the bottleneck"),
        Entry::new(Colour::Limit, "dashed", "the objective"),
    ]);
    Some(Picture {
        after: About::Limits,
        id: "knee",
        title: "load and latency".to_owned(),
        caption: "Every load that was tried. A cross below the line lost deliveries: what does not arrive \
                  has no latency. Beyond the knee a queue grows for as long as the load lasts, and a \
                  longer turn would show a longer latency."
            .to_owned(),
        legend,
        plots,
    })
}

fn plot(bench: &Bench, text: &str, raised: Raised) -> Option<(String, Plot)> {
    let objective: Objective = text.parse().ok()?;
    let targets = bench.targets.iter().enumerate();
    let asked = targets.flat_map(|(place, target)| {
        let same = move |limit: &&Limit| limit.objective == text && limit.raised == raised;
        let limits = target.limits.iter().filter(same);
        limits.map(move |limit| (Colour::Target(place), limit))
    });
    let mut lines = Vec::new();
    let mut marks = Vec::new();
    for (colour, limit) in asked {
        let mut steps: Vec<&Step> = limit.steps.iter().collect();
        steps.sort_by(|one, other| raised.of(one).total_cmp(&raised.of(other)));
        let at = |step: &Step| (raised.of(step), objective.metric.of(&step.turn));
        let believed = steps.iter();
        let believed = believed.filter(|step| step.verdict != StepVerdict::Doubtful);
        lines.push(Line {
            colour,
            width: 2,
            dashed: false,
            points: believed.map(|step| at(step)).collect(),
        });
        marks.extend(steps.into_iter().map(|step| Mark {
            colour,
            shape: match step.verdict {
                StepVerdict::Held => Shape::Dot,
                StepVerdict::Broke => Shape::Cross,
                StepVerdict::Doubtful => Shape::Ring,
            },
            at: at(step),
        }));
    }
    marks.retain(|mark| mark.at.0 > 0.0 && mark.at.1 > 0.0);
    if marks.is_empty() {
        return None;
    }
    let load = match raised {
        Raised::Rate => "messages a second",
        Raised::Members => "members a room",
    };
    let x = Axis::logarithmic(load, marks.iter().map(|mark| mark.at.0), load_tick);
    let heights = marks.iter().map(|mark| mark.at.1).chain([objective.limit]);
    let label = objective.metric.to_string();
    let y = match objective.metric {
        Metric::Reach => {
            let lowest = heights.fold(1.0, f64::min);
            Axis {
                room: 90,
                ..Axis::linear(&label, (lowest, 1.0), units::share)
            }
        }
        Metric::Percentile(..) | Metric::Max(_) => Axis::logarithmic(&label, heights, tick),
    };
    lines.push(Line {
        colour: Colour::Limit,
        width: 2,
        dashed: true,
        points: [x.from, x.to]
            .map(|at| (10_f64.powf(at), objective.limit))
            .into(),
    });
    let (width, height) = WIDE;
    let plot = Plot {
        width,
        height,
        x,
        y,
        lines,
        marks,
    };
    Some((format!("{objective}, over {load}"), plot))
}
