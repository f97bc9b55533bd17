//! Lines, marks and axes as data, drawn as SVG.
//!
//! A scale is the axis' own business: points are given in what it was made from, and a logarithm is
//! taken here. Zero has none, and is not drawn on such an axis.

use std::io;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::prelude::*;

use super::palette::Colour;

/// A picture without its words.
pub(super) struct Plot {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    pub(super) marks: Vec<Mark>,
}

/// An axis: from where to where, and what is written on it.
#[derive(Clone)]
pub(super) struct Axis {
    pub(super) label: String,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) ticks: Vec<(f64, String)>,
    pub(super) logarithmic: bool,
    /// How many pixels its labels take.
    pub(super) room: u32,
}

/// A line.
pub(super) struct Line {
    pub(super) colour: Colour,
    pub(super) width: u32,
    pub(super) dashed: bool,
    pub(super) points: Vec<(f64, f64)>,
}

/// One point.
pub(super) struct Mark {
    pub(super) colour: Colour,
    pub(super) shape: Shape,
    pub(super) at: (f64, f64),
}

/// What a point looks like.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Dot,
    Ring,
    Cross,
    /// The end of an interval.
    End,
}

impl Axis {
    /// A logarithmic axis around all these values.
    pub(super) fn logarithmic(
        label: &str,
        values: impl IntoIterator<Item = f64>,
        written: impl Fn(f64) -> String,
    ) -> Self {
        let values = values.into_iter().filter(|value| *value > 0.0);
        let (low, high) = range(values).unwrap_or((1.0, 10.0));
        let (low, high) = (low / 1.25, high * 1.25);
        let (from, to) = (low.log10(), high.log10());
        let steps: &[f64] = match to - from {
            span if span < 0.7 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
            span if span < 3.2 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let mut ticks = Vec::new();
        let mut decade = 10_f64.powf(from.floor());
        while decade <= high {
            let within = steps.iter().map(|step| decade * step);
            let within = within.filter(|value| (low..=high).contains(value));
            ticks.extend(within.map(|value| (value.log10(), written(value))));
            decade *= 10.0;
        }
        Self {
            label: label.to_owned(),
            from,
            to,
            ticks,
            logarithmic: true,
            room: 70,
        }
    }

    /// An axis of equal steps from one value to another.
    pub(super) fn linear(
        label: &str,
        (from, to): (f64, f64),
        written: impl Fn(f64) -> String,
    ) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        let rough = (to - from) / 6.0;
        let decade = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
        let step = steps.into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let mut ticks = Vec::new();
        let mut at = (from / step).ceil() * step;
        while at <= to + step * 1e-6 {
            ticks.push((at, written(at)));
            at += step;
        }
        Self {
            label: label.to_owned(),
            from,
            to,
            ticks,
            logarithmic: false,
            room: 70,
        }
    }

    /// Where a value is, if it is anywhere.
    fn at(&self, value: f64) -> Option<f64> {
        let at = if self.logarithmic {
            value.log10()
        } else {
            value
        };
        at.is_finite().then_some(at)
    }

    fn written(&self, at: f64) -> String {
        let near = |tick: &&(f64, String)| (tick.0 - at).abs() < 1e-9;
        let tick = self.ticks.iter().find(near);
        tick.map(|(_, text)| text.clone()).unwrap_or_default()
    }
}

/// An axis as plotters asks for it: its own ticks are not those that a percentile or a latency has.
impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    #[expect(clippy::cast_possible_truncation, reason = "pixels of a picture")]
    fn map(&self, at: &f64, (low, high): (i32, i32)) -> i32 {
        let share = (at - self.from) / (self.to - self.from);
        low + (share * f64::from(high - low)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|(at, _)| *at).collect()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.from..self.to
    }
}

/// The smallest and the largest.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

impl Plot {
    /// The picture as an `svg` element.
    pub(super) fn svg(&self) -> io::Result<String> {
        let mut svg = String::new();
        {
            let backend = SVGBackend::with_string(&mut svg, (self.width, self.height));
            let area = backend.into_drawing_area();
            self.draw(&area)
                .and_then(|()| area.present())
                .map_err(|error| io::Error::other(error.to_string()))?;
        }
        Ok(svg)
    }

    fn draw(
        &self,
        area: &DrawingArea<SVGBackend<'_>, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<io::Error>> {
        let letters = |size: f64| {
            let font = ("sans-serif", size).into_font();
            font.color(&Colour::Axis.by_day())
        };
        let mut chart = ChartBuilder::on(area)
            .margin_top(12)
            .margin_right(24)
            .margin_left(4)
            .margin_bottom(4)
            .x_label_area_size(46)
            .y_label_area_size(self.y.room)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .x_labels(self.x.ticks.len())
            .y_labels(self.y.ticks.len())
            .bold_line_style(Colour::Grid.by_day())
            .light_line_style(TRANSPARENT)
            .axis_style(Colour::Axis.by_day())
            .set_all_tick_mark_size(3)
            .label_style(letters(15.0))
            .axis_desc_style(letters(15.0))
            .x_label_formatter(&|at| self.x.written(*at))
            .y_label_formatter(&|at| self.y.written(*at))
            .x_desc(self.x.label.clone())
            .y_desc(self.y.label.clone())
            .draw()?;
        for line in &self.lines {
            let points: Vec<(f64, f64)> = line
                .points
                .iter()
                .filter_map(|&(x, y)| Some((self.x.at(x)?, self.y.at(y)?)))
                .collect();
            let style = line.colour.by_day().stroke_width(line.width);
            if line.dashed {
                chart.draw_series(DashedLineSeries::new(points, 6, 5, style))?;
            } else {
                chart.draw_series(LineSeries::new(points, style))?;
            }
        }
        for mark in &self.marks {
            let (x, y) = mark.at;
            let Some(at) = self.x.at(x).zip(self.y.at(y)) else {
                continue;
            };
            let colour = mark.colour.by_day();
            match mark.shape {
                Shape::Dot => {
                    chart.draw_series([Circle::new(at, 5, colour.filled())])?;
                }
                Shape::Ring => {
                    chart.draw_series([Circle::new(at, 5, colour.stroke_width(2))])?;
                }
                Shape::End => {
                    let end = EmptyElement::at(at)
                        + PathElement::new([(0, -6), (0, 7)], colour.stroke_width(2));
                    chart.draw_series([end])?;
                }
                Shape::Cross => {
                    chart.draw_series([Cross::new(at, 5, colour.stroke_width(3))])?;
                }
            }
        }
        Ok(())
    }
}
