//! Tables on a terminal: the first column to the left, the others to the right, two spaces between.

use std::io;

use textwrap::core::display_width;

use crate::page::Page;
use crate::style::Ink;
use crate::text;

/// A cell: what is shown, and in which ink.
pub(crate) type Cell = (String, Ink);

/// A cell of a head.
pub(crate) fn strong(text: &str) -> Cell {
    (text.to_owned(), Ink::Strong)
}

/// How many columns of a terminal the rows take.
pub(crate) fn width(rows: &[Vec<Cell>]) -> usize {
    let columns = widths(rows).into_iter().map(|width| width + 2);
    columns.sum::<usize>().saturating_sub(2)
}

/// Writes the rows.
pub(crate) fn write(page: &mut Page<'_>, rows: &[Vec<Cell>]) -> io::Result<()> {
    let widths = widths(rows);
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, ((text, ink), width))| {
                let cell = if column == 0 {
                    text::pad(text, *width)
                } else {
                    text::pad_left(text, *width)
                };
                page.paint(*ink, &cell)
            })
            .collect();
        page.line(&cells.join("  "))?;
    }
    Ok(())
}

fn widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widths = cells.map(|(text, _)| display_width(text));
            widths.max().unwrap_or(0)
        })
        .collect()
}
