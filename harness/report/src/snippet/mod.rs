//! A scenario as plain JavaScript on `socket.io-client`, for who would rather see a bug without our
//! tool: the same steps, and what arrives printed beside what the contract has there.
//!
//! It judges nothing. What it cannot do as chatspec does it says at its head.
//!
//! # Layout
//! - here: the file as a whole; `prelude.js`: what every one begins with; `enter.js`: for
//!   those that begin with people in rooms.
//! - `steps`: what each line becomes; `values`: literals.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chatspec_notation::ast::{Line, Scenario, StepKind};

use crate::text;

mod steps;
mod values;

use steps::Script;

/// How a script ends.
const END: &str = "
// At the end: nothing more.
await nothing(...everybody);
for (const socket of everybody) socket.disconnect();
";

/// The same where no line says what is to be received.
const OPEN_END: &str = "
// What came is held against the contract as a whole.
await pause(300);
for (const socket of everybody) {
  while (socket.inbox.length > 0) await next(socket, \"as a whole\");
  socket.disconnect();
}
";

/// The scenario called `id` as an ES module. It is run with the server's URL, and the transport.
pub fn javascript(id: &str, scenario: &Scenario) -> String {
    let script = Script::of(scenario);
    let mut file = String::new();
    let mut say = |line: &str| {
        let line = text::escape(line);
        writeln!(file, "{}", format!("// {line}").trim_end()).unwrap_or_default(); // a String takes everything
    };
    say(&format!("{id}: {}", scenario.reason));
    say("");
    say("npm install socket.io-client@4, save this as snippet.mjs, then");
    say("node snippet.mjs http://127.0.0.1:3000 websocket    (or polling, or upgrade)");
    say("");
    for line in differences(scenario) {
        say(&line);
    }
    file.push_str(include_str!("prelude.js"));
    if !scenario.present.is_empty() {
        file.push_str(include_str!("enter.js"));
    }
    file.push_str(&script.rooms());
    file.push_str(&script.clients());
    file.push_str(script.body());
    file.push_str(if scenario.open { OPEN_END } else { END });
    file
}

/// What is otherwise than in a run of chatspec.
fn differences(scenario: &Scenario) -> Vec<String> {
    let mut told = vec![
        "It prints and judges nothing: compare what came with [contract: ..].".to_owned(),
        "Silence is waited for; chatspec proves it by flush and fence.".to_owned(),
    ];
    let mut kinds = BTreeSet::new();
    for kind in kinds_of(&scenario.body) {
        kinds.extend(beyond(kind));
    }
    told.extend(kinds.into_iter().map(str::to_owned));
    told
}

/// Every step, those of blocks too.
fn kinds_of(lines: &[Line]) -> Vec<&StepKind> {
    let steps = lines.iter().filter_map(|line| match line {
        Line::Step(step) => Some(&step.kind),
        Line::Comment(_) | Line::Blank => None,
    });
    let steps = steps.flat_map(|kind| match kind {
        StepKind::Together(inner) | StepKind::InAnyOrder(inner) => kinds_of(inner),
        kind => vec![kind],
    });
    steps.collect()
}

/// What a step has that `socket.io-client` has not.
fn beyond(kind: &StepKind) -> Option<&'static str> {
    use chatspec_notation::ast::{Act, Fault};
    Some(match kind {
        StepKind::RawSend(..) | StepKind::RawReceive(_) => {
            "Raw packets: socket.io-client neither reads them nor writes all of them; such lines are left out."
        }
        StepKind::Act(_, Act::Vanishes) => {
            "A client that vanishes: here its connection is closed, there it is reset without a word."
        }
        StepKind::Act(_, Act::FallsSilent | Act::StopsReading | Act::ReadsAgain) => {
            "A client that no longer answers or reads: socket.io-client always does; such lines are left out."
        }
        StepKind::Fault(Fault::ServerRestarts) => {
            "A restart: do it by hand, there is a pause of ten seconds for it."
        }
        StepKind::Fault(Fault::LinkDelays(..)) => "A slow link: not here; such lines are left out.",
        StepKind::Connect(connect) if connect.node.is_some() => {
            "Nodes: everybody connects to the one URL, whatever node the line says."
        }
        _ => return None,
    })
}
