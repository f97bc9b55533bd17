//! `.events` files: what a server does, by hand.
//!
//! The first line says what is to be found: `# passes: WHY`, `# fails RULE: WHY` (also `warns`,
//! `informs`), or `# gives up: WHY`. The run goes on by itself until it waits for something to
//! arrive, or is about to prove silence; then the next line happens:
//!
//! | line | what happens |
//! |---|---|
//! | `right` | the step gets what it waits for |
//! | `right until LINE` | so does every step before the one that reads LINE in the scenario |
//! | `right to the end` | so does every step that is left; lines behind it happen before the last silence |
//! | `ben <- welcome "Ana"` | an event arrives; `ben#1` for an earlier connection |
//! | `ben <- ack 0 ("ok")` | an acknowledgement arrives, by the id on the wire |
//! | `ben <- connect_error {"message": "no"}` | the CONNECT is refused |
//! | `ben <- closed "CAUSE"` | the connection ends |
//! | `ben <- broken "CAUSE"` | a packet arrives that is none |
//! | `ben << "4..."` | a raw packet arrives |
//! | `ben is refused: CAUSE` | the connection cannot be opened, or its upgrade fails |
//! | `fence of ben is answered` | the oldest fence that `already` began is answered |
//! | `ben answers nothing` | the next flush and the next fences of ben stay unanswered |
//! | `silence` | silence is proven; needed only where lines follow that come later |
//! | `time runs out` | the step does not get what it waits for |
//! | `http 200 "BODY"`, `http fails: CAUSE` | the answer to the scenario's own request |
//! | `waited 40 ms` | a quiet window, where silence is proven |
//! | `server dies: CAUSE` | `\n` in the cause parts what the server printed |
//! | `gives up: CAUSE` | the harness cannot go on |
//!
//! Behind the last line nothing more comes. A server may also die when all is over.

use std::collections::VecDeque;
use std::time::Duration;

use chatspec_judge::history::{Item, Kind, Leg};
use chatspec_judge::ids::ActorId;
use chatspec_judge::plan::Plan;
use chatspec_notation::ast::{Expect, Line, Raw, StepKind};
use chatspec_notation::value::{Value, bytes};
use chatspec_wire::data::Data;

use super::right::{self, Choose, Slot};
use super::run::{Happening, Moment, Run, Server};

/// What is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// `passes`, `fails`, `warns`, `informs`, `gives up`.
    pub(crate) verdict: String,
    /// The rule that is broken first, if one is.
    pub(crate) rule: Option<String>,
}

/// A script under way.
pub(crate) struct Script<'p> {
    plan: &'p Plan,
    lines: VecDeque<String>,
    right: Vec<VecDeque<Slot>>,
}

/// Reads a script.
pub(crate) fn read<'p>(plan: &'p Plan, text: &str) -> (Claim, Script<'p>) {
    let first = text.lines().next().unwrap_or_default();
    let claim = first
        .strip_prefix("# ")
        .and_then(|line| line.split_once(':'));
    let (claim, _) = claim.expect("the first line says what is to be found, and why");
    let (verdict, rule) = match claim.split_once(' ') {
        Some((verdict, rule)) if claim != "gives up" => (verdict, Some(rule.to_owned())),
        _ => (claim, None),
    };
    let verdict = verdict.to_owned();
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut choose: Choose<'_> = Box::new(|_| 0);
    let script = Script {
        plan,
        lines: lines.map(str::to_owned).collect(),
        right: right::items(plan, &mut choose),
    };
    (Claim { verdict, rule }, script)
}

impl Script<'_> {
    /// The lines that never happened.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }

    /// What the stage waits for, one item after the other.
    fn right(&mut self, run: &Run<'_>, stage: usize) -> Option<Happening> {
        for (index, slots) in self.right.iter_mut().enumerate() {
            while slots.pop_front_if(|slot| slot.by < stage).is_some() {}
            if let Some(slot) = slots.pop_front_if(|slot| slot.by == stage) {
                return Some(right::arrives(run, actor(index), slot.wish));
            }
        }
        None
    }

    /// The line of the scenario that a stage stands for.
    fn line_of(&self, stage: usize) -> Option<String> {
        let op = self.plan.stages[stage].ops().next()?;
        Some(self.plan.line(self.plan.op(op))?.text)
    }

    fn happening(&self, run: &Run<'_>, line: &str) -> Happening {
        if line == "time runs out" {
            return Happening::RunsOut;
        }
        if let Some(rest) = line.strip_prefix("fence of ") {
            let name = rest.strip_suffix(" is answered").expect(line);
            return Happening::Fenced(self.leg(run, name).actor);
        }
        if let Some(name) = line.strip_suffix(" answers nothing") {
            return Happening::Lost(self.leg(run, name).actor);
        }
        if let Some((name, cause)) = line.split_once(" is refused: ") {
            let (leg, cause) = (self.leg(run, name), cause.to_owned());
            return Happening::Recorded(Kind::ConnectFailed { leg, cause });
        }
        if let Some(cause) = line.strip_prefix("server dies: ") {
            let cause = cause.replace("\\n", "\n");
            return Happening::Recorded(Kind::ServerDied { cause });
        }
        if let Some(cause) = line.strip_prefix("gives up: ") {
            let cause = cause.to_owned();
            return Happening::Recorded(Kind::GaveUp { cause });
        }
        if let Some(time) = line.strip_prefix("waited ") {
            let millis = time.strip_suffix(" ms").and_then(|time| time.parse().ok());
            let waited = Duration::from_millis(millis.expect(line));
            let for_us = u64::try_from(waited.as_micros()).expect(line);
            return Happening::Recorded(Kind::Waited { for_us });
        }
        let (name, _) = line.split_once(' ').expect(line);
        let leg = self.leg(run, name);
        Happening::Arrives(leg, self.item(line))
    }

    /// `ana`, `crowd.2`, `ana#1`
    fn leg(&self, run: &Run<'_>, name: &str) -> Leg {
        let (name, number) = match name.split_once('#') {
            Some((name, number)) => (name, Some(number.parse().expect(name))),
            None => (name, None),
        };
        let known = self.plan.actors.iter();
        let index = known.into_iter().position(|known| known.name == name);
        let actor = actor(index.unwrap_or_else(|| panic!("there is no `{name}`")));
        match number {
            Some(number) => Leg { actor, number },
            None => run.leg(actor),
        }
    }

    fn item(&self, line: &str) -> Item {
        let (who, rest) = line.split_once(" <").expect(line);
        if let Some(cause) = rest.strip_prefix("- closed ") {
            let cause = text(cause);
            return Item::Closed { cause };
        }
        if let Some(cause) = rest.strip_prefix("- broken ") {
            let cause = text(cause);
            return Item::Broken { cause };
        }
        if let Some(ack) = rest.strip_prefix("- ack ") {
            let (id, args) = ack.split_once(' ').expect(line);
            let args = args.trim_matches(['(', ')']);
            let id = id.parse().expect(line);
            return match self.parsed(&format!("{who} <- \"ack\" [{args}]")) {
                Item::Event { args, .. } => match args.into_iter().next() {
                    Some(Data::Array(args)) => Item::Ack { id, args },
                    _ => panic!("{line}"),
                },
                _ => panic!("{line}"),
            };
        }
        self.parsed(line)
    }

    /// A receive, read as the notation reads it.
    fn parsed(&self, line: &str) -> Item {
        let header = &self.plan.source.scenario;
        let names = |names: Vec<String>| names.join(" ");
        let clients = header.clients.iter().map(|client| client.value.to_string());
        let rooms = header.rooms.iter().map(|room| room.value.to_string());
        let rooms = names(rooms.collect());
        let rooms = if rooms.is_empty() { "lobby" } else { &rooms };
        let text = format!(
            "# A line.\nmust a\nclients {}\nrooms {rooms}\n\n{line}\n",
            names(clients.collect())
        );
        let source = super::source(&text);
        let Some(Line::Step(step)) = source.scenario.body.first() else {
            panic!("`{line}` is no line");
        };
        match &step.kind {
            StepKind::Receive(receive) => match &receive.what {
                Expect::Event { event, args } => Item::Event {
                    event: event.value.to_string(),
                    args: args.iter().map(|arg| self.data(arg)).collect(),
                    ack: None,
                },
                Expect::ConnectError(payload) => Item::ConnectError {
                    data: self.data(payload),
                },
                Expect::Closed | Expect::Ack { .. } => panic!("`{line}` has a form of its own"),
            },
            StepKind::RawReceive(receive) => Item::Raw {
                text: match &receive.raw {
                    Raw::Text(text) => text.expand(None),
                    Raw::Bytes(bytes) => Value::Bytes(bytes.clone()).to_string(),
                },
            },
            _ => panic!("`{line}` is nothing that arrives"),
        }
    }

    fn data(&self, value: &Value) -> Data {
        match value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Number(number) => Data::Number(number.clone()),
            Value::Text(text) => Data::Text(text.expand(None)),
            Value::Array(items) => Data::Array(items.iter().map(|item| self.data(item)).collect()),
            Value::Object(fields) => Data::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), self.data(field)))
                    .collect(),
            ),
            Value::Bytes(bytes) => Data::Binary(bytes.clone().into()),
            Value::ManyBytes(count) => Data::Binary(bytes(*count).into()),
            Value::Name(name) => {
                let mut rooms = self.plan.rooms.iter();
                let room = rooms.find(|(declared, _)| *declared == name.value);
                Data::Text(room.expect("a declared room").1.clone())
            }
            Value::Capture(_) | Value::Any => panic!("{value} cannot be sent"),
        }
    }
}

impl Server for Script<'_> {
    fn next(&mut self, run: &Run<'_>, stage: usize, moment: Moment) -> Option<Happening> {
        loop {
            let line = self.lines.front()?.clone();
            if let Some(end) = line.strip_prefix("right until ") {
                if self.line_of(stage).as_deref() == Some(end) {
                    self.lines.pop_front();
                    continue;
                }
                return self.right(run, stage);
            }
            let last = stage + 1 == self.plan.stages.len();
            match (moment, line.as_str()) {
                (Moment::Over, line) if !line.starts_with("server dies: ") => return None,
                (Moment::Silence, "right to the end") if last => {
                    self.lines.pop_front();
                    continue;
                }
                (Moment::Opening(_), line) if line.contains(" is refused: ") => {}
                (Moment::Opening(_), _) => return None,
                (Moment::Asking(op), line) => {
                    let (_, rest) = line.split_once("http ")?;
                    let answer = match rest.strip_prefix("fails: ") {
                        Some(cause) => Err(cause.to_owned()),
                        None => {
                            let (status, body) = rest.split_once(' ').expect(line);
                            Ok((status.parse().expect(line), text(body)))
                        }
                    };
                    self.lines.pop_front();
                    return Some(Happening::Recorded(Kind::HttpAnswered { op, answer }));
                }
                (_, "right to the end") => return self.right(run, stage),
                (Moment::Waiting, "right") => {
                    let happening = self.right(run, stage);
                    let mut left = self.right.iter().flatten();
                    if left.all(|slot| slot.by != stage) {
                        self.lines.pop_front();
                    }
                    return happening;
                }
                (Moment::Silence, "right") => return None,
                (Moment::Silence, "silence") => {
                    self.lines.pop_front();
                    return None;
                }
                _ => {}
            }
            self.lines.pop_front();
            return Some(self.happening(run, &line));
        }
    }
}

fn actor(index: usize) -> ActorId {
    ActorId(u32::try_from(index).expect("few clients"))
}

/// What stands in quotes.
fn text(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| panic!("{quoted} stands in quotes"))
}
