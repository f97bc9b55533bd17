//! `chatspec run --write-ledger`

use std::collections::BTreeSet;

use chatspec_judge::suite::Suite;
use chatspec_judge::verdict::RunReport;
use chatspec_report::{Style, ledger};
use chatspec_runner::clock;
use chatspec_runner::target::{LedgerFile, Target};

use crate::{Error, view};

/// The file of each target's ledger. All can be written, and no two are the same.
pub(crate) fn files(targets: &[Target]) -> Result<Vec<LedgerFile>, Error> {
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for target in targets {
        let file = LedgerFile::of(target)?;
        // `folder` and `folder#image` have one ledger, and need not fail the same.
        let path = file.path();
        if !seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned())) {
            return Err(Error::SameLedger(path.display().to_string()));
        }
        files.push(file);
    }
    Ok(files)
}

/// Writes into the ledger of each target what `report` says of it, and tells of it.
pub(crate) fn write(
    files: &[LedgerFile],
    targets: &[Target],
    report: &RunReport,
    suite: &Suite,
    style: &Style,
) -> Result<(), Error> {
    let cases: Vec<_> = suite.cases().collect();
    for ((file, target), judged) in files.iter().zip(targets).zip(&report.targets) {
        let revision = judged.unavailable.is_none().then(|| {
            let today = clock::today();
            let ledger = &target.ledger;
            ledger.revised(&judged.cases, &cases, &today, style.strict)
        });
        if let Some(revision) = &revision
            && !revision.changes.is_empty()
        {
            file.write(&revision.changes)?;
        }
        let path = file.path().display().to_string();
        view::to_stdout(|out| ledger::write(&target.name, &path, revision.as_ref(), style, out))?;
    }
    Ok(())
}
