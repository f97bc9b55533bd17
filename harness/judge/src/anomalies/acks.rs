//! Acks against requests.

use std::collections::BTreeMap;

use crate::history::Leg;
use crate::ids::Seq;
use crate::plan::Plan;

use super::deliveries::Deliveries;
use super::log::{ChatLog, Connection, PostId, Request, What};
use super::{Anomaly, AnomalyKind, tell};

pub(super) fn check(plan: &Plan, log: &ChatLog<'_>) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for (leg, connection) in &log.legs {
        // A raw packet may ask for an ack too, under any id.
        if !connection.is_raw {
            arrived(plan, *leg, connection, &mut found);
            missing(plan, *leg, connection, &mut found);
        }
    }
    found
}

/// Acks of enterings that come later than they may: the welcome comes after the ack, so what somebody
/// says who has heard the welcome reaches the newcomer after the ack as well.
pub(super) fn overtaken(plan: &Plan, log: &ChatLog<'_>, deliveries: &Deliveries) -> Vec<Anomaly> {
    let mut found = Vec::new();
    for (index, welcome) in log.posts.iter().enumerate() {
        let newcomer = welcome.by;
        let entry = log.legs.get(&newcomer).and_then(|connection| {
            let entry = connection.entered.get(welcome.room?)?;
            // An entering without an ack function is certain by the ack of another one, later.
            let is_it = welcome.what == What::Welcome && entry.asked == welcome.sent;
            (is_it && welcome.is_owed).then_some(entry)
        });
        let Some(acked) = entry.and_then(|entry| entry.acked) else {
            continue;
        };
        let inbox = deliveries.inboxes.get(&newcomer);
        let inbox = inbox.map(Vec::as_slice).unwrap_or_default();
        let before_ack = &inbox[..inbox.partition_point(|(_, at)| *at < acked)];
        let since_asked = before_ack.partition_point(|(_, at)| *at < welcome.sent);
        let answers = |(post, _): &&(PostId, Seq)| {
            let answer = log.post(*post);
            let heard = deliveries.reached(answer.by, PostId(index));
            heard.is_some_and(|heard| heard < answer.sent)
        };
        if let Some((answer, at)) = before_ack[since_asked..].iter().find(answers) {
            let answer = log.post(*answer);
            found.push(Anomaly {
                kind: AnomalyKind::AckedLate,
                summary: tell::acked_late(plan, newcomer, answer),
                evidence: vec![welcome.sent, answer.sent, *at, acked],
            });
        }
    }
    found
}

fn arrived(plan: &Plan, leg: Leg, connection: &Connection<'_>, found: &mut Vec<Anomaly>) {
    let mut first: BTreeMap<u64, Seq> = BTreeMap::new();
    let mut latest: Option<(&Request<'_>, Seq)> = None;
    for ack in &connection.acks {
        let request = connection.requests.get(&ack.id);
        let Some(request) = request.filter(|request| request.sent < ack.at) else {
            found.push(Anomaly {
                kind: AnomalyKind::UnknownAck,
                summary: tell::unknown_ack(plan, leg, ack.id),
                evidence: vec![ack.at],
            });
            continue;
        };
        let flushed = request.flushed.filter(|flushed| *flushed < ack.at);
        if let Some(before) = first.get(&ack.id).copied().or(flushed) {
            found.push(Anomaly {
                kind: AnomalyKind::AckedTwice,
                summary: tell::acked_twice(plan, leg, request),
                evidence: vec![request.sent, before, ack.at],
            });
            continue;
        }
        first.insert(ack.id, ack.at);
        if request.is_chat && !ack.is_empty {
            found.push(Anomaly {
                kind: AnomalyKind::AlteredAck,
                summary: tell::altered_ack(plan, leg, request),
                evidence: vec![request.sent, ack.at],
            });
        }
        if !request.is_message() {
            continue;
        }
        match latest {
            Some((later, before)) if request.sent < later.sent => found.push(Anomaly {
                kind: AnomalyKind::AcksMisordered,
                summary: tell::acks_misordered(plan, leg),
                evidence: vec![request.sent, later.sent, before, ack.at],
            }),
            _ => latest = Some((request, ack.at)),
        }
    }
}

/// A server that takes a client's events in order has acked them all by the time that it acks a later
/// one. The fence is for servers that do not, and were given the time that they need in between.
fn missing(plan: &Plan, leg: Leg, connection: &Connection<'_>, found: &mut Vec<Anomaly>) {
    let acked: std::collections::BTreeSet<u64> = connection.acks.iter().map(|ack| ack.id).collect();
    for (id, request) in &connection.requests {
        if request.is_flush || !request.is_chat || acked.contains(id) {
            continue;
        }
        let flushed = connection.flushes.after(request.sent);
        let fenced = flushed.and_then(|flushed| connection.fences.after(flushed));
        if let (Some(flushed), Some(fenced)) = (flushed, fenced) {
            found.push(Anomaly {
                kind: AnomalyKind::NeverAcked,
                summary: tell::never_acked(plan, leg, request),
                evidence: vec![request.sent, flushed, fenced],
            });
        }
    }
}
