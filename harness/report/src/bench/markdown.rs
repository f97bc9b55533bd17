//! A bench as GitHub-flavoured Markdown, for the step summary of a CI system: the verdict first, and
//! of the figures those that decide.

use std::io::{self, Write};

use chatspec_judge::bench::{Bench, GateResult};

use super::document::{About, Block, Cell, Document, Item, NOTHING, Section, Table};
use crate::markdown::safe;
use crate::style::Ink;

/// Writes a short report; under `strict`, a gate that cannot tell is a refusal.
pub fn write(
    bench: &Bench,
    gates: &[GateResult],
    strict: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document::new(bench, gates, strict);
    let (words, ink) = &document.verdict;
    let mark = match ink {
        Ink::Good => "✅",
        Ink::Bad => "❌",
        _ => "⚠️",
    };
    writeln!(out, "### {mark} chatspec bench")?;
    writeln!(out, "\n**{}**", safe(words))?;
    for section in &document.sections {
        write_section(section, out)?;
    }
    Ok(())
}

fn write_section(section: &Section, out: &mut dyn Write) -> io::Result<()> {
    if section.about == About::Doubts {
        return write_doubts(section, out);
    }
    let folded = section.about == About::Method;
    if folded {
        let title = section.title;
        writeln!(out, "\n<details><summary>{title}</summary>")?;
    }
    for block in &section.blocks {
        match block {
            Block::Words(_, words) => writeln!(out, "\n{}", safe(words))?,
            Block::Items(items) => write_items(items, out)?,
            Block::Table(table) => write_table(table, out)?,
        }
    }
    if folded {
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

/// One warning for all doubts.
fn write_doubts(section: &Section, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n> [!WARNING]")?;
    let words = section.blocks.iter().filter_map(|block| match block {
        Block::Words(_, words) => Some(safe(words)),
        Block::Items(_) | Block::Table(_) => None,
    });
    for (index, words) in words.enumerate() {
        // The first says what all the others are reasons for.
        let mark = if index == 0 { "" } else { "- " };
        writeln!(out, "> {mark}{words}")?;
    }
    Ok(())
}

fn write_items(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    for item in items {
        let (name, words) = (safe(&item.name), safe(&item.words));
        match item.ink {
            Ink::Bad | Ink::Open => writeln!(out, "- **{name}**: **{words}**")?,
            _ => writeln!(out, "- **{name}**: {words}")?,
        }
    }
    Ok(())
}

fn write_table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    if let Some(caption) = &table.caption {
        writeln!(out, "\n**{}**", safe(caption))?;
    }
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut head = vec![safe(&table.corner)];
    head.extend(table.columns.iter().map(|name| safe(name)));
    let mut rule = vec!["---".to_owned()];
    rule.extend(table.columns.iter().map(|_| "---:".to_owned()));
    writeln!(out, "\n{}\n{}", row(head), row(rule))?;
    for group in &table.groups {
        for line in group.rows.iter().filter(|row| row.key) {
            let name = match group.title {
                "" => safe(&line.name),
                title => format!("{title}: {}", safe(&line.name)),
            };
            let mut cells = vec![name];
            cells.extend(line.cells.iter().map(shown));
            writeln!(out, "{}", row(cells))?;
        }
    }
    Ok(())
}

fn shown(cell: &Cell) -> String {
    match cell {
        None => NOTHING.to_owned(),
        Some((text, Ink::Bad)) => format!("**{}**", safe(text)),
        Some((text, _)) => safe(text),
    }
}
