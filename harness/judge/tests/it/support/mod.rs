//! Runs without a server: plans, an executor whose clock is the order of things, and who tells it
//! what the server sends.

pub(crate) mod oracle;
pub(crate) mod random;
pub(crate) mod right;
pub(crate) mod run;
pub(crate) mod script;
pub(crate) mod show;

use std::sync::Arc;

use chatspec_judge::expand::expand;
use chatspec_judge::ids::{CaseId, ScenarioId};
use chatspec_judge::plan::{Plan, Source};
use chatspec_notation::Look;
use chatspec_notation::ast::Transport;

/// The seed of every run that does not choose one.
pub(crate) const SEED: u64 = 42;

/// A scenario, as the suite would have read it.
pub(crate) fn source(text: &str) -> Arc<Source> {
    let file = "case.chat";
    let scenario = chatspec_notation::parse(file, text)
        .unwrap_or_else(|error| panic!("{}\nin\n{text}", error.render(Look::PLAIN)));
    Arc::new(Source {
        file: file.to_owned(),
        text: text.to_owned(),
        scenario,
    })
}

pub(crate) fn case(id: &str) -> CaseId {
    CaseId {
        scenario: ScenarioId::from_path(id),
        transport: Transport::Websocket,
    }
}

/// The plan of a scenario over WebSocket.
pub(crate) fn plan(text: &str) -> Plan {
    expand(source(text), case("a/case"), SEED, 0)
}
