//! `chatspec coverage`

use chatspec_judge::coverage::{Row, coverage as of};
use chatspec_report::coverage::write;

use crate::args::CoverageArgs;
use crate::{Error, suite, view};

/// Prints the table, and what is wrong about it.
pub(crate) fn coverage(args: &CoverageArgs) -> Result<u8, Error> {
    let loaded = suite::load(args.scenarios.as_deref())?;
    let rows = of(&loaded);
    view::to_stdout(|out| write(&rows, out))?;
    let problems: Vec<_> = rows.iter().filter_map(Row::problem).collect();
    for problem in &problems {
        view::say(problem);
    }
    Ok(u8::from(!problems.is_empty()))
}
