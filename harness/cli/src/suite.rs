//! The scenarios: those inside the binary, those of a folder, single files.

use std::io;
use std::path::Path;

use chatspec_judge::coverage::CATALOGUE_FILE;
use chatspec_judge::suite::{CLAUSES_FILE, Suite, SuiteFile};
use include_dir::{Dir, include_dir};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../scenarios");

/// Scenarios that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SuiteError {
    /// Some file has mistakes.
    #[error(transparent)]
    Mistakes(#[from] chatspec_judge::suite::SuiteError),
    /// A file or folder cannot be read.
    #[error("{file}: {source}")]
    Read {
        /// The file or folder.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A folder that was named for its scenarios has none.
    #[error("{0}: no scenarios (files that end in .chat) in this folder or below it")]
    NoScenarios(String),
}

/// The suite inside the binary, with the scenarios of `folder` added or put in place.
pub(crate) fn load(folder: Option<&Path>) -> Result<Suite, SuiteError> {
    let mut files = Vec::new();
    embedded(&BUILT_IN, &mut files);
    let mut suite = Suite::read(files)?;
    if let Some(folder) = folder {
        let mut files = Vec::new();
        walk(folder, folder, &mut files)?;
        if !files.iter().any(|file| is_scenario(Path::new(&file.path))) {
            return Err(SuiteError::NoScenarios(folder.display().to_string()));
        }
        suite = suite.with(Suite::read(files)?);
    }
    suite.check_clauses()?;
    Ok(suite)
}

/// `suite` with the scenario in the file at `path` added, or put in place of the one with its id.
pub(crate) fn with_file(suite: Suite, path: &str) -> Result<Suite, SuiteError> {
    let file = SuiteFile {
        path: path.to_owned(),
        shown: path.to_owned(),
        text: read(Path::new(path))?,
    };
    let suite = suite.with(Suite::read([file])?);
    suite.check_clauses()?;
    Ok(suite)
}

fn embedded(folder: &Dir<'_>, files: &mut Vec<SuiteFile>) {
    for file in folder.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        // Scenarios are text; what is not is none of ours, and the tests see that none is lost.
        if let Some(text) = file.contents_utf8() {
            let shown = format!("scenarios/{path}");
            files.push(SuiteFile {
                path,
                shown,
                text: text.to_owned(),
            });
        }
    }
    for inner in folder.dirs() {
        embedded(inner, files);
    }
}

/// The scenario files, and clauses.toml and catalogue.toml, below `folder`.
fn walk(root: &Path, folder: &Path, files: &mut Vec<SuiteFile>) -> Result<(), SuiteError> {
    let unreadable = |source| SuiteError::Read {
        file: folder.display().to_string(),
        source,
    };
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(unreadable)?.collect();
    let mut paths: Vec<_> = entries
        .map_err(unreadable)?
        .iter()
        .map(std::fs::DirEntry::path)
        .collect();
    paths.sort();
    let tables = [CLAUSES_FILE, CATALOGUE_FILE].map(|name| root.join(name));
    for path in paths {
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if is_scenario(&path) || tables.contains(&path) {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let text = read(&path)?;
            files.push(SuiteFile {
                path: relative.to_string_lossy().into_owned(),
                shown: path.display().to_string(),
                text,
            });
        }
    }
    Ok(())
}

/// Whether `path` is named like a scenario.
pub(crate) fn is_scenario(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "chat")
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, SuiteError> {
    std::fs::read_to_string(path).map_err(|source| SuiteError::Read {
        file: path.display().to_string(),
        source,
    })
}
