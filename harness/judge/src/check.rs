//! The judgement of a finished history.

use crate::history::{Event, History, Kind};
use crate::ids::{ActorId, OpId};
use crate::plan::{OpKind, Plan};
use crate::referee::{Findings, Referee};

/// What `history`, a run of `plan`, shows. Of a history that is not one of this plan, nothing is
/// said but that.
pub fn check(plan: &Plan, history: &History) -> Findings {
    for (index, event) in history.events.iter().enumerate() {
        if event.seq.0 != index as u64 || !is_of(plan, event) {
            return Findings {
                violations: Vec::new(),
                proofs: Vec::new(),
                gave_up: Some(format!(
                    "the history is not one of this case: event {index} does not belong there"
                )),
            };
        }
    }
    let mut referee = Referee::new(plan);
    for event in &history.events {
        referee.observe(event);
    }
    referee.findings()
}

/// Whether all that the event names is in the plan.
pub(crate) fn is_of(plan: &Plan, event: &Event) -> bool {
    let is_client = |id: ActorId| (id.0 as usize) < plan.actors.len();
    let op = |id: OpId| plan.ops.get(id.0 as usize).map(|op| &op.kind);
    match &event.kind {
        Kind::Began { stage } | Kind::Ended { stage, .. } => *stage < plan.stages.len(),
        Kind::Connecting { leg, op: id } => {
            is_client(leg.actor) && matches!(op(*id), Some(OpKind::Connect { .. }))
        }
        Kind::Sent { leg, op: id, .. } => is_client(leg.actor) && op(*id).is_some(),
        Kind::HttpAnswered { op: id, .. } => matches!(op(*id), Some(OpKind::Http { .. })),
        Kind::Connected { leg }
        | Kind::Upgraded { leg }
        | Kind::ConnectFailed { leg, .. }
        | Kind::Arrived { leg, .. }
        | Kind::FlushSent { leg, .. }
        | Kind::FlushAcked { leg, .. }
        | Kind::FenceSent { leg, .. }
        | Kind::FenceAnswered { leg, .. } => is_client(leg.actor),
        Kind::FlushImpossible { actor } => is_client(*actor),
        Kind::Waited { .. }
        | Kind::ServerDied { .. }
        | Kind::ServerRestarted
        | Kind::GaveUp { .. } => true,
    }
}
