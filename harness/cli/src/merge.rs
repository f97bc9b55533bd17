//! `chatspec merge`: the parts of a run, or of a bench, as one.

use std::path::Path;

use chatspec_judge::shard;
use serde_json::Value;

use crate::Error;
use crate::args::merge::MergeArgs;
use crate::output::{Output, parse};

/// Files that cannot be put together.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeError {
    /// Some are runs, and some benches.
    #[error("{run} is a run, and {other} is none: merge the parts of one thing")]
    Mixed {
        /// A run.
        run: String,
        /// Something else.
        other: String,
    },
    /// This program cannot read them.
    #[cfg(not(feature = "bench"))]
    #[error("these are parts of a bench, and this build of chatspec has none")]
    NoBench,
    /// Something was asked for that only a run has.
    #[cfg(feature = "bench")]
    #[error(
        "these are parts of a bench, which has no --junit, --badge, --baseline, --full or --strict"
    )]
    OnlyRuns,
    /// Something was asked for that only a bench has.
    #[error("these are parts of a run, which has no --histograms")]
    OnlyBenches,
    /// The parts do not make a whole.
    #[error(transparent)]
    Run(#[from] shard::MergeError),
}

/// Puts the parts together, and reports.
pub(crate) fn merge(args: &MergeArgs) -> Result<u8, Error> {
    let mut texts = Vec::new();
    for file in &args.files {
        let text = std::fs::read_to_string(file).map_err(|source| Error::File {
            file: file.display().to_string(),
            source,
        })?;
        texts.push((file.as_path(), text));
    }
    let (runs, others): (Vec<_>, Vec<_>) = texts.iter().partition(|(_, text)| is_run(text));
    match (runs.first(), others.first()) {
        (Some((run, _)), Some((other, _))) => Err(mixed(run, other).into()),
        (Some(_), None) => of_run(args, &texts),
        (None, _) => of_bench(args),
    }
}

#[cfg(feature = "bench")]
fn of_bench(args: &MergeArgs) -> Result<u8, Error> {
    let output = args.of_bench().ok_or(MergeError::OnlyRuns)?;
    crate::bench::put_together(&args.files, &output)
}

#[cfg(not(feature = "bench"))]
fn of_bench(_: &MergeArgs) -> Result<u8, Error> {
    Err(MergeError::NoBench.into())
}

fn of_run(args: &MergeArgs, texts: &[(&Path, String)]) -> Result<u8, Error> {
    if args.histograms.is_some() {
        return Err(MergeError::OnlyBenches.into());
    }
    let parts = texts
        .iter()
        .map(|(file, text)| parse(file.display().to_string(), text))
        .collect::<Result<_, _>>()?;
    let whole = shard::merge(parts).map_err(MergeError::Run)?;
    let output = Output::new(args.strict, &args.reports)?;
    output.write(&whole)?;
    Ok(whole.outcome(args.strict).code())
}

/// A report on a run has targets with cases.
fn is_run(text: &str) -> bool {
    let report: Value = serde_json::from_str(text).unwrap_or_default();
    let is_bench = report.get("plan").is_some();
    !is_bench && report.get("seed").is_some() && report.get("targets").is_some()
}

fn mixed(run: &Path, other: &Path) -> MergeError {
    MergeError::Mixed {
        run: run.display().to_string(),
        other: other.display().to_string(),
    }
}
