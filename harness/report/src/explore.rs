//! What `chatspec explore` says.

use std::io::{self, Write};

use chatspec_judge::anomalies::Guarantee;
use chatspec_judge::explore::Size;
use chatspec_judge::verdict::{CaseReport, Outcome};

use crate::page::Page;
use crate::style::{Ink, Style};
use crate::{terminal, text, words};

/// What came of exploring one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Explored {
    /// The target, by name.
    pub target: String,
    /// Where every choice came from.
    pub seed: u64,
    /// How many chats were tried.
    pub chats: u64,
    /// Wall-clock time of the whole, in milliseconds.
    pub duration_ms: u64,
    /// The chat that shows a bug.
    pub counterexample: Option<Counterexample>,
    /// What the order of messages kept in all of them.
    pub guarantee: Option<Guarantee>,
    /// Why it ended before its time, if it did.
    pub cut_short: Option<String>,
}

/// A chat that shows a bug.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// Which of the seed's chats it was.
    pub number: u64,
    /// How long it took to find, in milliseconds.
    pub after_ms: u64,
    /// How large that was.
    pub found: Size,
    /// How large it is.
    pub left: Size,
    /// It, as a scenario.
    pub text: String,
    /// The file that it was written to.
    pub file: String,
    /// What it shows.
    pub report: CaseReport,
}

impl Explored {
    /// The exit code: the same ones as those of `chatspec run`.
    pub const fn outcome(&self) -> Outcome {
        match (&self.counterexample, &self.cut_short) {
            (Some(_), _) => Outcome::NotConformant,
            (None, Some(_)) => Outcome::Inconclusive,
            (None, None) => Outcome::Conformant,
        }
    }
}

/// Writes what was found: the chat itself, what it shows, and how to see that again.
pub fn write(explored: &Explored, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if let Some(found) = &explored.counterexample {
        let mut page = Page::new(out, style);
        for line in found.text.trim_end().lines() {
            let ink = if line.starts_with('#') {
                Ink::Dim
            } else {
                Ink::Plain
            };
            page.lines(0, ink, line)?;
        }
        page.blank()?;
        terminal::write_case(&found.report, &explored.target, style, page.out)?;
        page.labelled("size", Ink::Plain, &sizes(found))?;
        page.labelled("file", Ink::Plain, &found.file)?;
        page.blank()?;
    }
    let mut page = Page::new(out, style);
    let chats = usize::try_from(explored.chats).unwrap_or(usize::MAX);
    let tried = format!(
        "{}: {} of seed {} in {}",
        explored.target,
        text::count(chats, "chat"),
        explored.seed,
        text::duration(explored.duration_ms)
    );
    let tried = match &explored.counterexample {
        Some(found) => format!("{tried}, the bug after {}", text::duration(found.after_ms)),
        None => tried,
    };
    page.words(0, Ink::Plain, &tried)?;
    if let Some(guarantee) = explored.guarantee {
        let order = format!("order of messages: {}", words::guarantee(guarantee));
        page.words(0, Ink::Plain, &order)?;
    }
    if let Some(cause) = &explored.cut_short {
        page.words(0, Ink::Plain, &format!("ended before its time: {cause}"))?;
    }
    let outcome = explored.outcome();
    let sentence = match outcome {
        Outcome::NotConformant => "one of them breaks the contract",
        Outcome::Inconclusive => "inconclusive",
        _ => "none of them breaks the contract",
    };
    page.words(
        0,
        Ink::Strong,
        &format!("{sentence} (exit code {})", outcome.code()),
    )
}

fn sizes(found: &Counterexample) -> String {
    let size = |size: &Size| {
        format!(
            "{} and {}",
            text::count(size.clients, "client"),
            text::count(size.steps, "step")
        )
    };
    let left = size(&found.left);
    if found.found == found.left {
        format!("{left}, as it was found (chat {})", found.number)
    } else {
        format!(
            "{left}, down from {} (chat {})",
            size(&found.found),
            found.number
        )
    }
}
