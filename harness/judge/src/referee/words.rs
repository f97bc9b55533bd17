//! How findings are said: lines of the notation, and the few sentences around them.

use chatspec_notation::ast::{Expect, Level, Raw, RawReceive, Receive, Stamp, Step, StepKind, Who};
use chatspec_notation::names::{ClientName, EventName};
use chatspec_notation::span::{Span, Spanned};
use chatspec_notation::value::{Text, Value};

use crate::history::{Item, Leg};
use crate::pattern::{Captures, Namer, Pattern};
use crate::plan::{OpKind, Plan, RawPacket, Wanted};
use crate::transcript::item_line;

use super::requests::Requests;
use super::slot::Due;

pub(super) const FLUSH_UNANSWERED: &str =
    "sent a message to a room of its own, and its ack never came";
pub(super) const FENCE_UNANSWERED: &str =
    "sent a CONNECT to a namespace that cannot exist, and no answer came";
pub(super) const NO_PROOF: &str = "without it, nobody can say that nothing more was on its way";
pub(super) const LATE: &str =
    "a fence on this connection, begun when the line was reached, was answered first";
pub(super) const PROVEN_ABSENT: &str =
    "a flush and a fence were answered, so nothing more was on its way";
pub(super) const LEFT_UNREAD: &str = "it lay unread when the client connected again";
pub(super) const REPEATED: &str = "the item before it was just the same";
pub(super) const CAME_LATER: &str = "it came later";

/// `waited 1000 ms`
pub(super) fn waited(micros: u64) -> String {
    format!("waited {} ms", micros / 1000)
}

/// What a receive waits for, in a sentence.
pub(super) fn what(wanted: Option<&Wanted>) -> String {
    match wanted {
        Some(Wanted::Event { event, .. }) => format!("`{event}`"),
        Some(Wanted::Ack {
            label: Some(label), ..
        }) => format!("the ack of {label}"),
        Some(Wanted::Ack { label: None, .. }) => "its ack".to_owned(),
        Some(Wanted::ConnectError(_)) => "the refusal of its CONNECT".to_owned(),
        Some(Wanted::Raw(_)) => "a packet".to_owned(),
        // Behind a series there is the end.
        Some(Wanted::Closed) | None => "the end of its connection".to_owned(),
    }
}

/// What several receives wait for.
pub(super) fn any_of(mut whats: Vec<String>) -> String {
    const TOLD: usize = 3;
    whats.dedup();
    let more = whats.len().saturating_sub(TOLD);
    whats.truncate(TOLD);
    let told = whats.join(" or ");
    match more {
        0 => told,
        more => format!("{told} or {more} more"),
    }
}

/// What an item is, in a sentence. `whose` is the request that an ack answers.
pub(super) fn item(item: &Item, whose: Option<String>) -> String {
    match item {
        Item::Event { event, .. } => format!("`{event}`"),
        Item::Ack { .. } => match whose {
            Some(label) => format!("the ack of {label}"),
            None => "an ack of no request".to_owned(),
        },
        Item::ConnectError { .. } => "a refused CONNECT".to_owned(),
        Item::Closed { cause } => format!("the end of its connection ({cause})"),
        Item::Broken { cause } => format!("a broken packet ({cause})"),
        Item::Raw { .. } => "a packet".to_owned(),
    }
}

/// `ana`, `crowd.7`, `ana#2`
pub(super) fn leg(plan: &Plan, leg: Leg) -> String {
    who(&plan.actor(leg.actor).name, leg.number).to_string()
}

pub(crate) fn who(actor: &str, leg: u32) -> Who {
    let (name, member) = match actor.split_once('.') {
        Some((name, member)) => (name, member.parse().ok()),
        None => (actor, None),
    };
    Who {
        name: ClientName::new(name),
        member,
        leg: (leg > 1).then_some(leg),
        span: Span::default(),
    }
}

/// The line that says what is waited for, with its values filled in.
pub(super) fn receive(
    plan: &Plan,
    due: Due,
    requests: &Requests,
    captures: &Captures,
) -> Option<String> {
    let namer = plan.namer();
    let value = |pattern: &Pattern| namer.pattern(&pattern.filled(captures));
    let op = plan.op(due.op);
    let who = who(&plan.actor(op.actor).name, 1);
    let (already, within) = match &op.kind {
        OpKind::Receive {
            already, within, ..
        } => (*already, *within),
        OpKind::UpTo { within, .. } => (false, *within),
        _ => return None,
    };
    let what = match due.wanted(plan) {
        Some(Wanted::Event { event, args }) => Expect::Event {
            event: Spanned::from(EventName::new(event.as_str())),
            args: args.iter().map(value).collect(),
        },
        Some(Wanted::Ack { request, args, .. }) => Expect::Ack {
            label: Spanned::from(requests.label(*request)?),
            args: args.iter().map(value).collect(),
        },
        Some(Wanted::ConnectError(pattern)) => Expect::ConnectError(value(pattern)),
        Some(Wanted::Closed) | None => Expect::Closed,
        Some(Wanted::Raw(raw)) => {
            let raw = match raw {
                RawPacket::Text(text) => Raw::Text(Text::plain(text.as_str())),
                RawPacket::Bytes(bytes) => Raw::Bytes(bytes.clone()),
            };
            return Some(step(
                StepKind::RawReceive(RawReceive { who, raw, within }),
                None,
            ));
        }
    };
    let kind = StepKind::Receive(Receive {
        who,
        what,
        already,
        within,
        series: None,
    });
    Some(step(kind, None))
}

/// The end of a connection, where a line allows it in place of an item.
pub(super) fn closed(plan: &Plan, due: Due) -> String {
    let actor = &plan.actor(plan.op(due.op).actor).name;
    format!("{} <- closed", who(actor, 1))
}

/// The line that says what arrived.
pub(super) fn arrival(plan: &Plan, leg: Leg, item: &Item, requests: &Requests) -> String {
    let who = who(&plan.actor(leg.actor).name, leg.number);
    let label = |id| requests.label(requests.answered(leg, id)?);
    let namer: Namer<'_> = plan.namer();
    match item_line(&who, item, &namer, label) {
        Ok(line) => line,
        Err(words) => format!("# {words}"),
    }
}

pub(crate) fn step(kind: StepKind, at: Option<Stamp>) -> String {
    Step {
        at,
        kind,
        level: None::<Level>,
        span: Span::default(),
    }
    .to_string()
}

/// `text` on one line, without what a terminal would obey.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() {
            line.extend(char.escape_default());
        } else {
            line.push(char);
        }
    }
    line
}

/// The answer part of an HTTP line.
pub(super) fn http(status: u16, body: Option<&str>) -> String {
    match body {
        Some(body) => format!("{status} {}", Value::Text(Text::plain(body))),
        None => status.to_string(),
    }
}

/// How a raw binary packet is kept in a history.
pub(super) fn raw_bytes(bytes: &[u8]) -> String {
    Value::Bytes(bytes.to_vec()).to_string()
}

/// Whether `text` is `pattern`, in which `...` stands for any text.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split("...");
    let Some(mut rest) = parts.next().and_then(|head| text.strip_prefix(head)) else {
        return false;
    };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn dots_stand_for_any_text() {
        assert!(glob("44...", "44/x,{}"));
        assert!(glob("4...x...", "4abxcd"));
        assert!(glob("ok", "ok"));
        assert!(!glob("ok", "okay"));
        assert!(!glob("a...b", "ac"));
        assert!(!glob("ab...ba", "aba"), "the ends may not overlap");
    }
}
