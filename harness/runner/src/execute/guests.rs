//! Who comes, and how everybody is seen off.

use std::time::Duration;

use chatspec_judge::expand::{ENTER_ROOM, nickname};
use chatspec_judge::ids::OpId;
use chatspec_judge::plan::OpKind;
use chatspec_wire::data::Data;

use super::Execute;
use super::proof::AFTER_LEAVING;
use crate::clock;
use crate::target::dialect::template::Bindings;

impl Execute<'_, '_> {
    /// What is known of a client when it opens a connection: the nickname that it takes on it, and the
    /// room that it enters first.
    pub(super) fn guest(&self, connect: OpId) -> Bindings {
        let actor = self.plan.op(connect).actor;
        let behind = self.plan.ops.iter().skip(connect.0 as usize + 1);
        let entering = behind
            .filter(|op| op.actor == actor)
            .take_while(|op| !matches!(op.kind, OpKind::Connect { .. }))
            .find_map(|op| match &op.kind {
                OpKind::Emit { event, args, .. } if event == ENTER_ROOM => Some(args),
                _ => None,
            });
        let captures = self.referee.captures();
        let said = |index: usize| entering?.get(index)?.resolve(captures);
        // Who enters none is in none: in one where nobody else is, where connecting is entering.
        let actor = &self.plan.actor(actor).name;
        let name = || Data::Text(nickname(actor));
        let nowhere = || Data::Text(format!("{}-outside-{actor}", self.plan.tag));
        Bindings {
            nickname: said(0).or_else(|| Some(name())),
            room: said(1).or_else(|| Some(nowhere())),
            ..Bindings::default()
        }
    }

    /// Sees everybody off, so that the next case does not meet them: where there is one room for all,
    /// it would.
    pub(super) async fn depart(&mut self) {
        for client in self.clients.values() {
            client.disconnect();
        }
        for mut client in std::mem::take(&mut self.clients).into_values() {
            client.ended().await;
        }
        let window = Duration::from_micros(self.ground.calibration.quiet_window_us);
        clock::pause(window.max(AFTER_LEAVING)).await;
    }
}
