//! A bench, for programs: `chatspec compare` and `chatspec merge` read it again.
//!
//! The form is [`Bench`]'s own, and `schemas/bench.schema.json` is its JSON Schema. The latencies are
//! in it as whole histograms, so that whoever reads it can ask for any percentile.

use std::io::{self, Write};

use chatspec_judge::bench::Bench;
use schemars::Schema;

use crate::json;

/// Writes the bench, indented, with a newline at the end.
pub fn write(bench: &Bench, out: &mut dyn Write) -> io::Result<()> {
    json::pretty(bench, out)
}

/// The JSON Schema (draft 2020-12) of what [`write()`] writes.
pub fn schema() -> Schema {
    json::schema_of::<Bench>()
}
