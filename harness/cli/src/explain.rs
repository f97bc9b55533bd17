//! `chatspec explain` and `chatspec list`

use std::path::Path;

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::suite::transports;
use chatspec_mutants::{Mutant, UnknownMutant};
use chatspec_report::explain::{self as explained, Explained};
use chatspec_report::list::{self as listed, Listed};
use chatspec_report::mutants::MutantRow;
use chatspec_report::snippet;

use crate::args::{ExplainArgs, ListArgs};
use crate::{Error, choose, suite, view};

/// Explains one scenario.
pub(crate) fn explain(args: &ExplainArgs) -> Result<u8, Error> {
    let loaded = suite::load(args.scenarios.as_deref())?;
    let (id, source) = choose::one(&loaded, &args.id)?;
    let scenario = &source.scenario;
    if args.javascript {
        let script = snippet::javascript(id.as_str(), scenario);
        view::to_stdout(|out| out.write_all(script.as_bytes()))?;
        return Ok(0);
    }
    let told = Explained {
        id: id.to_string(),
        reason: scenario.reason.clone(),
        level: scenario.level.into(),
        clauses: loaded.clause_notes(source),
        catches: scenario
            .catches
            .iter()
            .map(|name| MutantRow {
                name: name.value.to_string(),
                summary: name.value.as_str().parse().map_or_else(
                    |unknown: UnknownMutant| unknown.to_string(),
                    |mutant: Mutant| mutant.summary().to_owned(),
                ),
            })
            .collect(),
        needs: scenario
            .needs
            .iter()
            .map(|need| need.value.to_string())
            .collect(),
        transports: transports(source),
        alone: scenario.alone,
        open: scenario.open,
        file: source.file.clone(),
        text: source.text.clone(),
        again: again(&id, args.scenarios.as_deref()),
    };
    view::to_stdout(|out| explained::write(&told, &view::style(false), out))?;
    Ok(0)
}

/// The command that runs a scenario.
fn again(id: &ScenarioId, scenarios: Option<&Path>) -> String {
    match scenarios {
        Some(folder) => format!("chatspec run {id} --scenarios {}", folder.display()),
        None => format!("chatspec run {id}"),
    }
}

/// Lists the scenarios.
pub(crate) fn list(args: &ListArgs) -> Result<u8, Error> {
    let loaded = suite::load(args.scenarios.as_deref())?;
    let (loaded, chosen) = choose::choose(loaded, &args.patterns, None)?;
    let rows: Vec<_> = loaded
        .scenarios()
        .filter(|(id, _)| chosen.iter().any(|case| case.scenario == **id))
        .map(|(id, source)| {
            let scenario = &source.scenario;
            Listed {
                id: id.clone(),
                reason: scenario.reason.clone(),
                level: scenario.level.into(),
                transports: transports(source).iter().map(ToString::to_string).collect(),
                needs: scenario
                    .needs
                    .iter()
                    .map(|need| need.value.to_string())
                    .collect(),
                clauses: scenario
                    .clauses
                    .iter()
                    .map(|id| id.value.to_string())
                    .collect(),
                catches: scenario
                    .catches
                    .iter()
                    .map(|name| name.value.to_string())
                    .collect(),
            }
        })
        .collect();
    view::to_stdout(|out| {
        if args.json {
            listed::write_json(&rows, out)
        } else {
            listed::write(&rows, &view::style(false), out)
        }
    })?;
    Ok(0)
}
