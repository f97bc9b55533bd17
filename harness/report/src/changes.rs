//! What has changed since an earlier run: what is newly broken first.

use std::io::{self, Write};

use chatspec_judge::changes::{Change, Changes, TargetChanges};
use chatspec_judge::verdict::Verdict;

use crate::markup::{self, class};
use crate::page::Page;
use crate::style::{Ink, Style};
use crate::tally::Kind;
use crate::{markdown, text};

/// How many cases of a kind a terminal or a summary names; the page names all.
const NAMED: usize = 20;

/// Writes what has changed, behind a run's report.
pub fn write(changes: &Changes, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.blank()?;
    page.words(0, Ink::Strong, &title(changes))?;
    for words in targets(changes) {
        page.words(2, Ink::Plain, &words)?;
    }
    for target in &changes.targets {
        page.words(
            2,
            Ink::Plain,
            &format!("{}: {}", target.name, summary(target)),
        )?;
        for list in lists(target) {
            let number = list.lines.len();
            page.words(
                4,
                list.ink,
                &format!("{} ({})", list.title, text::digits(number)),
            )?;
            for line in list.lines.iter().take(NAMED) {
                page.hanging("      ", 8, Ink::Plain, line)?;
            }
            if let Some(more @ 1..) = number.checked_sub(NAMED) {
                page.words(6, Ink::Dim, &format!("… {more} more"))?;
            }
        }
    }
    Ok(())
}

/// The same as a section of a page.
pub(crate) fn html(changes: &Changes, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"changes\">\n<h2>{}</h2>",
        markup::safe(&title(changes))
    )?;
    for words in targets(changes) {
        writeln!(out, "<p>{}</p>", markup::safe(&words))?;
    }
    for target in &changes.targets {
        let (name, summary) = (markup::safe(&target.name), summary(target));
        writeln!(out, "<h3>{name}: {summary}</h3>")?;
        for list in lists(target) {
            let open = if list.is_urgent { " open" } else { "" };
            writeln!(
                out,
                "<details{open}><summary><span class=\"{}\">{} ({})</span></summary>\n<ul>",
                class(list.ink),
                list.title,
                text::digits(list.lines.len())
            )?;
            for line in &list.lines {
                writeln!(out, "<li>{}</li>", markup::safe(line))?;
            }
            writeln!(out, "</ul></details>")?;
        }
    }
    writeln!(out, "</section>")
}

/// The same as a part of a step summary.
pub(crate) fn markdown(changes: &Changes) -> String {
    let mut told = format!("\n#### {}\n\n", markdown::safe(&title(changes)));
    for words in targets(changes) {
        told.push_str(&format!("- {}\n", markdown::safe(&words)));
    }
    for target in &changes.targets {
        let (name, summary) = (markdown::safe(&target.name), summary(target));
        told.push_str(&format!("- **{name}**: {summary}\n"));
        for list in lists(target) {
            let number = text::digits(list.lines.len());
            told.push_str(&format!("  - {} ({number})\n", list.title));
            for line in list.lines.iter().take(NAMED) {
                told.push_str(&format!("    - {}\n", markdown::safe(line)));
            }
            if let Some(more @ 1..) = list.lines.len().checked_sub(NAMED) {
                told.push_str(&format!("    - … {more} more\n"));
            }
        }
    }
    told
}

fn title(changes: &Changes) -> String {
    let Changes { seed, version, .. } = changes;
    format!("Since the baseline (seed {seed}, chatspec {version})")
}

/// Targets without a counterpart.
fn targets(changes: &Changes) -> Vec<String> {
    let new = changes.new_targets.iter();
    let new = new.map(|name| format!("{name}: not in the baseline"));
    let gone = changes.gone_targets.iter();
    let gone = gone.map(|name| format!("{name}: only in the baseline"));
    new.chain(gone).collect()
}

fn summary(target: &TargetChanges) -> String {
    let broken = match target.still_broken {
        0 => "nothing is broken as it was before".to_owned(),
        1 => "1 case is broken as it was before".to_owned(),
        many => format!(
            "{} cases are broken as they were before",
            text::digits(many)
        ),
    };
    if target.is_none() {
        format!("no change; {broken}")
    } else {
        broken
    }
}

/// Cases that changed alike.
struct List {
    title: &'static str,
    ink: Ink,
    is_urgent: bool,
    lines: Vec<String>,
}

fn lists(target: &TargetChanges) -> Vec<List> {
    let changed = |changes: &[Change]| changes.iter().map(line).collect::<Vec<_>>();
    let list = |title, ink, is_urgent, lines| List {
        title,
        ink,
        is_urgent,
        lines,
    };
    let removed = target.removed.iter().map(ToString::to_string).collect();
    let lists = [
        list("newly broken", Ink::Bad, true, changed(&target.broken)),
        list("newly passing", Ink::Good, false, changed(&target.mended)),
        list(
            "another verdict",
            Ink::Doubtful,
            false,
            changed(&target.other),
        ),
        list("added", Ink::Note, false, changed(&target.added)),
        list("removed", Ink::Note, false, removed),
    ];
    lists
        .into_iter()
        .filter(|list| !list.lines.is_empty())
        .collect()
}

/// `chat/acks/order@polling: pass, now fail: ana waited for its ack, and nothing came`
fn line(change: &Change) -> String {
    let word = |verdict: &Verdict| Kind::of(verdict).headline().to_lowercase();
    let now = word(&change.now);
    let verdicts = match &change.before {
        Some(before) => format!("{}, now {now}", word(before)),
        None => now,
    };
    let found = change.now.violations().first();
    let found = found.map_or_else(String::new, |found| format!(": {}", found.summary));
    format!("{}: {verdicts}{found}", change.case)
}
