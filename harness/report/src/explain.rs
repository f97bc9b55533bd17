//! What `chatspec explain ID` says: why a scenario exists, what it rests on, what it catches.

use std::io::{self, Write};

use chatspec_judge::verdict::{ClauseNote, Level};
use chatspec_notation::ast::Transport;

use crate::mutants::MutantRow;
use crate::page::{LABEL, Page};
use crate::style::{Ink, Style};
use crate::{text, words};

/// A scenario with everything it refers to.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Its id.
    pub id: String,
    /// The sentence that says why it exists.
    pub reason: String,
    /// How binding it is.
    pub level: Level,
    /// The clauses it checks.
    pub clauses: Vec<ClauseNote>,
    /// The mutants it catches.
    pub catches: Vec<MutantRow>,
    /// The capabilities it needs.
    pub needs: Vec<String>,
    /// The transports it runs on.
    pub transports: Vec<Transport>,
    /// Whether nothing else runs beside it.
    pub alone: bool,
    /// Whether what arrives is judged by the checkers of histories, not by lines.
    pub open: bool,
    /// The file, as the user knows it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The command that runs it.
    pub again: String,
}

/// Writes the explanation: the facts first, then the scenario itself.
pub fn write(scenario: &Explained, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.words(0, Ink::Strong, &scenario.id)?;
    page.labelled("why", Ink::Plain, &scenario.reason)?;
    clauses(&mut page, scenario.level, &scenario.clauses)?;
    catches(&mut page, &scenario.catches)?;
    if !scenario.needs.is_empty() {
        let needs = format!(
            "{}; skipped on a target that lacks it",
            text::listed(&scenario.needs)
        );
        page.labelled("needs", Ink::Plain, &needs)?;
    }
    page.labelled("runs", Ink::Plain, &runs(scenario))?;
    if scenario.open {
        page.labelled(
            "judged",
            Ink::Plain,
            "by all that arrives, held against the contract as a whole; its lines only send",
        )?;
    }
    page.labelled("file", Ink::Plain, &scenario.file)?;
    page.blank()?;
    for line in scenario.text.trim_end().lines() {
        let ink = if line.trim_start().starts_with('#') {
            Ink::Dim
        } else {
            Ink::Plain
        };
        let line = page.paint(ink, &text::escape(line));
        page.line(&format!("    {line}"))?;
    }
    page.blank()?;
    let label = page.label("run it");
    page.line(&format!("{label}{}", text::escape(&scenario.again)))
}

/// The clauses of a case, each with its sentence and its source, behind the word of the level.
pub(crate) fn clauses(page: &mut Page<'_>, level: Level, clauses: &[ClauseNote]) -> io::Result<()> {
    for clause in clauses {
        let label = page.label(words::level(level));
        page.hanging(
            &label,
            LABEL,
            Ink::Plain,
            &format!("{}: {}", clause.id, clause.sentence),
        )?;
        page.words(LABEL, Ink::Dim, &format!("({})", clause.source))?;
    }
    Ok(())
}

fn catches(page: &mut Page<'_>, mutants: &[MutantRow]) -> io::Result<()> {
    for (index, mutant) in mutants.iter().enumerate() {
        let words = format!("{}: {}", mutant.name, mutant.summary);
        if index == 0 {
            page.labelled("catches", Ink::Plain, &words)?;
        } else {
            page.words(LABEL, Ink::Plain, &words)?;
        }
    }
    Ok(())
}

fn runs(scenario: &Explained) -> String {
    let names: Vec<&str> = scenario
        .transports
        .iter()
        .copied()
        .map(Transport::word)
        .collect();
    let mut runs = format!("over {}", text::listed(&names));
    if scenario.transports.len() < Transport::ALL.len() {
        runs.push_str(" only");
    }
    if scenario.alone {
        runs.push_str("; alone, because it disturbs the server");
    }
    runs
}
