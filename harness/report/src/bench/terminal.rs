//! A bench, for people: the verdict comes last, where the eye is when a command ends.

use std::io::{self, Write};

use chatspec_judge::bench::{Bench, GateResult};
use textwrap::core::display_width;

use super::document::{About, Block, Cell, Document, Item, NOTHING, Table};
use crate::page::Page;
use crate::style::{Ink, Style};
use crate::table::{self, strong};
use crate::text;

/// Names of targets that are longer get a line of their own, and a number in tables.
const LONG: usize = 24;

/// Writes what a bench found: what was asked, doubts, reach, figures, comparisons, limits, verdict.
pub fn write(
    bench: &Bench,
    gates: &[GateResult],
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document::new(bench, gates, style.strict);
    let mut page = Page::new(out, style);
    for section in &document.sections {
        // What was asked needs no heading: it is the first that is read.
        if section.about != About::Asked {
            let title = match section.about {
                About::Doubts => page.paint(Ink::Bad, "DOUBTS"),
                _ => page.paint(Ink::Strong, section.title),
            };
            page.line(&title)?;
        }
        let indent = if section.about == About::Asked { 0 } else { 2 };
        for block in &section.blocks {
            match block {
                Block::Words(ink, words) => page.words(indent, *ink, words)?,
                Block::Items(items) => write_items(&mut page, items)?,
                Block::Table(table) => {
                    if let Some(caption) = &table.caption {
                        page.blank()?;
                        page.words(2, Ink::Strong, caption)?;
                    }
                    write_table(&mut page, table)?;
                }
            }
        }
        page.blank()?;
    }
    let (words, ink) = &document.verdict;
    page.words(0, *ink, words)
}

fn write_items(page: &mut Page<'_>, items: &[Item]) -> io::Result<()> {
    let names = items
        .iter()
        .map(|item| display_width(&text::legible(&item.name)));
    let widest = names.filter(|width| *width <= LONG).max().unwrap_or(0);
    for item in items {
        let name = text::legible(&item.name);
        if display_width(&name) > LONG {
            page.words(2, Ink::Strong, &item.name)?;
            page.words(4, item.ink, &item.words)?;
        } else {
            let painted = page.paint(Ink::Strong, &text::pad(&name, widest));
            page.hanging(&format!("  {painted}  "), widest + 4, item.ink, &item.words)?;
        }
    }
    Ok(())
}

/// In one piece where it fits, else as many columns at a time as do, with their numbers where the
/// names are what does not fit.
fn write_table(page: &mut Page<'_>, table: &Table) -> io::Result<()> {
    let by_name: Vec<String> = table
        .columns
        .iter()
        .map(|name| text::legible(name).clone())
        .collect();
    let long = by_name.iter().any(|name| display_width(name) > LONG);
    let rows = rows(table, &by_name, 0..by_name.len());
    if !long && table::width(&rows) <= page.style.width {
        return table::write(page, &rows);
    }
    let heads = if long {
        let numbers: Vec<String> = (1..=by_name.len())
            .map(|number| format!("[{number}]"))
            .collect();
        for (number, name) in numbers.iter().zip(&table.columns) {
            page.hanging(&format!("  {number} "), number.len() + 3, Ink::Plain, name)?;
        }
        numbers
    } else {
        by_name
    };
    let mut from = 0;
    while from < heads.len() {
        let fits =
            |to: &usize| table::width(&self::rows(table, &heads, from..*to)) <= page.style.width;
        let to = (from + 1..=heads.len()).rev().find(fits);
        let to = to.unwrap_or(from + 1);
        if from > 0 {
            page.blank()?;
        }
        table::write(page, &self::rows(table, &heads, from..to))?;
        from = to;
    }
    Ok(())
}

fn rows(table: &Table, heads: &[String], columns: std::ops::Range<usize>) -> Vec<Vec<table::Cell>> {
    let corner = format!("  {}", text::legible(&table.corner));
    let mut head = vec![strong(&corner)];
    head.extend(heads[columns.clone()].iter().map(|name| strong(name)));
    let mut rows = vec![head];
    for group in &table.groups {
        let indent = if group.title.is_empty() {
            "  "
        } else {
            rows.push(vec![strong(&format!("  {}", group.title))]);
            "    "
        };
        for row in &group.rows {
            let name = format!("{indent}{}", text::legible(&row.name));
            let mut cells = vec![(name, Ink::Plain)];
            cells.extend(row.cells[columns.clone()].iter().map(shown));
            rows.push(cells);
        }
    }
    rows
}

fn shown(cell: &Cell) -> table::Cell {
    cell.clone()
        .unwrap_or_else(|| (NOTHING.to_owned(), Ink::Dim))
}
