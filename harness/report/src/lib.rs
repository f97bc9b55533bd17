//! Verdicts and benches as text, Markdown, HTML, `JUnit` XML and JSON.
//!
//! Everything here is a function of its arguments: it writes to the writer it is given, and
//! colour, width and strictness come in as a [`Style`]. Nothing is detected, nothing is timed.
//!
//! Whatever a server sent is escaped before it reaches a terminal or a file, so that a judged
//! server cannot clear a screen, forge a verdict or break an XML parser (see [`text::escape`]).
//!
//! # Layout
//! - [`terminal`]: a run, for people: every case that is not a plain pass, a table, a sentence.
//! - [`changes`]: what differs from an earlier run; [`diff`]: what differs between two targets.
//! - [`progress`]: one line a finished case or target, for logs without a progress bar.
//! - [`junit`], [`markdown`], [`annotations`], [`badge`]: a run, for CI systems.
//! - [`html`]: a run as one page, with every failure in full.
//! - [`json`]: a run, for programs; its JSON Schema is committed in `schemas/`.
//! - [`mod@bench`]: what a load bench found, for people, for CI and for programs.
//! - [`mutants`]: which scenario catches which mutant, and what is wrong about that.
//! - [`explain`], [`list`], [`coverage`]: what the commands of these names say.
//! - [`checkup`]: what a first look at a target found.
//! - [`findings`]: what was found on several servers, as a page that is committed.
//! - [`explore`]: a generated chat that shows a bug.
//! - [`ledger`]: what became of a ledger that a run has written.
//! - [`redact`]: a run's text without what differs from run to run; golden files rest on it.
//! - [`snippet`]: a scenario as plain JavaScript.
//! - [`style`], [`text`]: colour and width; escaping, shortening, counting in words.

pub mod annotations;
pub mod badge;
pub mod bench;
pub mod changes;
pub mod checkup;
pub mod coverage;
pub mod diff;
pub mod explain;
pub mod explore;
pub mod findings;
pub mod html;
pub mod json;
pub mod junit;
pub mod ledger;
pub mod list;
pub mod markdown;
pub mod mutants;
pub mod progress;
pub mod redact;
pub mod snippet;
pub mod style;
pub mod terminal;
pub mod text;

mod line;
mod markup;
mod page;
mod table;
mod tally;
mod words;

pub use style::Style;
