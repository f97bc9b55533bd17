//! Which behaviours of a chat the suite checks, and why not the others.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ids::ScenarioId;
use crate::suite::Suite;

/// The name of the file that lists the behaviours, at the top of the scenarios' folder.
pub const CATALOGUE_FILE: &str = "catalogue.toml";

/// The behaviours by id, as catalogue.toml writes them.
pub type Catalogue = BTreeMap<String, Behaviour>;

/// Something that a black box can see of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Behaviour {
    /// What a right server does, one sentence.
    pub behaviour: String,
    /// The clauses that scenarios about it cite.
    #[serde(default)]
    pub clauses: Vec<String>,
    /// Why there is no scenario.
    pub open: Option<String>,
}

/// What the suite does about one behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The behaviour's id.
    pub id: String,
    /// What a right server does.
    pub behaviour: String,
    /// Clauses and the scenarios that cite them.
    pub clauses: Vec<(String, Vec<ScenarioId>)>,
    /// Why there is no scenario.
    pub open: Option<String>,
}

impl Row {
    /// What is wrong about it: it needs scenarios or a reason, and never both.
    pub fn problem(&self) -> Option<String> {
        let bare = self.clauses.iter().find(|(_, cited)| cited.is_empty());
        match (&self.open, bare, self.clauses.is_empty()) {
            (_, Some((clause, _)), _) => Some(format!(
                "{}: no scenario cites `{clause}`: write one, or give the reason as `open`",
                self.id
            )),
            (None, None, true) => Some(format!(
                "{}: it has neither clauses nor a reason: add `clauses` or `open`",
                self.id
            )),
            (Some(_), None, false) => Some(format!(
                "{}: it has scenarios and a reason why there is none: remove `open`",
                self.id
            )),
            _ => None,
        }
    }
}

/// The behaviours of the suite's catalogue, in the order of their ids.
pub fn coverage(suite: &Suite) -> Vec<Row> {
    let rows = suite.catalogue().iter().map(|(id, behaviour)| Row {
        id: id.clone(),
        behaviour: behaviour.behaviour.clone(),
        clauses: behaviour
            .clauses
            .iter()
            .map(|clause| (clause.clone(), citing(suite, clause)))
            .collect(),
        open: behaviour.open.clone(),
    });
    rows.collect()
}

fn citing(suite: &Suite, clause: &str) -> Vec<ScenarioId> {
    let citing = suite.scenarios().filter(|(_, source)| {
        let mut cited = source.scenario.clauses.iter();
        cited.any(|cited| cited.value.as_str() == clause)
    });
    citing.map(|(id, _)| id.clone()).collect()
}
