//! A run, for programs.
//!
//! The form is [`RunReport`]'s own, and `schemas/report.schema.json` is its JSON Schema: whoever
//! reads reports can check them, and a change of the form shows up in review as a change of that
//! file.

use std::io::{self, Write};

use chatspec_judge::verdict::RunReport;
use schemars::{Schema, generate::SchemaSettings};

/// Writes the report, indented, with a newline at the end.
pub fn write(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    pretty(report, out)
}

/// The JSON Schema (draft 2020-12) of what [`write()`] writes.
pub fn schema() -> Schema {
    schema_of::<RunReport>()
}

pub(crate) fn pretty(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

pub(crate) fn schema_of<T: schemars::JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}
