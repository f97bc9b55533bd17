//! The command line of `chatspec merge`.

use std::path::PathBuf;

use super::ReportArgs;
#[cfg(feature = "bench")]
use super::bench::BenchOutput;

const EXAMPLES: &str = "\
Examples:
  chatspec merge 1.json 2.json 3.json --html report.html
                                                       the parts that `run --shard I/3 --json` wrote
  chatspec merge 1.json 2.json --histograms logs       those that `bench --shard I/2 --json` wrote

Whether it is a run or a bench, the files say. Every case of a run must be in its parts once,
with the same scenarios, seed, targets and retries.

Exit codes:
  those of `chatspec run`, or of `chatspec bench`; 2 where the parts do not make a whole";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MergeArgs {
    /// What each part wrote with --json
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Let a broken `should` fail the run
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) reports: ReportArgs,
    #[expect(clippy::doc_markdown, reason = "clap prints it as it is")]
    /// Of a bench: write HdrHistogram logs, one file for each target
    #[arg(long, value_name = "DIR")]
    pub(crate) histograms: Option<PathBuf>,
}

#[cfg(feature = "bench")]
impl MergeArgs {
    /// Where the report on a bench goes; none where something was asked for that only a run has.
    pub(crate) fn of_bench(&self) -> Option<BenchOutput> {
        let ReportArgs {
            html,
            markdown,
            junit: None,
            json,
            badge: None,
            full: false,
            baseline: None,
            annotations: _,
        } = self.reports.clone()
        else {
            return None;
        };
        (!self.strict).then_some(BenchOutput {
            json,
            html,
            markdown,
            histograms: self.histograms.clone(),
        })
    }
}
