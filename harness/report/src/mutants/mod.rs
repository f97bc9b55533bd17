//! What `chatspec mutants` found: which scenario catches which mutant.
//!
//! A conformance suite is worth what it catches. Every scenario names the mutants that must fail
//! it, every mutant must be caught by some scenario, and the server without a bug must pass: the
//! matrix shows it, and [`MutantMatrix::problems`] says where it is not so.
//!
//! # Layout
//! - this file: the matrix as data, and as JSON.
//! - `problem`: what can be wrong about it.
//! - `terminal`: the matrix on a terminal.
//! - [`explored`]: which mutants show themselves without a scenario.

use std::io::{self, Write};

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

use crate::json;

pub mod explored;

mod problem;
mod terminal;

pub use problem::Problem;
pub use terminal::write;

/// Every scenario against every mutant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MutantMatrix {
    /// The scenarios, in the order of their ids.
    pub scenarios: Vec<ScenarioRow>,
    /// The mutants, without the servers that have no bug.
    pub mutants: Vec<MutantRow>,
    /// The cases that failed on the server without a bug; there should be none.
    pub clean: Vec<String>,
    /// Whether a catch that a scenario does not name is a problem.
    pub strict: bool,
    /// Wall-clock time of the whole, in milliseconds.
    pub duration_ms: u64,
}

/// A scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ScenarioRow {
    /// Its id.
    pub id: String,
    /// The mutants that it names in `catches`.
    pub catches: Vec<String>,
    /// The mutants that failed it, on one transport or more.
    pub caught: Vec<String>,
}

/// A mutant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MutantRow {
    /// Its name.
    pub name: String,
    /// Its bug, one sentence.
    pub summary: String,
}

/// The matrix with what is wrong about it: the form of the JSON report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MutantReport {
    /// The version of this form; it changes when a reader would have to.
    pub format: u32,
    /// The matrix.
    pub matrix: MutantMatrix,
    /// What is wrong about it.
    pub problems: Vec<Problem>,
}

impl MutantReport {
    /// The form that this version writes.
    pub const FORMAT: u32 = 1;
}

impl MutantMatrix {
    /// The exit code of `chatspec mutants`: 0 when nothing is wrong, else 1.
    pub fn code(&self) -> u8 {
        u8::from(!self.problems().is_empty())
    }
}

impl ScenarioRow {
    fn names(&self, mutant: &str) -> bool {
        self.catches.iter().any(|name| name == mutant)
    }

    fn caught(&self, mutant: &str) -> bool {
        self.caught.iter().any(|name| name == mutant)
    }
}

/// Writes the matrix and its problems as JSON, indented, with a newline at the end.
pub fn write_json(matrix: &MutantMatrix, out: &mut dyn Write) -> io::Result<()> {
    let problems = matrix.problems();
    let report = MutantReport {
        format: MutantReport::FORMAT,
        matrix: matrix.clone(),
        problems,
    };
    json::pretty(&report, out)
}

/// The JSON Schema (draft 2020-12) of what [`write_json`] writes.
pub fn schema() -> Schema {
    json::schema_of::<MutantReport>()
}
