//! Lines of a lower level: a server may break them, so nothing else may hang on whether it does.
//!
//! What one of them waits for must be told from what the lines below it wait for. Else a server that
//! breaks the one would seem to break the other, and no reading of the run could say which.

use std::collections::BTreeSet;

use crate::ast::{
    Emit, Expect, Level, Line, Raw, Receive, Reply, Scenario, Series, Step, StepKind, UpTo, Who,
};
use crate::error::Mistakes;
use crate::mistake::Kind;
use crate::names::Capture;
use crate::span::Spanned;
use crate::value::{Text, Value};

/// Notes lines of a lower level that bind what other lines use, or that others look like.
pub(super) struct Levels<'s> {
    case: Level,
    body: &'s [Line],
}

impl<'s> Levels<'s> {
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        Self {
            case: scenario.level,
            body: &scenario.body,
        }
    }

    /// A step outside blocks, with the captures that were bound above it.
    pub(super) fn step(&self, step: &'s Step, bound: &BTreeSet<&str>, mistakes: &mut Mistakes) {
        // A transcript tells what came, and asks for nothing.
        if step.level.is_none_or(|level| level >= self.case) || step.at.is_some() {
            return;
        }
        let mut captures = Vec::new();
        for pattern in patterns(&step.kind) {
            captures_of(pattern, &mut captures);
        }
        let free = |capture: &&&Spanned<Capture>| !bound.contains(capture.value.as_str());
        if let Some(capture) = captures.iter().find(free) {
            let kind = Kind::LowerLineBinds(capture.value.to_string());
            mistakes.note(kind, capture.span);
        }
        if let Some(alike) = self.alike(step) {
            let there = "this line waits for the same";
            mistakes.note_with(Kind::LowerLineAlike, step.span, alike.span, there);
        }
    }

    /// The first line below, on the same connection, that waits for something of the same look and
    /// has another level.
    fn alike(&self, step: &Step) -> Option<&'s Step> {
        let who = receiver(&step.kind)?;
        let below = self.body.iter().flat_map(steps_of);
        let below = below
            .skip_while(|other| !std::ptr::eq(*other, step))
            .skip(1);
        let here = below.take_while(|other| match &other.kind {
            StepKind::Connect(connect) => connect.who.name != who.name,
            _ => true,
        });
        here.filter(|other| other.level != step.level)
            .filter(|other| receiver(&other.kind).is_some_and(|it| it.name == who.name))
            .find(|other| are_alike(&step.kind, &other.kind))
    }
}

/// A line's step; of a block, the steps inside.
fn steps_of(line: &Line) -> Box<dyn Iterator<Item = &Step> + '_> {
    match line {
        Line::Step(step) => match &step.kind {
            StepKind::Together(lines) | StepKind::InAnyOrder(lines) => {
                Box::new(lines.iter().flat_map(steps_of))
            }
            _ => Box::new(std::iter::once(step)),
        },
        _ => Box::new(std::iter::empty()),
    }
}

/// Who waits for something in this step. The answer to a request of its own is told apart by its id.
fn receiver(kind: &StepKind) -> Option<&Who> {
    match kind {
        StepKind::Receive(Receive { who, what, .. }) => {
            (!matches!(what, Expect::Ack { .. })).then_some(who)
        }
        StepKind::UpTo(UpTo { who, .. }) => Some(who),
        StepKind::RawReceive(receive) => Some(&receive.who),
        _ => None,
    }
}

fn patterns(kind: &StepKind) -> &[Value] {
    match kind {
        StepKind::Receive(Receive { what, .. }) => match what {
            Expect::Event { args, .. } | Expect::Ack { args, .. } => args,
            Expect::ConnectError(payload) => std::slice::from_ref(payload),
            Expect::Closed => &[],
        },
        StepKind::UpTo(UpTo { args, .. })
        | StepKind::Emit(Emit {
            reply: Reply::Await(args),
            ..
        }) => args,
        _ => &[],
    }
}

fn captures_of<'v>(value: &'v Value, found: &mut Vec<&'v Spanned<Capture>>) {
    match value {
        Value::Capture(capture) => found.push(capture),
        Value::Array(values) => values.iter().for_each(|value| captures_of(value, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(_, value)| captures_of(value, found)),
        _ => {}
    }
}

/// Whether one item could be what both steps wait for. When in doubt it could.
fn are_alike(one: &StepKind, other: &StepKind) -> bool {
    let ends = |kind: &StepKind| match kind {
        StepKind::UpTo(_) => true,
        StepKind::Receive(receive) => matches!(receive.what, Expect::Closed),
        _ => false,
    };
    if ends(one) && ends(other) {
        return true;
    }
    if let (Some(one), Some(other)) = (event(one), event(other)) {
        return one.name == other.name
            && one.args.len() == other.args.len()
            && (one.args.iter().zip(other.args))
                .all(|(a, b)| overlap((a, one.series), (b, other.series)));
    }
    match (one, other) {
        (StepKind::RawReceive(one), StepKind::RawReceive(other)) => match (&one.raw, &other.raw) {
            (Raw::Text(_), Raw::Text(_)) => true,
            (one, other) => one == other,
        },
        (StepKind::Receive(one), StepKind::Receive(other)) => {
            matches!(
                (&one.what, &other.what),
                (Expect::ConnectError(_), Expect::ConnectError(_))
            )
        }
        _ => false,
    }
}

/// An event that a step waits for.
struct Awaited<'s> {
    name: &'s str,
    args: &'s [Value],
    series: Option<&'s Series>,
}

fn event(kind: &StepKind) -> Option<Awaited<'_>> {
    match kind {
        StepKind::Receive(Receive {
            what: Expect::Event { event, args },
            series,
            ..
        }) => Some(Awaited {
            name: event.value.as_str(),
            args,
            series: series.as_ref(),
        }),
        StepKind::UpTo(up_to) => Some(Awaited {
            name: up_to.event.value.as_str(),
            args: &up_to.args,
            series: Some(&up_to.series),
        }),
        _ => None,
    }
}

type InSeries<'s, T> = (&'s T, Option<&'s Series>);

fn overlap((one, in_one): InSeries<'_, Value>, (other, in_other): InSeries<'_, Value>) -> bool {
    match (one, other) {
        (Value::Any | Value::Capture(_), _)
        | (_, Value::Any | Value::Capture(_))
        | (Value::Bytes(_) | Value::ManyBytes(_), Value::Bytes(_) | Value::ManyBytes(_)) => true,
        (Value::Name(one), Value::Name(other)) => one.value == other.value,
        (Value::Text(one), Value::Text(other)) => texts_overlap((one, in_one), (other, in_other)),
        (Value::Array(one), Value::Array(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(a, b)| overlap((a, in_one), (b, in_other)))
        }
        (Value::Object(one), Value::Object(other)) => {
            let of_the_key = |key: &str| other.iter().find(|(known, _)| known == key);
            one.len() == other.len()
                && one.iter().all(|(key, a)| {
                    of_the_key(key).is_some_and(|(_, b)| overlap((a, in_one), (b, in_other)))
                })
        }
        (one, other) => one == other,
    }
}

/// Texts that hold no number are compared; of others, what stands around the number.
fn texts_overlap((one, in_one): InSeries<'_, Text>, (other, in_other): InSeries<'_, Text>) -> bool {
    let (one, other) = (Ends::of(one, in_one), Ends::of(other, in_other));
    if !one.varies && !other.varies {
        return one.head == other.head;
    }
    let starts = one.head.starts_with(&*other.head) || other.head.starts_with(&*one.head);
    let ends = one.tail.ends_with(&*other.tail) || other.tail.ends_with(&*one.tail);
    starts && ends
}

/// What a text begins and ends with, whatever the number.
struct Ends {
    head: String,
    tail: String,
    varies: bool,
}

impl Ends {
    fn of(text: &Text, series: Option<&Series>) -> Self {
        let number = series.map(|series| format!("{{{}}}", series.variable));
        let parts = number.as_deref().and_then(|number| {
            let (head, rest) = text.text.split_once(number)?;
            let tail = rest.rsplit_once(number).map_or(rest, |(_, tail)| tail);
            Some((head, tail))
        });
        let Some((head, tail)) = parts else {
            let whole = text.expand(None);
            return Self {
                head: whole.clone(),
                tail: whole,
                varies: false,
            };
        };
        let tail = if text.padded.is_some() { "" } else { tail };
        Self {
            head: head.to_owned(),
            tail: tail.to_owned(),
            varies: true,
        }
    }
}
