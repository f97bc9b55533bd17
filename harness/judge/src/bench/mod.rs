//! What a bench asks of a chat, what it measured, and what may be concluded from that.
//!
//! Pure, as everything in this crate: whoever opens the sockets and reads the clock is
//! `chatspec-load`, and whoever draws the pictures is `chatspec-report`.
//!
//! # Layout
//! - [`plan`]: the load: rooms, members, senders, pace, how long; the built-in profiles.
//! - [`histogram`]: latencies, as an `HdrHistogram` that JSON can carry and `merge` can add.
//! - [`measured`]: what one turn on one target found, and all turns of all targets.
//! - [`trust`]: whether the harness was the bottleneck.
//! - [`stall`](mod@stall): whether a server stood still for a while.
//! - [`objective`]: what is good enough, as in `p99<200ms`.
//! - [`compare`]: whether one is faster than another, or nobody can tell.
//! - [`limit`]: under which load an objective breaks.
//! - [`merge`]: the parts of a plan, measured by several processes, as one.
//! - [`outcome`](mod@outcome): how a bench ends, and every reason for it.

pub mod compare;
pub mod histogram;
pub mod limit;
pub mod measured;
pub mod merge;
pub mod objective;
pub mod outcome;
pub mod plan;
pub mod stall;
pub mod trust;

pub use histogram::Histogram;
pub use measured::{Bench, TargetTurns, Turn};
pub use objective::Objective;
pub use outcome::{GateResult, Outcome};
pub use plan::{Pace, Plan};
