//! `chatspec findings`

mod versions;

use std::path::Path;

use chatspec_judge::verdict::RunReport;
use chatspec_report::findings::{Server, write};
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
    let servers = args
        .folders
        .iter()
        .map(|folder| server(folder, &args.reports));
    let servers: Vec<_> = servers.collect::<Result<_, _>>()?;
    view::to_stdout(|out| write(&servers, out))?;
    Ok(0)
}

fn server(folder: &Path, reports: &Path) -> Result<Server, Error> {
    let target = Target::parse(&folder.display().to_string())?;
    let path = reports.join(format!("{}.json", target.name));
    let file = path.display().to_string();
    let text = suite::read(&path)?;
    let report: RunReport = serde_json::from_str(&text).map_err(|source| {
        let file = file.clone();
        Error::Findings(FindingsError::NoReport { file, source })
    })?;
    let found = report
        .targets
        .into_iter()
        .find(|found| found.name == target.name);
    match found {
        Some(found) => Ok(Server {
            made_of: versions::of(folder),
            found,
        }),
        None => Err(Error::Findings(FindingsError::OfOthers {
            file,
            target: target.name,
            folder: folder.display().to_string(),
        })),
    }
}
