//! A run, for people: what is wrong with the server and how to see it again.
//!
//! The order is that of need: for each target what was broken, in full; then what may be read
//! later, in short; then a table of the chapters; then the counts and one plain sentence.
//!
//! # Layout
//! - `target`: one target's section.
//! - `entry`: one case in full; `values`: expected over actual; `transcript`: the excerpt.
//! - `brief`: what is said in a line or two: known failures, skips, the ledger.
//! - `group`: the same finding said once.
//! - `chapters`, `summary`: the table and the end.

use std::io::{self, Write};

use chatspec_judge::verdict::{CaseReport, RunReport};

use crate::page::Page;
use crate::style::Style;

mod brief;
mod chapters;
mod entry;
pub(crate) mod group;
mod summary;
mod target;
mod transcript;
mod values;

pub(crate) use entry::mend;
pub use summary::sentence;

/// Writes what the run found, from the first target's headline to the sentence at the end.
pub fn write(report: &RunReport, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    for target in &report.targets {
        target::write(&mut page, target)?;
    }
    chapters::write(&mut page, report)?;
    summary::write(&mut page, report)
}

/// Writes one case in full, whatever its verdict: what the run's report says about it, but for its
/// transcript, of which only the excerpt around the offending line is shown.
pub fn write_case(
    case: &CaseReport,
    target: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    entry::write(&mut Page::new(out, style), &group::Group::one(case), target)
}
