//! Open cases: lines that only send, and only what the checkers of histories judge.

use crate::ast::{Act, Emit, Step, StepKind};
use crate::error::Mistakes;
use crate::mistake::Kind;
use crate::names::EventName;
use crate::value::Value;

/// Notes a step that has no place in an open case. The lines of a block come one by one.
pub(super) fn check(step: &Step, mistakes: &mut Mistakes) {
    let kind = match &step.kind {
        StepKind::Together(_) | StepKind::Act(_, Act::Disconnects | Act::Vanishes) => return,
        StepKind::Connect(connect) if connect.auth.is_none() && connect.to.is_none() => return,
        StepKind::Emit(emit) if is_chat(emit) => return,
        StepKind::Receive(_)
        | StepKind::Nothing(_)
        | StepKind::UpTo(_)
        | StepKind::RawReceive(_)
        | StepKind::InAnyOrder(_) => Kind::ReceiveInOpen,
        StepKind::Connect(_)
        | StepKind::Emit(_)
        | StepKind::Act(..)
        | StepKind::RawSend(..)
        | StepKind::Http(_)
        | StepKind::Fault(_) => Kind::NotChatInOpen,
    };
    mistakes.note(kind, step.span);
}

/// Whether the contract says all that comes of an event.
fn is_chat(emit: &Emit) -> bool {
    let known = |event: &EventName| matches!(event.as_str(), "enter_room" | "new_message");
    known(&emit.event.value) && matches!(emit.args.as_slice(), [Value::Text(_), Value::Name(_)])
}
