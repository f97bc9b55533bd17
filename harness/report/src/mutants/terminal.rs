//! The matrix on a terminal: scenarios down, mutants across, a letter each.

use std::io::{self, Write};

use textwrap::core::display_width;

use super::{MutantMatrix, MutantRow, ScenarioRow};
use crate::page::Page;
use crate::style::{Ink, Style};
use crate::text;

/// The columns' heads; what does not fit in one matrix goes into a second one below.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Writes the matrix, the key to its columns, its problems and one plain sentence.
pub fn write(matrix: &MutantMatrix, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let ids = scenario_width(matrix);
    let fit = style.room(ids + 2).div_euclid(2).max(1);
    let size = fit.min(LETTERS.len());
    for mutants in matrix.mutants.chunks(size) {
        grid(&mut page, matrix, mutants, ids)?;
        page.blank()?;
        key(&mut page, matrix, mutants)?;
        page.blank()?;
    }
    problems(&mut page, matrix)?;
    sentence(&mut page, matrix)
}

fn scenario_width(matrix: &MutantMatrix) -> usize {
    let names = matrix
        .scenarios
        .iter()
        .map(|row| display_width(&text::escape(split(row).1)) + 2);
    let chapters = matrix
        .scenarios
        .iter()
        .map(|row| display_width(&text::escape(split(row).0)));
    names.chain(chapters).max().unwrap_or(0)
}

/// A scenario's chapter, and its name in it.
fn split(row: &ScenarioRow) -> (&str, &str) {
    row.id.rsplit_once('/').unwrap_or(("", &row.id))
}

/// Chapters as headings with the columns' letters beside them, so that a letter is never far away.
fn grid(
    page: &mut Page<'_>,
    matrix: &MutantMatrix,
    mutants: &[MutantRow],
    ids: usize,
) -> io::Result<()> {
    let letters: Vec<String> = LETTERS
        .chars()
        .take(mutants.len())
        .map(String::from)
        .collect();
    let letters = page.paint(Ink::Dim, &letters.join(" "));
    let mut open: Option<&str> = None;
    for row in &matrix.scenarios {
        let (chapter, name) = split(row);
        if open != Some(chapter) {
            let title = page.paint(Ink::Strong, &text::pad(&text::escape(chapter), ids));
            page.line(&format!("{title}  {letters}"))?;
            open = Some(chapter);
        }
        let marks: Vec<String> = mutants
            .iter()
            .map(|mutant| {
                let (mark, ink) = mark(row, &mutant.name);
                page.paint(ink, mark)
            })
            .collect();
        let name = text::pad(&format!("  {}", text::escape(name)), ids);
        page.line(&format!("{name}  {}", marks.join(" ")))?;
    }
    Ok(())
}

fn mark(row: &ScenarioRow, mutant: &str) -> (&'static str, Ink) {
    match (row.names(mutant), row.caught(mutant)) {
        (true, true) => ("#", Ink::Good),
        (false, true) => ("+", Ink::Plain),
        (true, false) => ("!", Ink::Bad),
        (false, false) => (".", Ink::Dim),
    }
}

fn key(page: &mut Page<'_>, matrix: &MutantMatrix, mutants: &[MutantRow]) -> io::Result<()> {
    let marks = "# named and caught, + caught without being named, ! named but passed, . passed";
    page.words(0, Ink::Dim, marks)?;
    if !matrix.strict {
        let some = "what is not named was tried on one transport, and not with a crowd; --strict tries all";
        page.words(0, Ink::Dim, some)?;
    }
    page.blank()?;
    let widest = mutants
        .iter()
        .map(|mutant| display_width(&mutant.name))
        .max()
        .unwrap_or(0);
    for (letter, mutant) in LETTERS.chars().zip(mutants) {
        let caught = matrix
            .scenarios
            .iter()
            .filter(|row| row.caught(&mutant.name))
            .count();
        let number = text::pad_left(&text::digits(caught), 3);
        let ink = if caught == 0 { Ink::Bad } else { Ink::Good };
        let number = page.paint(ink, &number);
        let name = text::pad(&text::escape(&mutant.name), widest);
        let first = format!("{letter}  {name}  {number}  ");
        page.hanging(&first, widest + 10, Ink::Dim, &mutant.summary)?;
    }
    Ok(())
}

fn problems(page: &mut Page<'_>, matrix: &MutantMatrix) -> io::Result<()> {
    let mut last = None;
    let problems = matrix.problems();
    let mut problems = problems.iter().peekable();
    while let Some(problem) = problems.next() {
        let word = page.paint(Ink::Bad, "PROBLEM");
        page.hanging(
            &format!("{word} "),
            "PROBLEM ".len(),
            Ink::Strong,
            &problem.to_string(),
        )?;
        // The same advice in a row is given once, behind the last that it is about.
        last = Some(problem.mend());
        if problems.peek().map(|next| next.mend()) != last {
            page.labelled("mend", Ink::Plain, problem.mend())?;
        }
    }
    if last.is_some() { page.blank() } else { Ok(()) }
}

fn sentence(page: &mut Page<'_>, matrix: &MutantMatrix) -> io::Result<()> {
    let is_caught =
        |mutant: &&MutantRow| matrix.scenarios.iter().any(|row| row.caught(&mutant.name));
    let caught = matrix.mutants.iter().filter(is_caught).count();
    let facts = format!(
        "{} of {} caught by {}, {}",
        text::digits(caught),
        text::count(matrix.mutants.len(), "mutant"),
        text::count(matrix.scenarios.len(), "scenario"),
        text::duration(matrix.duration_ms),
    );
    page.words(0, Ink::Dim, &facts)?;
    let code = matrix.code();
    let (words, ink) = match matrix.problems().len() {
        0 => (
            "every scenario catches what it names, and `none` passes".to_owned(),
            Ink::Good,
        ),
        number => (text::count(number, "problem"), Ink::Bad),
    };
    page.words(0, ink, &format!("{words} (exit code {code})"))
}
