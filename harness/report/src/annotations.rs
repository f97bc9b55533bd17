//! A run as GitHub's workflow commands, which show failures beside the lines that they break.
//!
//! GitHub shows ten errors of a step and ten warnings, and drops the rest without a word: what is
//! more is counted in the last of each.

use std::io::{self, Write};

use chatspec_judge::verdict::{CaseReport, RunReport, Verdict};

use crate::terminal::group::{Group, by_finding};
use crate::{text, words};

/// How many of a kind GitHub shows of one step.
const SHOWN: usize = 10;

/// Writes a command a finding; under `strict`, a broken `should` is an error too.
pub fn write(report: &RunReport, strict: bool, out: &mut dyn Write) -> io::Result<()> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for target in &report.targets {
        if let Some(reason) = &target.unavailable {
            errors.push(Command::plain(
                format!("{} could not be judged", target.name),
                reason.clone(),
            ));
        }
        for problem in &target.ledger_problems {
            errors.push(Command::plain(
                format!("the ledger of {} is out of date", target.name),
                format!(
                    "`{}`: {}; to mend it, {}",
                    problem.pattern, problem.problem, problem.mend
                ),
            ));
        }
        for group in by_finding(&target.cases) {
            let list = match group.first().verdict {
                Verdict::Fail { .. } | Verdict::UnexpectedPass { .. } => &mut errors,
                Verdict::Warning { .. } if strict => &mut errors,
                Verdict::Warning { .. } | Verdict::Inconclusive { .. } => &mut warnings,
                _ => continue,
            };
            list.push(Command::of(&group, &target.name));
        }
    }
    for (command, mut found) in [("error", errors), ("warning", warnings)] {
        let number = found.len();
        if number > SHOWN {
            found.truncate(SHOWN - 1);
            let more = text::count(number - found.len(), "further finding");
            let title = format!("{more} of chatspec");
            found.push(Command::plain(
                title,
                "GitHub shows ten; the report has all".to_owned(),
            ));
        }
        for found in &found {
            found.write(command, out)?;
        }
    }
    Ok(())
}

/// One workflow command.
struct Command {
    place: Option<(String, usize, usize)>,
    title: String,
    message: String,
}

impl Command {
    const fn plain(title: String, message: String) -> Self {
        Self {
            place: None,
            title,
            message,
        }
    }

    fn of(group: &Group<'_>, target: &str) -> Self {
        let case = group.first();
        let line = case
            .verdict
            .violations()
            .iter()
            .find_map(|found| found.line.as_ref());
        Self {
            place: line.map(|line| (line.file.clone(), line.line, line.column)),
            title: format!("{} on {target}", group.ids()),
            message: message(case),
        }
    }

    fn write(&self, command: &str, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "::{command} ")?;
        if let Some((file, line, column)) = &self.place {
            write!(out, "file={},line={line},col={column},", property(file))?;
        }
        writeln!(
            out,
            "title={}::{}",
            property(&self.title),
            data(&self.message)
        )
    }
}

fn message(case: &CaseReport) -> String {
    let mut lines = match &case.verdict {
        Verdict::UnexpectedPass { pattern, .. } => {
            vec![format!("passed, although the ledger has `{pattern}`")]
        }
        Verdict::Inconclusive { cause } => vec![format!("inconclusive: {cause}")],
        broken => broken.violations().first().map_or_else(Vec::new, |found| {
            let mut lines = vec![found.summary.clone()];
            lines.extend(
                found
                    .expected
                    .iter()
                    .map(|line| format!("expected: {line}")),
            );
            lines.extend(found.actual.iter().map(|line| format!("actual: {line}")));
            lines
        }),
    };
    if let Some(clause) = case.clauses.first() {
        let level = words::level(case.level);
        lines.push(format!("{level}: {}: {}", clause.id, clause.sentence));
    }
    lines.push(format!("again: {}", case.again));
    let lines = lines.iter().map(|line| text::legible(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands behind the second pair of colons.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What stands between them.
fn property(text: &str) -> String {
    data(&text::legible(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
