//! What did not arrive, or only behind a fence that it had to precede.

use std::collections::BTreeMap;

use crate::history::Leg;
use crate::ids::Seq;
use crate::plan::Plan;

use super::deliveries::Deliveries;
use super::log::{ChatLog, Post, PostId, What};
use super::{Anomaly, AnomalyKind, tell};

pub(super) fn check(plan: &Plan, log: &ChatLog<'_>, deliveries: &Deliveries) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut counted: BTreeMap<(Leg, PostId), Vec<(PostId, Seq)>> = BTreeMap::new();
    for (index, post) in log.posts.iter().enumerate() {
        let id = PostId(index);
        let (Some(room), Some(heard), true) = (post.room, &post.heard, post.is_owed) else {
            continue;
        };
        let first = log.heard_as(post.what, heard);
        let Some(members) = log.members.get(room) else {
            continue;
        };
        for leg in members.iter().copied().filter(|leg| *leg != post.by) {
            let Some(proof) = Proof::of(log, leg, post, room) else {
                continue;
            };
            if let [first, _, ..] = first {
                counted
                    .entry((leg, *first))
                    .or_default()
                    .extend(proof.absent.map(|at| (id, at)));
                continue;
            }
            let verdict = proof.verdict(post, deliveries.reached(leg, id));
            let Some((kind, at)) = verdict.filter(|_| !deliveries.is_mistaken(leg, id)) else {
                continue;
            };
            let evidence = [
                Some(post.sent),
                post.done,
                Some(at),
                deliveries.reached(leg, id),
            ];
            found.push(Anomaly {
                kind,
                summary: tell::missed(plan, kind, leg, post),
                evidence: evidence.into_iter().flatten().collect(),
            });
        }
    }
    for ((leg, first), owed) in counted {
        // Which of them are missing cannot be told; that the last ones are is as true as any.
        for (id, at) in owed.into_iter().skip(deliveries.count(leg, first)) {
            let post = log.post(id);
            let kind = lost(post.what);
            if !deliveries.is_mistaken(leg, id) {
                found.push(Anomaly {
                    kind,
                    summary: tell::missed(plan, kind, leg, post),
                    evidence: vec![post.sent, at],
                });
            }
        }
    }
    found
}

/// What a history proves about one post and one client that was inside all along.
struct Proof {
    /// The answer of a fence that the post had to precede; none can be named across nodes.
    fence: Option<Seq>,
    /// The answer of a fence, begun when a flush had said that the server is done with the client.
    absent: Option<Seq>,
}

impl Proof {
    fn of(log: &ChatLog<'_>, leg: Leg, post: &Post<'_>, room: &str) -> Option<Self> {
        let receiver = log.legs.get(&leg)?;
        let entry = receiver.entered.get(room)?;
        entry.acked.filter(|inside| *inside < post.sent)?;
        Some(Self {
            fence: Some(receiver.fences.after(post.done?)?)
                .filter(|_| !log.are_apart(leg, post.by)),
            absent: post
                .flushed
                .and_then(|flushed| receiver.fences.after(flushed)),
        })
    }

    fn verdict(&self, post: &Post<'_>, reached: Option<Seq>) -> Option<(AnomalyKind, Seq)> {
        match (post.what, reached, self.absent) {
            (what, None, Some(at)) => Some((lost(what), at)),
            // Its ack says that it was relayed; it may be on some other way, but not in time.
            (What::Message, None, None) => self.fence.map(|fence| (AnomalyKind::Late, fence)),
            (What::Message, Some(reached), _) => self
                .fence
                .filter(|fence| *fence < reached)
                .map(|fence| (AnomalyKind::Late, fence)),
            (What::Welcome, ..) => None,
        }
    }
}

const fn lost(what: What) -> AnomalyKind {
    match what {
        What::Message => AnomalyKind::Lost,
        What::Welcome => AnomalyKind::WelcomeLost,
    }
}
