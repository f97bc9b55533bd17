//! Lines on a writer: wrapped, indented, painted.

use std::io::{self, Write};

use crate::style::{Ink, Style};
use crate::text;

/// Where labels end and what they label begins.
pub(crate) const LABEL: usize = 12;

/// A writer that knows how text is shown.
pub(crate) struct Page<'a> {
    pub(crate) out: &'a mut dyn Write,
    pub(crate) style: Style,
}

impl<'a> Page<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, style: &Style) -> Self {
        Self { out, style: *style }
    }

    /// One line as it is; the caller has painted it.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end())
    }

    pub(crate) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    pub(crate) fn paint(&self, ink: Ink, text: &str) -> String {
        self.style.paint(ink, text)
    }

    /// Words, escaped and wrapped behind an indent.
    pub(crate) fn words(&mut self, indent: usize, ink: Ink, words: &str) -> io::Result<()> {
        self.hanging(&" ".repeat(indent), indent, ink, words)
    }

    /// `  label:  words`, the words in a column of their own.
    pub(crate) fn labelled(&mut self, label: &str, ink: Ink, words: &str) -> io::Result<()> {
        let label = self.label(label);
        self.hanging(&label, LABEL, ink, words)
    }

    /// `  label:` filled up to where the words begin.
    pub(crate) fn label(&self, label: &str) -> String {
        let plain = text::pad(&format!("  {label}:"), LABEL);
        self.paint(Ink::Dim, &plain)
    }

    /// `  label:  lines`, for what may have several: the server's own words, above all.
    pub(crate) fn labelled_lines(&mut self, label: &str, ink: Ink, lines: &str) -> io::Result<()> {
        let label = self.label(label);
        self.hanging_lines(&label, LABEL, ink, lines)
    }

    /// Several lines behind an indent, those after the first a little further in.
    pub(crate) fn lines(&mut self, indent: usize, ink: Ink, lines: &str) -> io::Result<()> {
        let first = lines.lines().next().unwrap_or_default();
        self.words(indent, ink, first)?;
        let rest = lines.get(first.len()..).unwrap_or_default();
        let front = " ".repeat(indent + 2);
        self.hanging_lines(
            &front,
            indent + 2,
            ink,
            rest.trim_start_matches(['\r', '\n']),
        )
    }

    /// As [`Page::hanging`], for what may have several lines.
    pub(crate) fn hanging_lines(
        &mut self,
        first: &str,
        indent: usize,
        ink: Ink,
        lines: &str,
    ) -> io::Result<()> {
        const MOST: usize = 12;
        let rest = " ".repeat(indent);
        let mut front = first;
        for line in lines.lines().take(MOST) {
            self.hanging(front, indent, ink, line)?;
            front = &rest;
        }
        match lines.lines().count().checked_sub(MOST) {
            Some(more @ 1..) => self.words(
                indent,
                Ink::Dim,
                &format!("… {}", text::count(more, "further line")),
            ),
            _ => Ok(()),
        }
    }

    /// Words, escaped and wrapped; `first` stands in front of the first line and is `indent` wide.
    pub(crate) fn hanging(
        &mut self,
        first: &str,
        indent: usize,
        ink: Ink,
        words: &str,
    ) -> io::Result<()> {
        let rest = " ".repeat(indent);
        let mut front = first;
        for line in text::wrap(&text::legible(words), self.style.room(indent)) {
            let painted = self.paint(ink, &line);
            self.line(&format!("{front}{painted}"))?;
            front = &rest;
        }
        Ok(())
    }
}
