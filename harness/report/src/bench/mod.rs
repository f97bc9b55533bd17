//! What `chatspec bench` found.
//!
//! Who must decide by a bench asks, in this order: may I believe it; did everything arrive; how long
//! did it take at worst, and not only on average; is one server better than the other, or is that
//! noise; how much does one server hold. The reports answer in this order. What cannot be believed
//! is said before any figure, and what was lost before any latency: a server that drops looks fast.
//!
//! All reports say the same: `document` has the words and the tables, and each writer shows them.
//!
//! # Layout
//! - [`terminal`]: for people who wait for it.
//! - [`markdown`]: the step summary of a CI system.
//! - [`html`]: one file with pictures, to keep and to send.
//! - [`histograms`]: logs for other tools of the `HdrHistogram` family.
//! - [`live`]: how far it is, in a line.
//! - [`json`]: for programs; its JSON Schema is committed in `schemas/`.
//! - `document`: the report as data; `asked`, `reach`, `figures`, `compared`, `limits`, `verdict`: its
//!   parts.
//! - `units`: microseconds, bytes, shares and ratios, as people read them.

pub mod histograms;
pub mod html;
pub mod json;
pub mod live;
pub mod markdown;
pub mod terminal;

mod asked;
mod compared;
mod document;
mod figures;
mod limits;
mod reach;
mod units;
mod verdict;
