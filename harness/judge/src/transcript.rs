//! A history as text in the notation, with a time in front of each line.
//!
//! What the notation has no line for is a comment: what the harness did for its proofs, a packet
//! that is none, an acknowledgement that nobody asked for. What no inbox has (see
//! [`notices`](crate::notices)) is left out.

use chatspec_notation::ast::{
    Act, Connect, Emit, Expect, Fault, Http, Raw, RawReceive, Receive, Reply, Scenario, Stamp,
    StepKind, Who,
};
use chatspec_notation::names::{EventName, Label};
use chatspec_notation::span::Spanned;
use chatspec_notation::value::{Text, Value};
use chatspec_wire::data::Data;

use crate::check::is_of;
use crate::history::{Event, History, Item, Kind, Leg, Outgoing};
use crate::ids::{OpId, Seq};
use crate::notices::Notices;
use crate::pattern::Namer;
use crate::plan::{OpKind, Plan, RawPacket, Stage};
use crate::referee::{Legs, Referee, Requests, one_line, step, who};
use crate::verdict::WireNote;

mod wire;

use wire::Wires;

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptLine {
    /// The event it stands for.
    pub seq: Seq,
    /// The line, without its line end.
    pub text: String,
    /// What it was on the wire; none where it is no client's. The number of the line is filled in by
    /// whoever has all of them.
    pub wire: Option<WireNote>,
}

/// The whole history as lines of the notation.
pub fn transcript(plan: &Plan, history: &History) -> Vec<TranscriptLine> {
    let mut writer = Writer {
        plan,
        requests: Requests::new(plan),
        legs: Legs::default(),
        notices: Notices::new(plan),
        referee: Referee::new(plan),
    };
    let mut wires = Wires::new(plan);
    let mut lines = Vec::new();
    for event in history.events.iter().filter(|event| is_of(plan, event)) {
        let at = Stamp(event.at_us);
        let wire = wires.seen(event, writer.auth(&event.kind).as_ref());
        let text = match writer.line(event) {
            Some(Said::Step(kind)) => step(kind, Some(at)),
            Some(Said::Note(note)) => format!("# {at} {}", one_line(&note)).trim_end().to_owned(),
            None => continue,
        };
        let seq = event.seq;
        lines.push(TranscriptLine { seq, text, wire });
    }
    lines
}

/// A transcript as a scenario of its own: the header of the case it came from, then what happened.
/// It can be saved and run. Where nothing happened it is the case itself.
pub fn as_scenario(plan: &Plan, lines: &[TranscriptLine]) -> String {
    let source = &plan.source.scenario;
    let over = vec![Spanned::from(plan.case.transport)];
    if lines.iter().all(|line| line.text.starts_with('#')) {
        let case = Scenario {
            notes: vec![format!(
                "Nothing is left of a run of {}: this is the case.",
                plan.case
            )],
            over,
            ..source.clone()
        };
        return case.to_string();
    }
    let header = Scenario {
        notes: vec![format!("A transcript of {}.", plan.case)],
        over,
        // Whoever entered before the first step is seen entering in the transcript.
        present: Vec::new(),
        // Its lines also receive.
        open: false,
        body: Vec::new(),
        ..source.clone()
    };
    let mut text = header.to_string().trim_end().to_owned();
    text.push_str("\n\n");
    for line in lines {
        text.push_str(&line.text);
        text.push('\n');
    }
    text
}

/// What a line of a transcript says.
enum Said {
    Step(StepKind),
    Note(String),
}

struct Writer<'a> {
    plan: &'a Plan,
    requests: Requests,
    legs: Legs,
    notices: Notices<'a>,
    /// Knows what captures stand for.
    referee: Referee<'a>,
}

impl Writer<'_> {
    fn line(&mut self, event: &Event) -> Option<Said> {
        let said = self.said(event);
        self.referee.observe(event);
        said
    }

    fn said(&mut self, event: &Event) -> Option<Said> {
        match &event.kind {
            Kind::Began { stage } => self.delayed(*stage),
            Kind::Connecting { leg, op } => self.connecting(*leg, *op),
            Kind::Sent { leg, op, what } => self.sent(*leg, *op, what),
            Kind::Arrived { leg, item } => {
                let item = self.notices.seen(*leg, item)?;
                Some(self.arrived(*leg, &item))
            }
            Kind::HttpAnswered { op, answer } => self.http(*op, answer),
            Kind::ServerRestarted => Some(Said::Step(StepKind::Fault(Fault::ServerRestarts))),
            kind => self.note(kind).map(Said::Note),
        }
    }

    /// What is no step of the scenario.
    fn note(&mut self, kind: &Kind) -> Option<String> {
        Some(match kind {
            Kind::Upgraded { leg } => format!("{} is upgraded to WebSocket", self.who(*leg)),
            Kind::ConnectFailed { leg, cause } => {
                self.legs.ended(*leg);
                format!("{} could not connect: {cause}", self.who(*leg))
            }
            Kind::FlushSent { leg, .. } => format!("{} begins a flush", self.who(*leg)),
            Kind::FlushAcked { leg, .. } => format!("the flush of {} is acked", self.who(*leg)),
            Kind::FlushImpossible { actor } => {
                let name = &self.plan.actor(*actor).name;
                if self.legs.here(*actor).is_some() {
                    format!("{name} cannot be flushed")
                } else {
                    format!("{name} is gone and cannot be flushed")
                }
            }
            Kind::FenceSent { leg, .. } => format!("a fence on {} begins", self.who(*leg)),
            Kind::FenceAnswered { leg, .. } => {
                format!("the fence on {} is answered", self.who(*leg))
            }
            Kind::Waited { for_us } => {
                let waited = for_us / 1000;
                format!("waited {waited} ms more, as long as this target was seen to lag")
            }
            Kind::ServerDied { cause } => {
                let how = cause.lines().next().unwrap_or_default();
                format!("the server died: {how}")
            }
            Kind::GaveUp { cause } => format!("gave up: {cause}"),
            _ => return None,
        })
    }

    /// A delay leaves no event of its own.
    fn delayed(&self, stage: usize) -> Option<Said> {
        let Stage::One(op) = self.plan.stages.get(stage)? else {
            return None;
        };
        let op = self.plan.op(*op);
        let OpKind::DelayLink(delay) = op.kind else {
            return None;
        };
        let who = who(&self.plan.actor(op.actor).name, 1);
        Some(Said::Step(StepKind::Fault(Fault::LinkDelays(who, delay))))
    }

    /// What a CONNECT carried, where all of it is known.
    fn auth(&self, kind: &Kind) -> Option<Data> {
        let Kind::Connecting { op, .. } = kind else {
            return None;
        };
        let OpKind::Connect { auth, .. } = &self.plan.op(*op).kind else {
            return None;
        };
        auth.as_ref()?.resolve(self.referee.captures())
    }

    fn connecting(&mut self, leg: Leg, op: OpId) -> Option<Said> {
        let OpKind::Connect {
            via,
            auth,
            namespace,
            node,
        } = &self.plan.op(op).kind
        else {
            return None;
        };
        self.legs.connecting(leg, op);
        let namer = self.plan.namer();
        let auth = auth.as_ref().map(|auth| {
            let sent = auth.resolve(self.referee.captures());
            sent.map_or_else(|| namer.pattern(auth), |auth| namer.data(&auth))
        });
        Some(Said::Step(StepKind::Connect(Connect {
            who: self.who(leg),
            via: (*via != self.plan.case.transport).then_some(*via),
            auth,
            to: (namespace != "/").then(|| namespace.as_str().into()),
            // Where nothing else tells the reader who shares a node with whom.
            node: (self.plan.nodes() > 1).then_some(*node),
        })))
    }

    fn sent(&mut self, leg: Leg, op: OpId, what: &Outgoing) -> Option<Said> {
        let who = self.who(leg);
        let was_here = self.legs.is_here(leg);
        let kind = match (what, &self.plan.op(op).kind) {
            (Outgoing::Event { event, args, ack }, _) => {
                let reply = match ack {
                    None => Reply::None,
                    Some(id) => {
                        self.requests.sent(leg, *id, op);
                        Reply::As(Spanned::from(self.requests.label(op)?))
                    }
                };
                let namer = self.plan.namer();
                StepKind::Emit(Emit {
                    who,
                    event: Spanned::from(EventName::new(event.as_str())),
                    args: args.iter().map(|arg| namer.data(arg)).collect(),
                    reply,
                    series: None,
                })
            }
            (Outgoing::Raw { .. }, OpKind::RawSend(raw)) => StepKind::RawSend(who, as_raw(raw)),
            (Outgoing::Act { .. }, OpKind::Act(act)) => {
                if matches!(act, Act::Disconnects | Act::Vanishes) {
                    self.legs.left(leg);
                }
                StepKind::Act(who, *act)
            }
            _ => return None,
        };
        if was_here {
            return Some(Said::Step(kind));
        }
        // Run again, the line would open a connection of its own.
        let line = step(kind, None);
        Some(Said::Note(format!("its connection is over: {line}")))
    }

    fn arrived(&mut self, leg: Leg, item: &Item) -> Said {
        let who = self.who(leg);
        let label = |id| self.requests.label(self.requests.answered(leg, id)?);
        let said = match as_step(&who, item, &self.plan.namer(), label) {
            Ok(kind) => Said::Step(kind),
            Err(note) => Said::Note(note),
        };
        let is_news = if matches!(item, Item::Closed { .. }) {
            self.legs.ended(leg)
        } else {
            !self.legs.is_forgotten(leg)
        };
        match said {
            Said::Step(kind) if !is_news => {
                let line = step(kind, None);
                Said::Note(format!("its connection is over: {line}"))
            }
            said => said,
        }
    }

    fn http(&self, op: OpId, answer: &Result<(u16, String), String>) -> Option<Said> {
        let found = self.plan.op(op);
        let OpKind::Http {
            method,
            target,
            body,
            ..
        } = &found.kind
        else {
            return None;
        };
        let who = who(&self.plan.actor(found.actor).name, 1);
        Some(match answer {
            Ok((status, answer)) if (100..=599).contains(status) => {
                Said::Step(StepKind::Http(Http {
                    who,
                    method: *method,
                    target: target.clone(),
                    body: body.clone(),
                    status: *status,
                    answer: Some(answer.clone()),
                }))
            }
            Ok((status, _)) => Said::Note(format!("{who} {method} {target} is answered {status}")),
            Err(cause) => Said::Note(format!("{who} {method} {target} is not answered: {cause}")),
        })
    }

    fn who(&self, leg: Leg) -> Who {
        who(&self.plan.actor(leg.actor).name, leg.number)
    }
}

fn as_raw(raw: &RawPacket) -> Raw {
    match raw {
        RawPacket::Text(text) => Raw::Text(Text::plain(text.as_str())),
        RawPacket::Bytes(bytes) => Raw::Bytes(bytes.clone()),
    }
}

/// The line that says that `item` arrived, or, where the notation has none, words that say so.
pub(crate) fn item_line(
    who: &Who,
    item: &Item,
    namer: &Namer<'_>,
    label: impl Fn(u64) -> Option<Label>,
) -> Result<String, String> {
    as_step(who, item, namer, label)
        .map(|kind| step(kind, None))
        .map_err(|words| one_line(&words))
}

fn as_step(
    who: &Who,
    item: &Item,
    namer: &Namer<'_>,
    label: impl Fn(u64) -> Option<Label>,
) -> Result<StepKind, String> {
    let values = |args: &[Data]| args.iter().map(|arg| namer.data(arg)).collect::<Vec<_>>();
    let what = match item {
        Item::Event { args, .. } | Item::Ack { args, .. } if !args.iter().all(is_sayable) => {
            let args = Value::Array(values(args));
            return Err(format!("{who} was sent what is nested too deeply: {args}"));
        }
        Item::ConnectError { data } if !is_sayable(data) => {
            return Err(format!("{who} was refused with what is nested too deeply"));
        }
        Item::Event { event, args, .. } => Expect::Event {
            event: Spanned::from(EventName::new(event.as_str())),
            args: values(args),
        },
        Item::Ack { id, args } => {
            let Some(label) = label(*id) else {
                let args = Value::Array(values(args));
                return Err(format!(
                    "{who} was sent an ack of no request: id {id}, {args}"
                ));
            };
            Expect::Ack {
                label: Spanned::from(label),
                args: values(args),
            }
        }
        Item::ConnectError { data } => Expect::ConnectError(namer.data(data)),
        Item::Closed { .. } => Expect::Closed,
        Item::Broken { cause } => return Err(format!("{who} was sent a broken packet: {cause}")),
        Item::Raw { text } => {
            return Ok(StepKind::RawReceive(RawReceive {
                who: who.clone(),
                raw: received_raw(text),
                within: None,
            }));
        }
    };
    Ok(StepKind::Receive(Receive {
        who: who.clone(),
        what,
        already: false,
        within: None,
        series: None,
    }))
}

/// How a history keeps a binary packet: `bytes 00 ff`. A text packet begins with its type, a digit.
fn received_raw(text: &str) -> Raw {
    let bytes = text.strip_prefix("bytes").map(|hex| {
        let bytes = hex.split_ascii_whitespace();
        bytes.map(|byte| u8::from_str_radix(byte, 16)).collect()
    });
    match bytes {
        Some(Ok(bytes)) => Raw::Bytes(bytes),
        Some(Err(_)) | None => Raw::Text(Text::plain(text)),
    }
}

/// Whether a value is nested no deeper than the notation allows.
fn is_sayable(data: &Data) -> bool {
    fn fits(data: &Data, room: usize) -> bool {
        match data {
            Data::Array(items) => room > 0 && items.iter().all(|item| fits(item, room - 1)),
            Data::Object(fields) => room > 0 && fields.values().all(|field| fits(field, room - 1)),
            _ => true,
        }
    }
    const DEEPEST: usize = 64;
    fits(data, DEEPEST)
}
