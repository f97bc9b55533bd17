//! The table: chapters down; across, the kinds of verdict of one target, or several targets.

use std::collections::BTreeMap;
use std::io;

use chatspec_judge::verdict::{CaseReport, Outcome, RunReport, TargetReport};

use crate::page::Page;
use crate::style::{Ink, Style};
use crate::table::{self, Cell, strong};
use crate::tally::{Kind, Tally};
use crate::{text, words};

pub(super) fn write(page: &mut Page<'_>, report: &RunReport) -> io::Result<()> {
    let rows = match report.targets.as_slice() {
        [] => return Ok(()),
        [one] if one.cases.is_empty() => return Ok(()),
        [one] => of_one(one, page.style),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|target| text::escape(&target.name).into_owned())
                .collect();
            let by_name = matrix(several, page.style, &names);
            if table::width(&by_name) <= page.style.width {
                by_name
            } else {
                let numbers = numbered(page, several)?;
                matrix(several, page.style, &numbers)
            }
        }
    };
    table::write(page, &rows)?;
    if report.targets.len() > 1 {
        legend(page, report)?;
    }
    page.blank()
}

fn of_one(target: &TargetReport, style: Style) -> Vec<Vec<Cell>> {
    let whole = Tally::of(&target.cases);
    let kinds: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|kind| *kind == Kind::Passed || whole.get(*kind) > 0)
        .collect();
    let mut head = vec![strong("chapter"), strong("cases")];
    head.extend(kinds.iter().map(|kind| strong(kind.column())));
    let mut rows = vec![head];
    let row = |name: String, tally: Tally| {
        let mut row = vec![
            (name, Ink::Plain),
            (text::digits(tally.total()), Ink::Plain),
        ];
        row.extend(kinds.iter().map(|kind| match tally.get(*kind) {
            0 => (String::new(), Ink::Plain),
            number => (text::digits(number), kind.ink(style)),
        }));
        row
    };
    let chapters = chapters(&target.cases);
    let several = chapters.len() > 1;
    rows.extend(
        chapters
            .into_iter()
            .map(|(name, tally)| row(title(name), tally)),
    );
    if several {
        rows.push(row("all".to_owned(), whole));
    }
    rows
}

fn matrix(targets: &[TargetReport], style: Style, heads: &[String]) -> Vec<Vec<Cell>> {
    let by_target: Vec<BTreeMap<&str, Tally>> = targets
        .iter()
        .map(|target| chapters(&target.cases))
        .collect();
    let mut names: Vec<&str> = by_target.iter().flat_map(BTreeMap::keys).copied().collect();
    names.sort_unstable();
    names.dedup();

    let mut head = vec![strong("chapter")];
    head.extend(heads.iter().map(|name| strong(name)));
    let mut rows = vec![head];
    for name in names {
        let mut row = vec![(title(name), Ink::Plain)];
        row.extend(by_target.iter().map(|tallies| match tallies.get(name) {
            Some(tally) => cell(tally, style),
            None => ("-".to_owned(), Ink::Dim),
        }));
        rows.push(row);
    }
    let mut all = vec![("all".to_owned(), Ink::Plain)];
    all.extend(
        targets
            .iter()
            .map(|target| cell(&Tally::of(&target.cases), style)),
    );
    rows.push(all);
    let mut ends = vec![("outcome".to_owned(), Ink::Plain)];
    ends.extend(targets.iter().map(|target| end(target, style)));
    rows.push(ends);
    rows
}

/// How a run on this target alone would have ended.
fn end(target: &TargetReport, style: Style) -> Cell {
    let outcome = target.outcome(style.strict);
    let ink = match outcome {
        Outcome::Conformant => Ink::Good,
        Outcome::NotConformant => Ink::Bad,
        Outcome::Inconclusive => Ink::Open,
        Outcome::NothingRun => Ink::Dim,
    };
    (words::outcome(outcome).to_owned(), ink)
}

/// `12` when all passed, else `9 3F 1K`; in the ink of the worst.
fn cell(tally: &Tally, style: Style) -> Cell {
    let words: Vec<String> = tally
        .kinds()
        .map(|(kind, number)| format!("{number}{}", kind.mark()))
        .collect();
    let worst = tally
        .kinds()
        .map(|(kind, _)| kind)
        .max_by_key(|kind| match kind.ink(style) {
            Ink::Bad => 4,
            Ink::Open => 3,
            Ink::Doubtful => 2,
            Ink::Note => 1,
            _ => 0,
        });
    match worst {
        Some(kind) => (words.join(" "), kind.ink(style)),
        None => ("-".to_owned(), Ink::Dim),
    }
}

/// The marks that were used.
fn legend(page: &mut Page<'_>, report: &RunReport) -> io::Result<()> {
    let whole = Tally::of(report.targets.iter().flat_map(|target| &target.cases));
    let marks: Vec<String> = whole
        .kinds()
        .filter(|(kind, _)| *kind != Kind::Passed)
        .map(|(kind, _)| format!("{} {}", kind.mark(), kind.headline().to_lowercase()))
        .collect();
    if marks.is_empty() {
        return Ok(());
    }
    page.words(
        0,
        Ink::Dim,
        &format!("plain numbers passed; {}", marks.join(", ")),
    )
}

fn chapters(cases: &[CaseReport]) -> BTreeMap<&str, Tally> {
    let mut chapters: BTreeMap<&str, Vec<&CaseReport>> = BTreeMap::new();
    for case in cases {
        chapters
            .entry(case.case.scenario.chapter())
            .or_default()
            .push(case);
    }
    chapters
        .into_iter()
        .map(|(name, cases)| (name, Tally::of(cases)))
        .collect()
}

fn title(chapter: &str) -> String {
    if chapter.is_empty() {
        "(no chapter)".to_owned()
    } else {
        text::escape(chapter).into_owned()
    }
}

/// Says which number stands for which target, where their names are too long to stand side by side.
fn numbered(page: &mut Page<'_>, targets: &[TargetReport]) -> io::Result<Vec<String>> {
    let numbers: Vec<String> = (1..=targets.len())
        .map(|number| format!("[{number}]"))
        .collect();
    for (number, target) in numbers.iter().zip(targets) {
        page.hanging(
            &format!("{number} "),
            number.len() + 1,
            Ink::Plain,
            &target.name,
        )?;
    }
    page.blank()?;
    Ok(numbers)
}
