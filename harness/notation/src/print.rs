//! The canonical text, as `Display`.
//!
//! A [`Scenario`] prints as a whole file, a [`Step`] as its line (a block as its lines), and what a
//! step is made of as its part of that line. Parsing what was printed gives back an equal tree;
//! printing that gives back the same text.

use std::fmt::{self, Display, Formatter, Write as _};
use std::time::Duration;

use crate::ast::{ClientDecl, Line, Present, Scenario, Stamp, Step, Who};
use crate::span::Spanned;

mod step;
mod value;

/// Comments and lists are broken so that a line is no wider than this, where words allow it.
const WIDTH: usize = 100;

/// Behind the key of a header line, its value starts in this column.
const KEY: usize = 9;

/// The lines of a block stand so far in.
const INDENT: &str = "    ";

/// The width a stamp is filled up to, so that the lines of a transcript of some seconds align.
const STAMP: usize = 10;

/// Whole file, ending in one newline.
impl Display for Scenario {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for line in wrap(self.reason.split_whitespace(), " ", WIDTH - 2) {
            writeln!(f, "# {line}")?;
        }
        if !self.notes.is_empty() {
            f.write_str("#\n")?;
            for note in &self.notes {
                comment(f, note)?;
            }
        }
        list(f, self.level.word(), &self.clauses, " ")?;
        list(f, "catches", &self.catches, " ")?;
        list(f, "needs", &self.needs, ", ")?;
        list(f, "over", &self.over, " ")?;
        if self.alone {
            f.write_str("alone\n")?;
        }
        if self.open {
            f.write_str("open\n")?;
        }
        list(f, "clients", &self.clients, " ")?;
        list(f, "rooms", &self.rooms, " ")?;
        for present in &self.present {
            writeln!(f, "{:KEY$}{}", "in", present.value)?;
        }
        f.write_char('\n')?;
        lines(f, &self.body, "")
    }
}

impl Display for ClientDecl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        match self.count {
            Some(count) => write!(f, "*{count}"),
            None => Ok(()),
        }
    }
}

/// Without the `in` in front.
impl Display for Present {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.room.value)?;
        self.who
            .iter()
            .try_for_each(|who| write!(f, " {}", who.value))
    }
}

/// One line without its newline; a block takes several.
impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "{at:>STAMP$} ")?;
        }
        self.kind.fmt(f)?;
        match self.level {
            Some(level) => write!(f, " [{level}]"),
            None => Ok(()),
        }
    }
}

impl Display for Stamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:03}ms", self.0 / 1000, self.0 % 1000))
    }
}

impl Display for Who {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut who = self.name.to_string();
        if let Some(member) = self.member {
            write!(who, ".{member}")?;
        }
        if let Some(leg) = self.leg {
            write!(who, "#{leg}")?;
        }
        f.pad(&who)
    }
}

/// A duration as scenarios write it: in seconds where it is whole ones, else in milliseconds.
/// Anything below a millisecond is left out.
pub fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis > 0 && millis.is_multiple_of(1000) => format!("{}s", millis / 1000),
        millis => format!("{millis}ms"),
    }
}

/// `lines`, each behind `indent`.
fn lines(f: &mut Formatter<'_>, lines: &[Line], indent: &str) -> fmt::Result {
    for line in lines {
        match line {
            Line::Blank => f.write_char('\n')?,
            Line::Comment(text) => {
                f.write_str(indent)?;
                comment(f, text)?;
            }
            Line::Step(step) => writeln!(f, "{indent}{step}")?,
        }
    }
    Ok(())
}

fn comment(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "{}", format!("# {text}").trim_end())
}

/// A header line, or several with the same key where one would be too wide; none for an empty list.
fn list<T: Display>(
    f: &mut Formatter<'_>,
    key: &str,
    items: &[Spanned<T>],
    between: &str,
) -> fmt::Result {
    let items: Vec<String> = items.iter().map(|item| item.value.to_string()).collect();
    for line in wrap(items.iter().map(String::as_str), between, WIDTH - KEY) {
        writeln!(f, "{key:KEY$}{line}")?;
    }
    Ok(())
}

/// `items`, joined to lines of at most `width` characters; an item wider than that has its own.
fn wrap<'a>(items: impl Iterator<Item = &'a str>, between: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + between.len() + item.chars().count() <= width => {
                line.push_str(between);
                line.push_str(item);
            }
            _ => lines.push(item.to_owned()),
        }
    }
    lines
}
