//! `chatspec fmt`

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chatspec_notation::ParseError;

use crate::args::FmtArgs;
use crate::suite::is_scenario;
use crate::{Error, view};

/// Writes files in their canonical form, or names those that are not in it. A file with mistakes is
/// left alone, and does not keep the others from being written.
pub(crate) fn fmt(args: &FmtArgs) -> Result<u8, Error> {
    let mut changed = Vec::new();
    let mut mistakes = Vec::new();
    for path in &args.paths {
        if path == Path::new("-") {
            match standard_input(args.check) {
                Ok(as_it_was) => changed.extend((!as_it_was).then(|| INPUT.to_owned())),
                Err(Trouble::Mistakes(error)) => mistakes.push(error),
                Err(Trouble::Fatal(error)) => return Err(error),
            }
            continue;
        }
        for file in files(path)? {
            match in_place(&file, args.check) {
                Ok(as_it_was) => changed.extend((!as_it_was).then(|| file.display().to_string())),
                Err(Trouble::Mistakes(error)) => mistakes.push(error),
                Err(Trouble::Fatal(error)) => return Err(error),
            }
        }
    }
    let verb = if args.check {
        "would change"
    } else {
        "changed"
    };
    view::to_stdout(|out| {
        // What was read from standard input went to standard output, and nothing may follow it.
        let mut files = changed.iter().filter(|file| args.check || *file != INPUT);
        files.try_for_each(|file| writeln!(out, "{verb} {file}"))
    })?;
    if !mistakes.is_empty() {
        return Err(Error::Mistakes(mistakes));
    }
    Ok(u8::from(args.check && !changed.is_empty()))
}

/// What standard input is called in messages.
const INPUT: &str = "standard input";

enum Trouble {
    Mistakes(ParseError),
    Fatal(Error),
}

/// Writes what is read in its canonical form. Whether it was in it before.
fn standard_input(check: bool) -> Result<bool, Trouble> {
    let mut text = String::new();
    let read = io::stdin().read_to_string(&mut text);
    read.map_err(|source| Trouble::Fatal(Error::Input(source)))?;
    let scenario = chatspec_notation::parse(INPUT, &text).map_err(Trouble::Mistakes)?;
    let canonical = scenario.to_string();
    if !check {
        view::to_stdout(|out| write!(out, "{canonical}")).map_err(Trouble::Fatal)?;
    }
    Ok(canonical == text)
}

/// Brings a file into its canonical form. Whether it was in it before.
fn in_place(file: &Path, check: bool) -> Result<bool, Trouble> {
    let name = file.display().to_string();
    let failed = |source| {
        let file = name.clone();
        Trouble::Fatal(Error::File { file, source })
    };
    let text = fs::read_to_string(file).map_err(failed)?;
    let scenario = chatspec_notation::parse(&name, &text).map_err(Trouble::Mistakes)?;
    let canonical = scenario.to_string();
    let as_it_was = canonical == text;
    if !check && !as_it_was {
        fs::write(file, canonical).map_err(failed)?;
    }
    Ok(as_it_was)
}

/// The scenario files at `path`: itself, or all below it.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| Error::File {
        file: path.display().to_string(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let inner = entry.map_err(failed)?.path();
        if inner.is_dir() {
            found.extend(files(&inner)?);
        } else if is_scenario(&inner) {
            found.push(inner);
        }
    }
    found.sort();
    Ok(found)
}
