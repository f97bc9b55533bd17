//! Makes what was generated mean something.

use std::collections::BTreeSet;

use chatspec_notation::ast::{
    Expect, Fault, Level, Line, Reply, Scenario, Series, Step, StepKind, Who,
};
use chatspec_notation::names::{Label, Need};
use chatspec_notation::span::Spanned;
use chatspec_notation::value::{Text, Value};

/// Puts right whatever a file could not say, or would be told is a mistake.
pub(super) fn repair(scenario: &mut Scenario) {
    scenario.reason = scenario
        .reason
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    scenario.notes = notes(&scenario.notes);
    let mut repair = Repair {
        level: scenario.level,
        nodes: scenario.nodes(),
        bound: BTreeSet::new(),
        named: 0,
        open: Vec::new(),
        restarts: false,
    };
    repair.lines(&mut scenario.body);
    levels(&mut scenario.body);
    if repair.restarts {
        scenario.alone = true;
        scenario.needs.push(Need::from("restart").into());
    }
}

fn notes(notes: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for note in notes {
        let note = note.trim_end();
        if !(note.is_empty() && kept.last().is_none_or(String::is_empty)) {
            kept.push(note.to_owned());
        }
    }
    if kept.last().is_some_and(String::is_empty) {
        kept.pop();
    }
    kept
}

/// Lines of a lower level: outside blocks, and with nothing that lines below could be confused by.
fn levels(lines: &mut [Line]) {
    for line in lines {
        let Line::Step(step) = line else { continue };
        match &mut step.kind {
            StepKind::Together(lines) | StepKind::InAnyOrder(lines) => {
                for line in lines {
                    if let Line::Step(step) = line {
                        step.level = None;
                    }
                }
            }
            StepKind::Emit(emit) if matches!(emit.reply, Reply::Await(_)) => step.level = None,
            StepKind::Receive(receive) => match &receive.what {
                Expect::Ack { args, .. } if args.is_empty() => {}
                _ => step.level = None,
            },
            StepKind::UpTo(_) | StepKind::RawReceive(_) => step.level = None,
            _ => {}
        }
    }
}

struct Repair {
    level: Level,
    /// How many nodes the case needs.
    nodes: u32,
    bound: BTreeSet<String>,
    /// How many requests have a name.
    named: usize,
    /// The named requests whose acknowledgement is not received.
    open: Vec<(Who, Spanned<Label>, Option<Series>)>,
    restarts: bool,
}

impl Repair {
    fn lines(&mut self, lines: &mut Vec<Line>) {
        let mut kept: Vec<Line> = Vec::new();
        for mut line in std::mem::take(lines) {
            match &mut line {
                Line::Comment(text) => *text = text.trim_end().to_owned(),
                Line::Step(step) => self.step(step),
                Line::Blank if matches!(kept.last(), None | Some(Line::Blank)) => continue,
                Line::Blank => {}
            }
            kept.push(line);
        }
        *lines = kept;
    }

    fn step(&mut self, step: &mut Step) {
        step.level = step.level.filter(|level| *level < self.level);
        match &mut step.kind {
            StepKind::Connect(connect) => {
                connect.node = connect.node.filter(|node| *node <= self.nodes);
                connect
                    .auth
                    .iter_mut()
                    .for_each(|auth| self.value(auth, true));
            }
            StepKind::Emit(emit) => {
                self.values(&mut emit.args, true);
                match &mut emit.reply {
                    Reply::None => variable(&mut emit.args, emit.series.as_ref()),
                    Reply::Await(args) => {
                        variable(&mut emit.args, emit.series.as_ref());
                        self.values(args, false);
                    }
                    Reply::As(label) => {
                        let number = self.named;
                        self.named += 1;
                        *label = match &emit.series {
                            Some(series) => {
                                Label::new(format!("m{number}-{{{}}}x", series.variable)).into()
                            }
                            None => Label::new(format!("m{number}_")).into(),
                        };
                        let request = (emit.who.clone(), label.clone(), emit.series.clone());
                        self.open.push(request);
                    }
                }
            }
            StepKind::Receive(receive) => {
                if let Expect::Ack { label, .. } = &receive.what {
                    let which: usize = label.value.as_str().parse().unwrap();
                    if self.open.is_empty() {
                        receive.what = Expect::Closed;
                        receive.series = None;
                    } else {
                        let (who, asked, series) = self.open.remove(which % self.open.len());
                        receive.who = who;
                        receive.series = series;
                        if let Expect::Ack { label, .. } = &mut receive.what {
                            *label = asked;
                        }
                    }
                }
                match &mut receive.what {
                    Expect::Event { args, .. } => {
                        self.values(args, false);
                        variable(args, receive.series.as_ref());
                    }
                    Expect::Ack { args, .. } => self.values(args, false),
                    Expect::ConnectError(payload) => self.value(payload, false),
                    Expect::Closed => {}
                }
            }
            StepKind::UpTo(up_to) => {
                self.values(&mut up_to.args, false);
                variable(&mut up_to.args, Some(&up_to.series));
            }
            StepKind::Fault(Fault::ServerRestarts) => self.restarts = true,
            StepKind::Together(lines) | StepKind::InAnyOrder(lines) => self.lines(lines),
            _ => {}
        }
    }

    fn values(&mut self, values: &mut [Value], sent: bool) {
        for value in values {
            self.value(value, sent);
        }
    }

    fn value(&mut self, value: &mut Value, sent: bool) {
        match value {
            Value::Any if sent => *value = Value::Null,
            Value::Capture(capture) if !sent => {
                self.bound.insert(capture.value.as_str().to_owned());
            }
            Value::Capture(capture) if !self.bound.contains(capture.value.as_str()) => {
                *value = Value::Null;
            }
            Value::Array(values) => self.values(values, sent),
            Value::Object(members) => {
                let mut keys = BTreeSet::new();
                members.retain(|(key, _)| keys.insert(key.clone()));
                for (_, value) in members {
                    self.value(value, sent);
                }
            }
            _ => {}
        }
    }
}

/// A series whose texts hold braces uses its variable, lest another seem to be meant.
fn variable(args: &mut Vec<Value>, series: Option<&Series>) {
    if let Some(series) = series
        && args.iter().any(|arg| format!("{arg}").contains('{'))
    {
        args.push(Value::Text(Text::plain(format!("{{{}}}", series.variable))));
    }
}
