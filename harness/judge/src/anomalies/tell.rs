//! Anomalies in words.

use crate::history::Leg;
use crate::plan::Plan;
use crate::referee::{one_line, who};

use super::AnomalyKind;
use super::log::{Post, Request, What};

/// Why a case fails although its lines do not.
pub(super) const EVERY_LINE_HELD: &str =
    "every line of the scenario holds; what is wrong shows in the whole of the history";

/// How much of a text is told.
const LONGEST: usize = 40;

pub(super) fn unknown_ack(plan: &Plan, leg: Leg, id: u64) -> String {
    format!(
        "{} received ack {id}, which answers none of its requests",
        name(plan, leg)
    )
}

pub(super) fn acked_twice(plan: &Plan, leg: Leg, request: &Request<'_>) -> String {
    format!(
        "{} received the ack of its {} a second time",
        name(plan, leg),
        kind_of(request)
    )
}

pub(super) fn altered_ack(plan: &Plan, leg: Leg, request: &Request<'_>) -> String {
    format!(
        "the ack of the {} of {} carries arguments",
        kind_of(request),
        name(plan, leg)
    )
}

pub(super) fn acked_late(plan: &Plan, newcomer: Leg, answer: &Post<'_>) -> String {
    let (newcomer, answer) = (name(plan, newcomer), subject(plan, answer));
    format!(
        "{newcomer} received {answer}, sent by one who had heard of {newcomer}'s entering, before \
         the ack of that entering"
    )
}

pub(super) fn acks_misordered(plan: &Plan, leg: Leg) -> String {
    format!(
        "{} received the ack of a message after that of one that it had sent later",
        name(plan, leg)
    )
}

pub(super) fn never_acked(plan: &Plan, leg: Leg, request: &Request<'_>) -> String {
    let (name, event) = (name(plan, leg), kind_of(request));
    format!("the {event} of {name} was never acked, although a later message of {name} was")
}

/// Something arrived that should not have, or not there.
pub(super) fn heard(plan: &Plan, kind: AnomalyKind, leg: Leg, post: &Post<'_>) -> String {
    let (receiver, what) = (name(plan, leg), subject(plan, post));
    match kind {
        AnomalyKind::Duplicated | AnomalyKind::WelcomeDuplicated => {
            format!("{receiver} received {what} once more than it may")
        }
        AnomalyKind::Echoed | AnomalyKind::WelcomeToSelf => {
            format!("{receiver} received {what}, which is its own")
        }
        AnomalyKind::Early | AnomalyKind::WelcomeEarly => {
            format!("{receiver} received {what}, and had not asked to enter that room before")
        }
        AnomalyKind::Misdirected | AnomalyKind::WelcomeMisdirected => {
            format!("{receiver} received {what}, and is not in that room")
        }
        _ => format!("{receiver} received {what} before it was sent"),
    }
}

/// Something arrived that nobody sent.
pub(super) fn strange(
    plan: &Plan,
    kind: AnomalyKind,
    leg: Leg,
    text: Option<&str>,
    post: Option<&Post<'_>>,
) -> String {
    let receiver = name(plan, leg);
    let text = text.map_or_else(|| "something that is no text".to_owned(), quoted);
    let meant = post.map(|post| subject(plan, post)).unwrap_or_default();
    match kind {
        AnomalyKind::WrongAuthor => {
            format!("{receiver} received {text} for {meant}, under a name that is not its sender's")
        }
        AnomalyKind::Altered => format!("{receiver} received {text}, probably for {meant}"),
        AnomalyKind::WrongNickname => {
            format!("{receiver} received a welcome of {text}, probably for {meant}")
        }
        AnomalyKind::WelcomePhantom => {
            format!("{receiver} received a welcome of {text}, and nobody entered under that name")
        }
        _ => format!("{receiver} received {text}, which nobody in this run sent"),
    }
}

/// Something did not arrive, or not in time.
pub(super) fn missed(plan: &Plan, kind: AnomalyKind, leg: Leg, post: &Post<'_>) -> String {
    let (receiver, what) = (name(plan, leg), subject(plan, post));
    if kind == AnomalyKind::Late {
        return format!(
            "{receiver} had not received {what} when a fence was answered that began after its \
             relay was acknowledged"
        );
    }
    let sender = name(plan, post.by);
    format!(
        "{receiver} never received {what}: a later flush of {sender} was acked, then a fence of \
         {receiver} answered"
    )
}

/// `later` came before `earlier`.
pub(super) fn overtaken(plan: &Plan, leg: Leg, earlier: &Post<'_>, later: &Post<'_>) -> String {
    let receiver = name(plan, leg);
    let (earlier_told, later_told) = (subject(plan, earlier), subject(plan, later));
    let why = if earlier.by == later.by {
        "sent after it"
    } else {
        "sent when it had been acked"
    };
    format!("{receiver} received {later_told} before {earlier_told}, and it was {why}")
}

fn subject(plan: &Plan, post: &Post<'_>) -> String {
    let (sender, said) = (name(plan, post.by), quoted(post.said));
    match (post.what, post.room) {
        (What::Welcome, _) => format!("the welcome of {sender} as {said}"),
        (What::Message, Some(room)) => {
            format!(
                "the message {said} of {sender} to {}",
                room_name(plan, room)
            )
        }
        (What::Message, None) => format!("the flush of {sender} to a room where nobody is"),
    }
}

fn kind_of(request: &Request<'_>) -> String {
    if request.is_flush {
        "flush".to_owned()
    } else {
        format!("`{}`", one_line(request.event))
    }
}

fn room_name(plan: &Plan, room: &str) -> String {
    let declared = plan.rooms.iter().find(|(_, instance)| instance == room);
    declared.map_or_else(|| quoted(room), |(name, _)| name.clone())
}

fn name(plan: &Plan, leg: Leg) -> String {
    who(&plan.actor(leg.actor).name, leg.number).to_string()
}

fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    format!("\"{}\"", one_line(&shown))
}
