//! Who heard what before what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::history::Leg;
use crate::ids::Seq;
use crate::plan::Plan;

use super::deliveries::Deliveries;
use super::log::{ChatLog, PostId};
use super::{Anomaly, AnomalyKind, tell};

/// What holds of the order in which clients heard messages. Each includes those above it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Guarantee {
    /// Nothing.
    None,
    /// Messages of one sender arrive in the order in which it sent them.
    Fifo,
    /// And no message arrives before one that its sender had heard, or that had been acked to
    /// anybody, when it was sent.
    Causal,
    /// And there is one order of all messages that every client heard them in.
    Total,
}

/// What the checker found.
pub(super) struct Order {
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) guarantee: Option<Guarantee>,
}

/// How much work goes into who had heard what when it wrote. It grows with senders times deliveries;
/// beyond this, which no scenario reaches, causality is left at what acks say.
const LOOKS: usize = 20_000_000;

pub(super) fn check(plan: &Plan, log: &ChatLog<'_>, deliveries: &Deliveries) -> Order {
    let mut anomalies = Vec::new();
    let mut is_fifo = true;
    for (leg, inbox) in &deliveries.inboxes {
        is_fifo &= senders(plan, log, *leg, inbox, &mut anomalies);
        acked(plan, log, *leg, inbox, &mut anomalies);
    }
    let compared = deliveries.inboxes.values().any(|inbox| inbox.len() > 1);
    let is = |kind| {
        anomalies
            .iter()
            .any(|anomaly: &Anomaly| anomaly.kind == kind)
    };
    let guarantee = compared.then(|| {
        if !is_fifo {
            Guarantee::None
        } else if is(AnomalyKind::CausallyMisordered) || overtakes_what_was_heard(log, deliveries) {
            Guarantee::Fifo
        } else if has_one_order(log.posts.len(), deliveries) {
            Guarantee::Total
        } else {
            Guarantee::Causal
        }
    });
    Order {
        anomalies,
        guarantee,
    }
}

/// Each sender's messages in the order in which it sent them; whether they all came so. Across nodes
/// nothing is promised about it, so that it is measured and accuses nobody.
fn senders(
    plan: &Plan,
    log: &ChatLog<'_>,
    leg: Leg,
    inbox: &[(PostId, Seq)],
    found: &mut Vec<Anomaly>,
) -> bool {
    let mut latest: BTreeMap<Leg, (PostId, Seq)> = BTreeMap::new();
    let mut is_fifo = true;
    for &(id, at) in inbox {
        let by = log.post(id).by;
        match latest.get(&by) {
            Some(&(later, before)) if id < later => {
                is_fifo = false;
                if !log.are_apart(leg, by) {
                    found.push(Anomaly {
                        kind: AnomalyKind::Misordered,
                        summary: tell::overtaken(plan, leg, log.post(id), log.post(later)),
                        evidence: vec![log.post(id).sent, log.post(later).sent, before, at],
                    });
                }
            }
            _ => {
                latest.insert(by, (id, at));
            }
        }
    }
    is_fifo
}

/// A message that was acked before another was sent had been written to everybody on its node by then.
fn acked(
    plan: &Plan,
    log: &ChatLog<'_>,
    leg: Leg,
    inbox: &[(PostId, Seq)],
    found: &mut Vec<Anomaly>,
) {
    let mut soonest: Option<(Seq, PostId, Seq)> = None;
    let start = found.len();
    for &(id, at) in inbox.iter().rev() {
        let post = log.post(id);
        if let Some((done, earlier, after)) = soonest
            && done < post.sent
            && log.post(earlier).by != post.by
        {
            found.push(Anomaly {
                kind: AnomalyKind::CausallyMisordered,
                summary: tell::overtaken(plan, leg, log.post(earlier), post),
                evidence: vec![done, post.sent, at, after],
            });
        }
        if let Some(done) = post.done
            && !log.are_apart(leg, post.by)
            && soonest.is_none_or(|(least, ..)| done < least)
        {
            soonest = Some((done, id, at));
        }
    }
    found[start..].reverse();
}

/// Whether somebody heard a message before one that its sender had heard when it wrote. The contract
/// says nothing about that: a server may still be writing the one to its members.
fn overtakes_what_was_heard(log: &ChatLog<'_>, deliveries: &Deliveries) -> bool {
    let mut written: BTreeMap<Leg, Vec<PostId>> = BTreeMap::new();
    for inbox in deliveries.inboxes.values() {
        for (id, _) in inbox {
            written.entry(log.post(*id).by).or_default().push(*id);
        }
    }
    for posts in written.values_mut() {
        posts.sort_unstable();
        posts.dedup();
    }
    let mut looks = 0;
    let mut places = vec![None; log.posts.len()];
    for (leg, inbox) in &deliveries.inboxes {
        for (place, (id, _)) in inbox.iter().enumerate() {
            places[id.0] = Some(place);
        }
        for (sender, posts) in written.iter().filter(|(sender, _)| *sender != leg) {
            let heard = deliveries
                .inboxes
                .get(sender)
                .map_or(&[][..], Vec::as_slice);
            looks += heard.len() + posts.len();
            if looks > LOOKS {
                return false;
            }
            let (mut known, mut last) = (heard.iter().peekable(), None);
            for post in posts {
                while let Some((id, _)) = known.next_if(|(_, at)| *at < log.post(*post).sent) {
                    last = last.max(places[id.0]);
                }
                if places[post.0].is_some() && places[post.0] < last {
                    return true;
                }
            }
        }
        for (id, _) in inbox {
            places[id.0] = None;
        }
    }
    false
}

/// Whether one order of all messages agrees with every inbox: whether "came next" has no cycle.
fn has_one_order(posts: usize, deliveries: &Deliveries) -> bool {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); posts];
    let mut before = vec![0_usize; posts];
    for inbox in deliveries.inboxes.values() {
        for pair in inbox.windows(2) {
            if let [(one, _), (other, _)] = pair {
                next[one.0].push(other.0);
                before[other.0] += 1;
            }
        }
    }
    let mut free: Vec<usize> = (0..posts).filter(|post| before[*post] == 0).collect();
    let mut placed = 0;
    while let Some(post) = free.pop() {
        placed += 1;
        for &other in &next[post] {
            before[other] -= 1;
            if before[other] == 0 {
                free.push(other);
            }
        }
    }
    placed == posts
}
