//! One line for what just finished, for logs without a progress bar.
//!
//! A log is read when something is wrong, so cases that passed or do not apply say nothing: a line
//! a case that found something, as soon as it is known, and one line for each finished target.

use chatspec_judge::verdict::{CaseReport, TargetReport, Verdict};

use crate::style::{Ink, Style};
use crate::tally::{Kind, Tally};
use crate::text;

/// The line for a finished case; `None` where there is nothing to say (passed, skipped, known).
pub fn plain_line(case: &CaseReport, target: &str, style: &Style) -> Option<String> {
    let kind = Kind::of(&case.verdict);
    let what = match &case.verdict {
        Verdict::Pass | Verdict::Skipped { .. } | Verdict::KnownFailure { .. } => return None,
        Verdict::Fail { violations }
        | Verdict::Warning { violations }
        | Verdict::Info { violations } => violations
            .first()
            .map_or("", |violation| violation.summary.as_str()),
        Verdict::UnexpectedPass { pattern, .. } => {
            &format!("passed, although the ledger has `{pattern}`")
        }
        Verdict::Inconclusive { cause } => cause,
    };
    let word = style.paint(kind.ink(*style), kind.headline());
    let target = text::escape(target);
    let case = text::escape(&case.case.to_string()).into_owned();
    let what = first_line(what);
    Some(format!("{word} {case} on {target}: {what}"))
}

/// The line for a finished target.
pub fn target_line(target: &TargetReport, style: &Style) -> String {
    let name = style.paint(Ink::Strong, &text::escape(&target.name));
    match &target.unavailable {
        Some(reason) => {
            let reason = first_line(reason);
            format!(
                "{name}: {}",
                style.paint(Ink::Open, &format!("could not be judged: {reason}"))
            )
        }
        None => format!("{name}: {}", Tally::of(&target.cases).sentence(*style)),
    }
}

/// The first line of a finding; what the server printed, which follows, is in the report.
fn first_line(words: &str) -> String {
    /// Three lines of eighty columns: a log wraps it, and what is cut out is seldom the cause.
    const ROOM: usize = 240;
    let first = words.lines().next().unwrap_or_default();
    let first = first.strip_suffix("; it printed:").unwrap_or(first);
    text::shorten(&text::escape(first), ROOM, None)
}
