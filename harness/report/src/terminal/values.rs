//! Expected over actual, aligned.

use std::io;

use chatspec_judge::verdict::{Rule, Violation};
use textwrap::core::display_width;

use crate::page::{LABEL, Page};
use crate::style::Ink;
use crate::text;

/// How many alternatives or items of each side are shown.
const SHOWN: usize = 8;

pub(super) fn write(page: &mut Page<'_>, violation: &Violation) -> io::Result<()> {
    let Violation {
        expected,
        actual,
        rule,
        ..
    } = violation;
    // A dead server or a refused connection has no value to compare.
    if expected.is_empty() && actual.is_empty() {
        return Ok(());
    }
    let difference = match (expected.as_slice(), actual.as_slice()) {
        ([expected], [actual]) => Difference::between(expected, actual),
        _ => None,
    };
    let focus = difference.as_ref().map(|difference| difference.at);
    side(
        page,
        ["expected", "or"],
        Ink::Good,
        expected,
        "nothing more",
        focus,
    )?;
    let nothing = if *rule == Rule::Late {
        "not in time"
    } else {
        "nothing"
    };
    side(page, ["actual", "and"], Ink::Bad, actual, nothing, focus)?;
    // Elsewhere the two are not meant to be alike, and where they part says nothing.
    let alike = matches!(rule, Rule::Mismatch | Rule::HttpAnswer);
    match difference {
        Some(difference) if alike && difference.inside => difference.write(page),
        _ => Ok(()),
    }
}

/// A value of the notation on one line of the page, shortened in the middle.
pub(super) fn one_line(page: &Page<'_>, value: &str) -> String {
    text::shorten(&text::escape(value), page.style.room(LABEL), None)
}

fn side(
    page: &mut Page<'_>,
    [first, further]: [&str; 2],
    ink: Ink,
    values: &[String],
    nothing: &str,
    focus: Option<usize>,
) -> io::Result<()> {
    if values.is_empty() {
        return page.labelled(first, Ink::Dim, nothing);
    }
    for (index, value) in values.iter().take(SHOWN).enumerate() {
        let label = page.label(if index == 0 { first } else { further });
        let value = text::shorten(&text::escape(value), page.style.room(LABEL), focus);
        let value = page.paint(ink, &value);
        page.line(&format!("{label}{value}"))?;
    }
    match values.len().checked_sub(SHOWN) {
        Some(more @ 1..) => page.labelled(further, Ink::Dim, &format!("{more} more")),
        _ => Ok(()),
    }
}

/// Where two values part.
struct Difference {
    /// The first character that differs, counted in what is shown.
    at: usize,
    /// Its column.
    column: usize,
    /// Whether it is inside an argument: who receives and what it is called are read at a glance.
    inside: bool,
    /// The longer of both, in columns.
    widest: usize,
    /// Their lengths, in characters.
    lengths: (usize, usize),
}

impl Difference {
    /// `None` where they are the same.
    fn between(expected: &str, actual: &str) -> Option<Self> {
        let (expected, actual) = (text::escape(expected), text::escape(actual));
        if expected == actual {
            return None;
        }
        let pairs = expected.chars().zip(actual.chars());
        let at = pairs.take_while(|(left, right)| left == right).count();
        let common: String = actual.chars().take(at).collect();
        Some(Self {
            at,
            column: display_width(&common),
            inside: common.contains(['"', '{', '[', '(']),
            widest: display_width(&expected).max(display_width(&actual)),
            lengths: (expected.chars().count(), actual.chars().count()),
        })
    }

    /// Points at it, or counts where the values are not shown whole.
    fn write(self, page: &mut Page<'_>) -> io::Result<()> {
        let words = if self.widest <= page.style.room(LABEL) {
            format!("{}^ differs from here", " ".repeat(self.column))
        } else {
            let (expected, actual) = self.lengths;
            let lengths = if expected == actual {
                format!("both have {}", text::count(expected, "character"))
            } else {
                let expected = text::count(expected, "character");
                format!("{expected} expected, {} came", text::digits(actual))
            };
            format!(
                "differs from character {} on; {lengths}",
                text::digits(self.at + 1)
            )
        };
        let words = page.paint(Ink::Dim, &words);
        page.line(&format!("{}{words}", " ".repeat(LABEL)))
    }
}
