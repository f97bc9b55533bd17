//! `chatspec bench`, and what belongs to it: `merge`, and the null server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chatspec_judge::bench::compare::Gate;
use chatspec_judge::bench::measured::TargetTurns;
use chatspec_judge::bench::merge::merge;
use chatspec_judge::bench::outcome::{GateResult, outcome};
use chatspec_judge::bench::plan::profiles;
use chatspec_judge::bench::{Bench, Plan};
use chatspec_load::bench::{Ask, Part, Watcher, bench};
use chatspec_report::bench::{histograms, html, json, markdown, terminal};
use chatspec_runner::target::Launch;

use crate::args::bench::{BenchArgs, BenchOutput, NullArgs};
use crate::run::{seed, targets};
use crate::{Error, view};

/// Measures every target, in turns, and reports.
pub(crate) async fn run(args: BenchArgs) -> Result<u8, Error> {
    let (profile, plan) = plan(&args)?;
    let targets = targets(&args.targets)?;
    for target in &targets {
        if let Launch::Null { options } = &target.launch {
            options
                .parse::<chatspec_load::null::Options>()
                .map_err(BenchError::Null)?;
        }
    }
    // What cannot be read or written is said before the work, not after it.
    let baseline = args.gate.baseline.as_deref().map(read).transpose()?;
    if let Some(base) = &baseline {
        for target in &targets {
            before(base, &target.name)?;
        }
    }
    let output = Output::new(&args.output)?;
    let part = args
        .part
        .shard
        .zip(args.part.start_at)
        .map(|(shard, at)| Part {
            shard,
            start_at: at.as_duration().as_secs_f64(),
            join_time: args.part.join_time,
        });
    let ask = Ask {
        plan,
        profile,
        targets,
        null: !args.harness.no_null,
        limit: args
            .limit
            .find_limit
            .map(|objective| (objective, args.limit.raise)),
        harness_cores: args.harness.harness_cores,
        workers: args.harness.workers,
        part,
        seed: u32::try_from(seed()).unwrap_or_default(),
    };
    let launcher = args.launch.launcher()?;
    let progress = Arc::new(crate::bench_view::Progress::new(&ask));
    let watcher: Arc<dyn Watcher> = progress.clone();
    let measured = bench(&ask, &launcher, &watcher)
        .await
        .map_err(BenchError::Bench)?;
    progress.finish();
    let gates = baseline
        .map(|base| gates(&args.gate.fail_if, &base, &measured))
        .transpose()?;
    output.write(&measured, &gates.unwrap_or_default(), args.gate.strict)
}

/// Puts the parts of a bench together, and reports.
pub(crate) fn put_together(files: &[PathBuf], output: &BenchOutput) -> Result<u8, Error> {
    let parts = files
        .iter()
        .map(|file| read(file))
        .collect::<Result<_, _>>()?;
    let output = Output::new(output)?;
    let whole = merge(parts).map_err(BenchError::Merge)?;
    output.write(&whole, &[], false)
}

/// Runs the null server until it is ended.
pub(crate) fn null_server(args: &NullArgs) -> Result<u8, Error> {
    let port = std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok());
    let listener = chatspec_load::null::listen(port.unwrap_or(0)).map_err(BenchError::Serve)?;
    if port.is_none() {
        let address = listener.local_addr().map_err(BenchError::Serve)?;
        view::say(&format!("http://{address}"));
    }
    chatspec_load::null::serve(listener, &args.options).map_err(BenchError::Serve)?;
    Ok(0)
}

/// A bench that cannot be done or reported, and whose fault it is not the target's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The profile is neither one of ours nor a file.
    #[error("`{0}` is no profile: write {names}, or the path of a TOML file", names = names())]
    Profile(String),
    /// The file of a profile is not understood.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: Box<toml::de::Error>,
    },
    /// The plan cannot be carried out.
    #[error(transparent)]
    Plan(#[from] chatspec_judge::bench::plan::PlanError),
    /// A flaw that the null server does not have.
    #[error(transparent)]
    Null(chatspec_load::null::OptionsError),
    /// What should have been measured before was not.
    #[error("{file} is no bench that `chatspec bench --json` wrote: {source}")]
    Json {
        /// The file.
        file: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Nothing in the baseline has the name of a target.
    #[error("`{target}` is not in the baseline, which has {known}")]
    Unknown {
        /// The target.
        target: String,
        /// Those that are.
        known: String,
    },
    /// The bench cannot be done.
    #[error(transparent)]
    Bench(chatspec_load::bench::BenchError),
    /// The parts do not make a whole.
    #[error(transparent)]
    Merge(chatspec_judge::bench::merge::MergeError),
    /// The null server cannot serve.
    #[error("the null server cannot serve: {0}")]
    Serve(#[source] std::io::Error),
}

fn names() -> String {
    let names = profiles().map(|(name, ..)| format!("`{name}`"));
    names.join(", ")
}

/// The plan that is asked for, and the name of the profile that it is, unless something of it was
/// changed.
fn plan(args: &BenchArgs) -> Result<(Option<String>, Plan), Error> {
    let known = profiles()
        .into_iter()
        .find(|(name, ..)| *name == args.profile);
    let (name, base) = match known {
        Some((name, _, plan)) => (Some(name.to_owned()), plan),
        None => (None, from_file(&args.profile)?),
    };
    let plan = args.load.over(&base);
    let name = name.filter(|_| plan == base);
    Ok((name, plan.checked().map_err(BenchError::Plan)?))
}

fn from_file(name: &str) -> Result<Plan, Error> {
    let path = Path::new(name);
    let is_path = path.extension().is_some() || name.contains('/') || path.exists();
    if !is_path {
        return Err(BenchError::Profile(name.to_owned()).into());
    }
    let text = std::fs::read_to_string(path).map_err(|source| Error::File {
        file: name.to_owned(),
        source,
    })?;
    let plan = toml::from_str(&text).map_err(|source| BenchError::File {
        file: name.to_owned(),
        source: Box::new(source),
    });
    Ok(plan?)
}

fn read(file: &Path) -> Result<Bench, Error> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| Error::File {
        file: name.clone(),
        source,
    })?;
    let bench = serde_json::from_str(&text);
    Ok(bench.map_err(|source| BenchError::Json { file: name, source })?)
}

/// What was measured before on the target of this name.
fn before<'a>(base: &'a Bench, name: &str) -> Result<&'a TargetTurns, BenchError> {
    let before = base.targets.iter().find(|before| before.name == name);
    before.ok_or_else(|| {
        let known = base
            .targets
            .iter()
            .map(|target| format!("`{}`", target.name));
        BenchError::Unknown {
            target: name.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
        }
    })
}

/// What the gates say of each target, held against the one of the same name.
fn gates(gates: &[Gate], base: &Bench, now: &Bench) -> Result<Vec<GateResult>, Error> {
    /// The same files give the same answer.
    const SEED: u64 = 0;
    let mut results = Vec::new();
    for target in &now.targets {
        let before = before(base, &target.name)?;
        let held = gates
            .iter()
            .map(|gate| GateResult::new(*gate, before, target, SEED));
        results.extend(held);
    }
    Ok(results)
}

/// Where a report goes, and that it can go there.
struct Output<'a>(&'a BenchOutput);

impl<'a> Output<'a> {
    fn new(output: &'a BenchOutput) -> Result<Self, Error> {
        for file in [&output.json, &output.html, &output.markdown]
            .into_iter()
            .flatten()
        {
            view::to_file(file, |_| Ok(()))?;
        }
        if let Some(folder) = &output.histograms {
            view::folder(folder)?;
        }
        Ok(Self(output))
    }

    /// Writes it everywhere; the exit code that it says.
    fn write(&self, bench: &Bench, gates: &[GateResult], strict: bool) -> Result<u8, Error> {
        let style = view::style(strict);
        view::to_stdout(|out| terminal::write(bench, gates, &style, out))?;
        let BenchOutput {
            json: as_json,
            html: as_html,
            markdown: as_markdown,
            histograms: folder,
        } = self.0;
        if let Some(file) = as_json {
            view::to_file(file, |out| json::write(bench, out))?;
        }
        if let Some(file) = as_html {
            view::to_file(file, |out| html::write(bench, gates, strict, out))?;
        }
        if let Some(file) = as_markdown {
            view::to_file(file, |out| markdown::write(bench, gates, strict, out))?;
        }
        if let Some(folder) = folder {
            for (target, name) in histograms::files(bench) {
                view::to_file(&folder.join(name), |out| {
                    histograms::write(bench, target, out)
                })?;
            }
        }
        Ok(outcome(bench, gates, strict).code())
    }
}
