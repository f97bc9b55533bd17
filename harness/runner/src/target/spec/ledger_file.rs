//! The ledger in a target.toml, written.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chatspec_judge::ledger::{Change, KnownFailure};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use super::{Launch, Target};

/// The file that a target's ledger stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerFile(PathBuf);

/// A ledger that cannot be written. Nothing in the file has changed.
#[derive(Debug, thiserror::Error)]
pub enum WriteLedgerError {
    /// The target is none that a target.toml describes.
    #[error("{}", no_file(.target, .launch.as_deref()))]
    NoFile {
        /// The target, as the user wrote it.
        target: String,
        /// What a target.toml would say of it, if it can have one.
        launch: Option<String>,
    },
    /// The entries are no tables of their own.
    #[error(
        "{0}: the ledger is written as one list, which cannot be added to and stay as it is; write \
         a table [[known-failure]] for each entry"
    )]
    OneList(String),
    /// Somebody has changed the file, and it is no TOML any more.
    #[error("{file}: {problem}")]
    Broken {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file cannot be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
}

impl LedgerFile {
    /// The file that `target` comes from, which can be written.
    pub fn of(target: &Target) -> Result<Self, WriteLedgerError> {
        let Some(file) = &target.file else {
            return Err(WriteLedgerError::NoFile {
                target: target.argument.clone(),
                launch: as_toml(&target.launch),
            });
        };
        let found = Self(file.clone());
        let text = found.edited(&[])?;
        // Written as it is, or nearly so: what cannot be written is found out before the work.
        found.replace(&text, |trial, _| fs::remove_file(trial))?;
        Ok(found)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes `changes` into the file and leaves everything else in it as it is. The file is replaced
    /// at once: no other program ever reads a half of it.
    pub fn write(&self, changes: &[Change]) -> Result<(), WriteLedgerError> {
        let text = self.edited(changes)?;
        self.replace(&text, |written, file| fs::rename(written, file))
    }

    fn edited(&self, changes: &[Change]) -> Result<String, WriteLedgerError> {
        let text = fs::read_to_string(&self.0).map_err(|source| self.failed(source))?;
        edited(&text, changes).map_err(|problem| match problem {
            Some(error) => WriteLedgerError::Broken {
                file: self.shown(),
                problem: error.message().trim().replace('\n', ", "),
            },
            None => WriteLedgerError::OneList(self.shown()),
        })
    }

    /// Writes `text` into a file beside this one, and lets `then` do something with the two.
    fn replace(
        &self,
        text: &str,
        then: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> Result<(), WriteLedgerError> {
        // The file itself, where this is a link to it.
        let file = fs::canonicalize(&self.0).map_err(|source| self.failed(source))?;
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}", std::process::id()));
        let beside = file.with_file_name(name);
        let written = || {
            let mut out = fs::File::create(&beside)?;
            out.write_all(text.as_bytes())?;
            out.set_permissions(fs::metadata(&file)?.permissions())?;
            out.sync_all()?;
            then(&beside, &file)
        };
        written().map_err(|source| {
            // Its absence is fine as well.
            fs::remove_file(&beside).unwrap_or_default();
            self.failed(source)
        })
    }

    fn shown(&self) -> String {
        self.0.display().to_string()
    }

    fn failed(&self, source: io::Error) -> WriteLedgerError {
        let file = self.shown();
        WriteLedgerError::File { file, source }
    }
}

/// The table of an entry in a target.toml.
const ENTRY: &str = "known-failure";

/// `text` with `changes`. What is wrong with it; nothing, where the ledger is one list.
fn edited(text: &str, changes: &[Change]) -> Result<String, Option<toml_edit::TomlError>> {
    let mut document: DocumentMut = text.parse().map_err(Some)?;
    if changes.is_empty() {
        return match document.get(ENTRY) {
            Some(Item::Value(_)) => Err(None),
            _ => Ok(text.to_owned()),
        };
    }
    let mut orphaned = String::new();
    let ledger = document
        .entry(ENTRY)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or(None)?;
    for change in changes {
        match change {
            Change::Remove { pattern, .. } => orphaned += &remove(ledger, pattern),
            Change::Narrow { pattern, to } => narrow(ledger, pattern, to),
            Change::Add(entry) => ledger.push(table(entry)),
        }
    }
    if !orphaned.is_empty() {
        let trailing = document.trailing().as_str().unwrap_or_default();
        let trailing = format!("{orphaned}{trailing}");
        document.set_trailing(trailing);
    }
    Ok(document.to_string())
}

/// Takes the entry out. A comment above it may be about more than it, so the next entry inherits it;
/// without a next one, it is given back.
fn remove(ledger: &mut ArrayOfTables, pattern: &str) -> String {
    let Some(index) = place(ledger, pattern) else {
        return String::new(); // somebody was faster
    };
    let above = prefix(&ledger.remove(index));
    if !above.contains('#') {
        return String::new();
    }
    match ledger.get_mut(index) {
        Some(next) => {
            let above = above + &prefix(next);
            next.decor_mut().set_prefix(above);
            String::new()
        }
        None => above,
    }
}

fn narrow(ledger: &mut ArrayOfTables, pattern: &str, to: &str) {
    let entry = place(ledger, pattern).and_then(|index| ledger.get_mut(index));
    let pattern = entry.and_then(|entry| entry.get_mut("pattern"));
    if let Some(old) = pattern.and_then(Item::as_value_mut) {
        let decor = old.decor().clone(); // a comment behind it
        *old = to.into();
        *old.decor_mut() = decor;
    }
}

fn place(ledger: &ArrayOfTables, pattern: &str) -> Option<usize> {
    ledger
        .iter()
        .position(|entry| entry.get("pattern").and_then(Item::as_str) == Some(pattern))
}

fn prefix(table: &Table) -> String {
    let prefix = table.decor().prefix();
    let prefix = prefix.and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

fn table(entry: &KnownFailure) -> Table {
    let mut table = Table::new();
    table.insert("pattern", value(&entry.pattern));
    table.insert("reason", value(&entry.reason));
    table
}

fn no_file(target: &str, launch: Option<&str>) -> String {
    match launch {
        Some(launch) => format!(
            "`{target}` has no file to write a ledger into; write a target.toml, and name it with \
             --target:\n\nname = \"my-chat\"\n\n[launch]\n{launch}"
        ),
        None => format!(
            "`{target}` is a server of ours and has no ledger: what it does wrong is there to be found"
        ),
    }
}

/// The lines of `[launch]` that start the same.
fn as_toml(launch: &Launch) -> Option<String> {
    let mut table = Table::new();
    match launch {
        Launch::Reference => table.insert("command", value("chatspec serve")),
        Launch::Url(nodes) => {
            let at = nodes.first();
            let url = format!("http://{}{}", at.authority(), at.path);
            table.insert("url", value(url))
        }
        Launch::Command { command, .. } => table.insert("command", value(command)),
        Launch::Image { image, port } => {
            table.insert("container-port", value(i64::from(*port)));
            table.insert("image", value(image))
        }
        Launch::Mutant(_) | Launch::Null { .. } => return None,
    };
    Some(table.to_string().trim_end().to_owned())
}

#[cfg(test)]
mod tests;
