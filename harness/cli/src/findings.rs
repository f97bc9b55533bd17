//! `chatspec findings`

mod versions;

use std::path::Path;

use chatspec_judge::ids::CaseId;
use chatspec_judge::verdict::{RunReport, TargetReport};
use chatspec_report::findings::{Client, Server, write, write_clients};
use chatspec_runner::foreign::ForeignClient;
use chatspec_runner::target::Target;

use crate::args::FindingsArgs;
use crate::{Error, suite, view};

/// Reports that nothing can be told from. The fault is the user's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindingsError {
    /// A file is no report.
    #[error("{file}: this is no report of `chatspec run --json`: {source}")]
    NoReport {
        /// The file.
        file: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// The report is about others.
    #[error(
        "{file}: this report says nothing of {target}: write it with `chatspec run --target {folder} --json {file}`"
    )]
    OfOthers {
        /// The file.
        file: String,
        /// Of whom it should tell.
        target: String,
        /// Where that is.
        folder: String,
    },
}

/// Prints the page about the servers in these folders.
pub(crate) fn findings(args: &FindingsArgs) -> Result<u8, Error> {
    if !args.clients.is_empty() {
        let clients = args.clients.iter().map(|folder| client(folder, args));
        let clients: Vec<_> = clients.collect::<Result<_, _>>()?;
        view::to_stdout(|out| write_clients(&clients, out))?;
        return Ok(0);
    }
    let servers = args
        .folders
        .iter()
        .map(|folder| server(folder, &args.reports));
    let servers: Vec<_> = servers.collect::<Result<_, _>>()?;
    view::to_stdout(|out| write(&servers, out))?;
    Ok(0)
}

fn client(folder: &Path, args: &FindingsArgs) -> Result<Client, Error> {
    let client = ForeignClient::read(folder)?;
    let mut found = Vec::new();
    for folder in &args.folders {
        let target = Target::parse(&folder.display().to_string())?;
        let through = format!("{} through {}", target.name, client.name);
        let mut report = report(&target, &through, &args.reports.join(&client.name), folder)?;
        let excused = |case: &CaseId| {
            client.ledger.entry(case).is_some() || target.ledger.entry(case).is_some()
        };
        report.cases.retain(|case| !excused(&case.case));
        found.push((target.name, report.cases));
    }
    let known = client
        .ledger
        .entries()
        .map(|entry| (entry.pattern.clone(), entry.reason.clone()));
    Ok(Client {
        made_of: versions::of(folder),
        known: known.collect(),
        name: client.name,
        found,
    })
}

fn server(folder: &Path, reports: &Path) -> Result<Server, Error> {
    let target = Target::parse(&folder.display().to_string())?;
    Ok(Server {
        argument: target.argument.trim_end_matches('/').to_owned(),
        made_of: versions::of(folder),
        found: report(&target, &target.name, reports, folder)?,
    })
}

/// What the report of `target` in this folder says of what is called `name` there.
fn report(
    target: &Target,
    name: &str,
    reports: &Path,
    folder: &Path,
) -> Result<TargetReport, Error> {
    let path = reports.join(format!("{}.json", target.name));
    let file = path.display().to_string();
    let text = suite::read(&path)?;
    let report: RunReport = serde_json::from_str(&text).map_err(|source| {
        let file = file.clone();
        Error::Findings(FindingsError::NoReport { file, source })
    })?;
    let found = report.targets.into_iter().find(|found| found.name == name);
    found.ok_or_else(|| {
        Error::Findings(FindingsError::OfOthers {
            file,
            target: name.to_owned(),
            folder: folder.display().to_string(),
        })
    })
}
