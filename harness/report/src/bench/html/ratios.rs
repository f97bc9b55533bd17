//! Everybody else over the first target: a dot for the ratio, a line for its interval.

use chatspec_judge::bench::Bench;

use super::palette::Colour;
use super::pictures::{Picture, WIDE, ratio_tick};
use super::plot::{Axis, Line, Mark, Plot, Shape};
use crate::bench::compared::{self, METRICS};
use crate::bench::document::About;
use crate::text;

pub(super) fn picture(bench: &Bench) -> Option<Picture> {
    let (first, others) = compared::with_first(bench)?;
    let rows: Vec<_> = others
        .into_iter()
        .flat_map(|other| {
            let mut targets = bench.targets.iter();
            let place = targets.position(|target| target.name == other.name);
            let colour = place.map_or(Colour::Null, Colour::Target);
            // Names are labels of the axis here, and have the room that they have.
            let name = text::shorten(&text::legible(&other.name), 34, None);
            let named = METRICS.into_iter().zip(other.ratios);
            named.filter_map(move |(metric, ratio)| {
                Some((format!("{name}, {metric}"), colour, ratio?))
            })
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let heights = || (0_u32..).map(|row| f64::from(row) + 0.5);
    let bottom = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let ends = rows
        .iter()
        .flat_map(|(_, _, ratio)| [ratio.low, ratio.high, ratio.value]);
    let x = Axis::logarithmic("times as long", ends.chain([1.0]), ratio_tick);
    let y = Axis {
        label: String::new(),
        // Downwards, as the table is read.
        from: bottom.into(),
        to: 0.0,
        ticks: heights()
            .zip(rows.iter().map(|(name, ..)| name.clone()))
            .collect(),
        logarithmic: false,
        room: 290,
    };
    let even = Line {
        colour: Colour::Limit,
        width: 1,
        dashed: true,
        points: vec![(1.0, 0.0), (1.0, bottom.into())],
    };
    let mut lines = vec![even];
    lines.extend(heights().zip(&rows).map(|(at, (_, colour, ratio))| Line {
        colour: *colour,
        width: 2,
        dashed: false,
        points: vec![(ratio.low, at), (ratio.high, at)],
    }));
    let marks = heights().zip(&rows).flat_map(|(at, (_, colour, ratio))| {
        let ends = [
            (Shape::End, ratio.low),
            (Shape::End, ratio.high),
            (Shape::Dot, ratio.value),
        ];
        ends.map(|(shape, value)| Mark {
            colour: *colour,
            shape,
            at: (value, at),
        })
    });
    let marks = marks.collect();
    Some(Picture {
        after: About::Compared,
        id: "ratios",
        title: format!("how many times as long as {}", first.name),
        caption: "A dot is the ratio, and the line through it is its 95% interval. Left of the dashed line \
                  is faster than the first target. An interval that crosses it is noise."
            .to_owned(),
        legend: Vec::new(),
        plots: vec![(
            String::new(),
            Plot {
                width: WIDE.0,
                height: 90 + 34 * bottom.min(60),
                x,
                y,
                lines,
                marks,
            },
        )],
    })
}
