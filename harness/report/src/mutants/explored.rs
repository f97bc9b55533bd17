//! Which mutants show themselves to chats that nobody wrote.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chatspec_judge::explore::Size;
use chatspec_judge::verdict::Rate;
use textwrap::core::display_width;

use crate::page::Page;
use crate::style::{Ink, Style};
use crate::text;

/// What came of exploring each mutant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExploredMutants {
    /// How long each was explored at most, in seconds.
    pub seconds: u64,
    /// The mutants, by chapter.
    pub mutants: Vec<ExploredMutant>,
    /// What was held against the server without a bug; nothing should be.
    pub accused: Option<String>,
}

/// What came of exploring one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExploredMutant {
    /// Its name.
    pub name: String,
    /// What its bug is about.
    pub chapter: String,
    /// The chat that shows it.
    pub shown: Option<Shown>,
}

/// A chat that shows a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How long it took to find, in milliseconds.
    pub after_ms: u64,
    /// What was left of it.
    pub left: Size,
    /// How often it shows the bug.
    pub rate: Rate,
}

impl ExploredMutants {
    /// The exit code: 1 where the server without a bug is accused.
    pub fn code(&self) -> u8 {
        u8::from(self.accused.is_some())
    }
}

/// Writes a line for each mutant, how many of each chapter were found, and how small they are.
pub fn write(explored: &ExploredMutants, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let names = explored.mutants.iter().map(|row| display_width(&row.name));
    let widest = names.max().unwrap_or_default();
    let mut chapters: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for row in &explored.mutants {
        let (found, all) = chapters.entry(&row.chapter).or_default();
        *found += usize::from(row.shown.is_some());
        *all += 1;
        let name = text::pad(&row.name, widest);
        let (words, ink) = match row.shown {
            Some(shown) => (said(&shown), Ink::Plain),
            None => ("not found".to_owned(), Ink::Dim),
        };
        page.hanging(&format!("{name}  "), widest + 2, ink, &words)?;
    }
    page.blank()?;
    for (chapter, (found, all)) in chapters {
        page.words(2, Ink::Plain, &format!("{chapter}: {found} of {all}"))?;
    }
    let shown: Vec<_> = explored
        .mutants
        .iter()
        .filter_map(|row| row.shown)
        .collect();
    let facts = format!(
        "{} of {} found, each in {} s at most; the median of what was left is {} and {}",
        text::digits(shown.len()),
        text::count(explored.mutants.len(), "mutant"),
        explored.seconds,
        text::count(
            median(shown.iter().map(|shown| shown.left.clients)),
            "client"
        ),
        text::count(median(shown.iter().map(|shown| shown.left.steps)), "step"),
    );
    page.words(0, Ink::Plain, &facts)?;
    let code = explored.code();
    let (sentence, ink) = match &explored.accused {
        None => ("`none` was not accused".to_owned(), Ink::Good),
        Some(what) => (format!("`none` was accused: {what}"), Ink::Bad),
    };
    page.words(0, ink, &format!("{sentence} (exit code {code})"))
}

fn said(shown: &Shown) -> String {
    let Shown {
        after_ms,
        left,
        rate,
    } = shown;
    format!(
        "{}, {} and {}, broken in {} of {} runs",
        text::duration(*after_ms),
        text::count(left.clients, "client"),
        text::count(left.steps, "step"),
        rate.broken,
        rate.runs
    )
}

/// The one in the middle; of two, the larger.
fn median(numbers: impl Iterator<Item = usize>) -> usize {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
