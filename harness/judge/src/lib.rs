//! Plans, histories and the verdicts they earn. Pure: no clock, no sockets, no files.
//!
//! # Layout
//! - [`ids`] holds identities.
//! - [`suite`]: the scenarios and clauses there are.
//! - [`coverage`](mod@coverage): the behaviours that they check.
//! - [`plan`], [`expand`](mod@expand): a scenario on one transport, with nothing left to decide.
//! - [`pattern`]: values with holes.
//! - [`history`]: what happened, as events; [`stored`]: on disk, and judged again.
//! - [`notices`]: what is told of others, and who sees it.
//! - [`referee`]: the walk along a history; [`check`](mod@check): the judgement of a whole one.
//! - [`checkup`]: what a first look at a target found.
//! - [`anomalies`]: what went wrong in a history, whatever its plan expected.
//! - [`explore`]: chats that nobody wrote, and smaller ones.
//! - [`mod@bench`]: what a load bench asks, measured, and may conclude.
//! - [`ledger`]: what a target is known to fail.
//! - [`verdict`]: what a run found, as data for the reporters.
//! - [`shard`]: a run in parts, and the whole again; [`changes`]: what differs between two runs.
//! - [`transcript`](mod@transcript): a history as text in the notation.
//! - [`ways`]: in what a chat differs from the seed contract, and the plan that can be run on it.

pub mod anomalies;
pub mod bench;
pub mod changes;
pub mod check;
pub mod checkup;
pub mod coverage;
pub mod expand;
pub mod explore;
pub mod history;
pub mod ids;
pub mod ledger;
pub mod notices;
pub mod pattern;
pub mod plan;
pub mod referee;
pub mod shard;
pub mod stored;
pub mod suite;
pub mod transcript;
pub mod verdict;
pub mod ways;
