//! A run as a badge: the JSON that shields.io reads from an endpoint.

use std::io::{self, Write};

use chatspec_judge::verdict::{Outcome, RunReport};
use serde::Serialize;

use crate::json;
use crate::tally::{Kind, Tally};
use crate::text;

/// The endpoint badge's form (shields.io, "Endpoint Badge").
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u32,
    label: &'static str,
    message: String,
    color: &'static str,
    is_error: bool,
}

/// Writes the badge; under `strict`, a broken `should` fails the run.
pub fn write(report: &RunReport, strict: bool, out: &mut dyn Write) -> io::Result<()> {
    let tally = Tally::of(report.targets.iter().flat_map(|target| &target.cases));
    let applied = tally.total() - tally.get(Kind::Skipped);
    let passed = text::digits(tally.get(Kind::Passed));
    let applied = text::digits(applied);
    let outcome = report.outcome(strict);
    let (message, color) = match outcome {
        Outcome::Conformant => (format!("{passed} of {applied} passed"), "brightgreen"),
        Outcome::NotConformant => {
            let failed = tally.get(Kind::Failed) + tally.get(Kind::UnexpectedPass);
            let failed = failed + if strict { tally.get(Kind::Warning) } else { 0 };
            let message = match failed {
                0 => "ledger out of date".to_owned(),
                failed => format!("{} of {applied} failed", text::digits(failed)),
            };
            (message, "red")
        }
        Outcome::Inconclusive => ("inconclusive".to_owned(), "lightgrey"),
        Outcome::NothingRun => ("nothing run".to_owned(), "lightgrey"),
    };
    let badge = Badge {
        schema_version: 1,
        label: "chatspec",
        message,
        color,
        is_error: outcome == Outcome::NotConformant,
    };
    json::pretty(&badge, out)
}
