//! What `chatspec run --write-ledger` says: what became of a ledger.

use std::io::{self, Write};

use chatspec_judge::ledger::{Change, Left, Revision, Stale};

use crate::page::Page;
use crate::style::{Ink, Style};
use crate::text;

/// Writes what was changed in `file`, the ledger of `target`, and what was left to people. Without a
/// revision, the target could not be judged.
pub fn write(
    target: &str,
    file: &str,
    revision: Option<&Revision>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.blank()?;
    let title = format!(
        "ledger of {}, in {}",
        text::escape(target),
        text::escape(file)
    );
    let title = page.paint(Ink::Strong, &title);
    page.line(&title)?;
    let Some(revision) = revision else {
        return page.words(2, Ink::Open, "not written: the target could not be judged");
    };
    for change in &revision.changes {
        changed(&mut page, change)?;
    }
    for left in &revision.left {
        let (label, ink, words) = remains(left);
        page.labelled(label, ink, &words)?;
    }
    page.words(2, Ink::Plain, &sum(&revision.changes))
}

fn changed(page: &mut Page<'_>, change: &Change) -> io::Result<()> {
    match change {
        Change::Add(entry) => {
            let words = format!("`{}`: {}", entry.pattern, entry.reason);
            page.labelled("added", Ink::Doubtful, &words)
        }
        Change::Remove { pattern, why } => {
            let why = match why {
                Stale::Passes => "it passes now",
                Stale::NoCase => "no case of the suite has such an id",
            };
            page.labelled("removed", Ink::Good, &format!("`{pattern}`: {why}"))
        }
        Change::Narrow { pattern, to } => {
            let words = format!("`{pattern}` to `{to}`: the rest passes now");
            page.labelled("narrowed", Ink::Good, &words)
        }
    }
}

fn remains(left: &Left) -> (&'static str, Ink, String) {
    match left {
        Left::Expired { pattern, on } => {
            let mend = "mend the server, or give the entry another `expires`";
            let words = format!("`{pattern}` expired on {on} and is not renewed: {mend}");
            ("kept", Ink::Bad, words)
        }
        Left::NowAndThen { case, rate } => {
            let words = format!(
                "{case} is broken in {} of {}, and a ledger cannot say \"now and then\"",
                rate.broken,
                text::count(rate.runs as usize, "run"),
            );
            ("left out", Ink::Bad, words)
        }
        Left::Open { case } => {
            let words = format!("{case} could not be judged");
            ("left out", Ink::Open, words)
        }
    }
}

/// What was done, in a sentence.
fn sum(changes: &[Change]) -> String {
    let number = |of: fn(&Change) -> bool| changes.iter().filter(|change| of(change)).count();
    let done: Vec<_> = [
        (number(|change| matches!(change, Change::Add(_))), "added"),
        (
            number(|change| matches!(change, Change::Remove { .. })),
            "removed",
        ),
        (
            number(|change| matches!(change, Change::Narrow { .. })),
            "narrowed",
        ),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if done.is_empty() {
        return "nothing to write".to_owned();
    }
    let added = changes
        .iter()
        .any(|change| matches!(change, Change::Add(_)));
    let reasons = if added {
        " A new reason says what was seen: put there why that is."
    } else {
        ""
    };
    format!(
        "Written: {}.{reasons} This run was judged by the ledger as it was, exit code included.",
        done.join(", ")
    )
}
