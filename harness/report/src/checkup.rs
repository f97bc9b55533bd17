//! What `chatspec doctor` says: what was looked at, and the lines that mend what is wrong.

use std::io::{self, Write};

use chatspec_judge::checkup::{Checkup, State};

use crate::page::Page;
use crate::style::{Ink, Style};
use crate::text;

/// Writes a checkup for people.
pub fn write(checkup: &Checkup, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let title = page.paint(Ink::Strong, &text::escape(&checkup.target));
    page.line(&title)?;
    let widest = checkup.checks.iter().map(|check| check.what.len()).max();
    for check in &checkup.checks {
        let (word, ink) = match check.state {
            State::Good => ("ok  ", Ink::Good),
            State::Note => ("note", Ink::Note),
            State::Bad => ("BAD ", Ink::Bad),
        };
        let what = text::pad(check.what, widest.unwrap_or_default());
        let front = format!("  {}  {what}  ", page.paint(ink, word));
        let indent = 2 + word.len() + 2 + what.len() + 2;
        page.hanging_lines(&front, indent, Ink::Plain, &check.said)?;
        // Each as it is, however long: it is copied.
        for line in &check.mend {
            let line = page.paint(Ink::Strong, &text::escape(line));
            page.line(&format!("{}{line}", " ".repeat(indent + 2)))?;
        }
    }
    page.blank()?;
    let bad = checkup
        .checks
        .iter()
        .filter(|check| check.state == State::Bad);
    let sentence = match (checkup.reached, bad.count()) {
        (false, _) => "it cannot be judged: it is not there, or is no Socket.IO server".to_owned(),
        (true, 0) => "it can be judged: `chatspec run --target ..`".to_owned(),
        (true, number) => format!(
            "{} to mend first: the lines above go into its target.toml",
            text::count(number, "thing")
        ),
    };
    let ink = if checkup.code() == 0 {
        Ink::Good
    } else {
        Ink::Bad
    };
    page.words(
        0,
        ink,
        &format!("{sentence} (exit code {})", checkup.code()),
    )
}
