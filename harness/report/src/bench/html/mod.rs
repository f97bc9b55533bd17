//! A bench as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.
//! The words and tables are those of the terminal; the pictures show what a table cannot.
//!
//! # Layout
//! - this file: the page, its words and its tables.
//! - `pictures`: which pictures there are, and what is in them; `knee`, `ratios`: two of them.
//! - `plot`: lines, marks and axes as data, drawn as SVG by plotters.
//! - `palette`: colours, by day and by night.

use std::io::{self, Write};

use chatspec_judge::bench::{Bench, GateResult};

use super::document::{About, Block, Cell, Document, Item, NOTHING, Section, Table};
use crate::markup::{self, class, safe};

mod knee;
mod palette;
mod pictures;
mod plot;
mod ratios;

use pictures::Picture;

/// Writes the page; under `strict`, a gate that cannot tell is a refusal.
pub fn write(
    bench: &Bench,
    gates: &[GateResult],
    strict: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = Document::new(bench, gates, strict);
    let pictures = pictures::of(bench);
    head(bench, out)?;
    let (words, ink) = &document.verdict;
    writeln!(out, "<h1>chatspec bench</h1>")?;
    writeln!(
        out,
        "<p class=\"verdict {}\">{}</p>",
        class(*ink),
        safe(words)
    )?;
    for section in &document.sections {
        write_section(section, out)?;
        let shown = pictures
            .iter()
            .filter(|picture| picture.after == section.about);
        for picture in shown {
            write_picture(picture, out)?;
        }
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

fn head(bench: &Bench, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = bench
        .targets
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    let title = safe(&format!("chatspec bench: {}", names.join(", ")));
    let css = palette::css() + include_str!("page.css");
    markup::head(&title, &css, None, out)?;
    writeln!(out, "<body>\n<main>")
}

fn write_section(section: &Section, out: &mut dyn Write) -> io::Result<()> {
    match section.about {
        // What was asked stands under the verdict without a heading.
        About::Asked => writeln!(out, "<section>")?,
        About::Doubts => writeln!(out, "<section class=\"doubts\">\n<h2>doubts</h2>")?,
        _ => writeln!(out, "<section>\n<h2>{}</h2>", section.title)?,
    }
    for block in &section.blocks {
        match block {
            Block::Words(ink, words) => {
                writeln!(out, "<p class=\"{}\">{}</p>", class(*ink), safe(words))?;
            }
            Block::Items(items) => write_items(items, out)?,
            Block::Table(table) => write_table(table, out)?,
        }
    }
    writeln!(out, "</section>")
}

fn write_items(items: &[Item], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    for Item { name, ink, words } in items {
        let (name, class, words) = (safe(name), class(*ink), safe(words));
        writeln!(out, "<dt>{name}</dt><dd class=\"{class}\">{words}</dd>")?;
    }
    writeln!(out, "</dl>")
}

fn write_table(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    // A table that is wider than the window scrolls by itself, and not the page.
    writeln!(out, "<div class=\"wide\"><table>")?;
    if let Some(caption) = &table.caption {
        writeln!(out, "<caption>{}</caption>", safe(caption))?;
    }
    write!(out, "<thead><tr><th>{}</th>", safe(&table.corner))?;
    for name in &table.columns {
        write!(out, "<th scope=\"col\">{}</th>", safe(name))?;
    }
    writeln!(out, "</tr></thead>")?;
    for group in &table.groups {
        writeln!(out, "<tbody>")?;
        if !group.title.is_empty() {
            let columns = table.columns.len() + 1;
            writeln!(
                out,
                "<tr class=\"group\"><th colspan=\"{columns}\">{}</th></tr>",
                group.title
            )?;
        }
        for row in &group.rows {
            write!(out, "<tr><th scope=\"row\">{}</th>", safe(&row.name))?;
            for cell in &row.cells {
                write_cell(cell, out)?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</tbody>")?;
    }
    writeln!(out, "</table></div>")
}

fn write_cell(cell: &Cell, out: &mut dyn Write) -> io::Result<()> {
    match cell {
        Some((text, ink)) => write!(out, "<td class=\"{}\">{}</td>", class(*ink), safe(text)),
        None => write!(out, "<td class=\"dim\">{NOTHING}</td>"),
    }
}

fn write_picture(picture: &Picture, out: &mut dyn Write) -> io::Result<()> {
    let Picture {
        id,
        title,
        caption,
        legend,
        plots,
        ..
    } = picture;
    let (title, caption) = (safe(title), safe(caption));
    writeln!(out, "<figure id=\"{id}\">\n<h3>{title}</h3>")?;
    if !legend.is_empty() {
        writeln!(out, "<ul class=\"legend\">")?;
        for entry in legend {
            let (ink, line, name) = (entry.colour.variable(), entry.line, safe(&entry.name));
            writeln!(
                out,
                "<li><i class=\"{line}\" style=\"color:var({ink})\"></i>{name}</li>"
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    let small = if plots.len() > 1 {
        " class=\"small\""
    } else {
        ""
    };
    writeln!(out, "<div{small}>")?;
    for (name, plot) in plots {
        let name = safe(name);
        let label = if name.is_empty() { &title } else { &name };
        write!(out, "<div role=\"img\" aria-label=\"{label}\">")?;
        if !name.is_empty() {
            write!(out, "<h4>{name}</h4>")?;
        }
        writeln!(out, "{}</div>", plot.svg()?)?;
    }
    writeln!(out, "</div>\n<figcaption>{caption}</figcaption>\n</figure>")
}
