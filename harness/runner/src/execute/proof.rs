//! Absence, proven and not waited for.
//!
//! *Flush*: every client that has acted sends a message to a room where nobody is, and waits for its
//! ack; a server that takes a client's events in order has by then done all that was asked before.
//! *Fence*: a round trip on every observer's connection; whatever was written to it before has then
//! arrived. *Quiet window*: for a target that was seen to handle a client's events concurrently,
//! neither is proof, and as long as its effects were measured to lag is waited in addition. Between the
//! nodes of a server there is always such a window: an ack says what one node has done. And in a chat where
//! nothing can be said that nobody hears, or nothing is answered, it stands in the place of the flush.

use std::time::Duration;

use chatspec_judge::expand::{FLUSH_TEXT, NEW_MESSAGE};
use chatspec_judge::history::Kind;
use chatspec_judge::ids::ActorId;
use chatspec_wire::data::Data;

use super::{Execute, Question};
use crate::clock;

/// What is waited for a client that has left: nobody can be asked whether the server is done with
/// it, so a few round trips, and at least as long as a process may be off the processor.
pub(super) const AFTER_LEAVING: Duration = Duration::from_millis(20);

/// For so many deadlines in a row a server may show that it is at work, and not answer.
const MOST_DEADLINES: u32 = 30;

impl Execute<'_, '_> {
    /// Asks everything that has to be asked before silence means absence. Gives the wait that ran
    /// out, if one did.
    pub(super) async fn prove(&mut self, listener: ActorId, everyone: bool) -> Option<u64> {
        if everyone && let Some(ran_out) = self.settle_upgrades().await {
            return Some(ran_out);
        }
        let gone = self.flush();
        if let Some(ran_out) = self.answered().await {
            return Some(ran_out);
        }
        let mut window = Duration::from_micros(self.ground.calibration.quiet_window_us);
        let apart = self.plan.nodes() > 1;
        if let Some(across) = self
            .ground
            .calibration
            .across_nodes
            .as_ref()
            .filter(|_| apart)
        {
            window = window.max(Duration::from_micros(across.quiet_window_us));
        }
        if gone {
            let round_trip = Duration::from_micros(self.ground.calibration.worst_round_trip_us);
            window = window.max(AFTER_LEAVING).max(round_trip * 5);
        }
        if !window.is_zero() {
            clock::pause(window).await;
            if !gone || apart || !self.ground.flushes {
                self.log.record(Kind::Waited {
                    for_us: clock::micros(window),
                });
            }
        }
        if everyone {
            let observers: Vec<_> = self.clients.keys().copied().collect();
            for observer in observers {
                self.fence(observer);
            }
        } else {
            self.fence(listener);
        }
        self.answered().await
    }

    /// Begins a fence on a client's connection.
    pub(super) fn fence(&mut self, actor: ActorId) {
        if self.plan.speaks_raw(actor) {
            return;
        }
        let Some(client) = self.clients.get_mut(&actor) else {
            return;
        };
        let (leg, id) = (client.leg(), client.next_fence());
        if self.closed.contains(&leg) {
            return;
        }
        self.unanswered.insert(Question::Fence(leg, id));
        self.log.record(Kind::FenceSent { leg, id });
        client.fence();
    }

    /// Begins a fence on every connection but that of `actor`, which has just been acked: if the ack
    /// was for a message, the fences are not answered before it has arrived.
    pub(super) fn fence_others(&mut self, actor: ActorId) {
        let others = self.clients.keys().copied();
        let others: Vec<_> = others.filter(|other| *other != actor).collect();
        for other in others {
            self.fence(other);
        }
    }

    /// Begins a flush for every client that has acted. Whether some of them could not be asked.
    fn flush(&mut self) -> bool {
        let mut gone = false;
        for actor in std::mem::take(&mut self.dirty) {
            let raw = self.plan.speaks_raw(actor);
            let client = self.clients.get_mut(&actor);
            let Some(client) = client.filter(|client| !self.closed.contains(&client.leg()) && !raw)
            else {
                self.log.record(Kind::FlushImpossible { actor });
                gone = true;
                continue;
            };
            if !self.ground.flushes {
                // Nothing can be said that nobody hears: the window is all there is.
                self.log.record(Kind::FlushImpossible { actor });
                continue;
            }
            let room = format!("{}-flush-{}", self.plan.tag, self.plan.actor(actor).name);
            let (leg, id) = (client.leg(), client.next_ack());
            self.unanswered.insert(Question::Flush(leg, id));
            self.log.record(Kind::FlushSent { leg, id });
            client.flush(NEW_MESSAGE, vec![Data::from(FLUSH_TEXT), Data::Text(room)]);
        }
        gone
    }

    /// Waits for the answers of connections that are still there. A server that is still at work on
    /// what was asked before, and shows it, is not late: with a pause of some milliseconds before
    /// each effect, a thousand messages take seconds.
    async fn answered(&mut self) -> Option<u64> {
        let deadline = self.ground.deadline(None);
        let mut waited = 0;
        let mut ran_out = None;
        for _ in 0..MOST_DEADLINES {
            let arrived = self.arrived;
            ran_out = self.all_answered(deadline).await;
            waited += ran_out.unwrap_or_default();
            if ran_out.is_none() || self.gave_up || self.arrived == arrived {
                break;
            }
        }
        for question in std::mem::take(&mut self.unanswered) {
            if let Question::Flush(leg, _) = question {
                // Whoever was not answered is asked again before the next silence.
                self.dirty.insert(leg.actor);
            }
        }
        ran_out.map(|_| waited)
    }

    async fn all_answered(&mut self, deadline: Duration) -> Option<u64> {
        let all = |this: &Self| {
            this.unanswered
                .iter()
                .all(|question| this.closed.contains(&question.leg()))
        };
        self.wait(deadline, all).await
    }

    /// An upgrade that is not through by the end of a case has not been judged.
    async fn settle_upgrades(&mut self) -> Option<u64> {
        let deadline = self.ground.deadline(None);
        let settled = |this: &Self| {
            let open = |client: &crate::client::Speaker| !this.closed.contains(&client.leg());
            this.clients
                .values()
                .all(|client| client.is_settled() || !open(client))
        };
        let ran_out = self.wait(deadline, settled).await?;
        let stuck = self.clients.values().find(|client| !client.is_settled());
        if let Some(leg) = stuck.map(crate::client::Speaker::leg) {
            let cause = format!(
                "the upgrade to WebSocket was not through within {} ms",
                ran_out / 1000
            );
            self.log.record(Kind::ConnectFailed { leg, cause });
        }
        Some(ran_out)
    }
}
