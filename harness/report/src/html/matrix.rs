//! Targets by chapters, and in each chapter by cases.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::verdict::{CaseReport, RunReport};

use super::scenario::Ran;
use super::{anchor, kind, plain};
use crate::markup::{class, content, safe};
use crate::style::{Ink, Style};
use crate::tally::{Kind, Tally};
use crate::words;

/// How many of each chapter's cases got which verdict, on each target.
pub(super) fn chapters(report: &RunReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut chapters: BTreeMap<&str, Vec<Vec<&CaseReport>>> = BTreeMap::new();
    for (index, target) in report.targets.iter().enumerate() {
        for case in &target.cases {
            let chapter = chapters.entry(case.case.scenario.chapter()).or_default();
            chapter.resize(report.targets.len(), Vec::new());
            if let Some(cases) = chapter.get_mut(index) {
                cases.push(case);
            }
        }
    }
    if chapters.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>Chapters</h2>")?;
    head("Chapters by targets", &["chapter"], report, out)?;
    for (name, by_target) in &chapters {
        write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#chapter:{}\">{}</a></th>",
            plain(name),
            title(name)
        )?;
        for cases in by_target {
            counts(&Tally::of(cases.iter().copied()), style, out)?;
        }
        writeln!(out, "</tr>")?;
    }
    write!(out, "<tr class=\"sum\"><th scope=\"row\">all</th>")?;
    for target in &report.targets {
        counts(&Tally::of(&target.cases), style, out)?;
    }
    writeln!(out, "</tr>\n</tbody></table></div>\n</section>")
}

/// A chapter's heading, and what became of each of its scenarios; the section stays open.
pub(super) fn chapter<'a>(
    name: &str,
    scenarios: impl Iterator<Item = (&'a &'a ScenarioId, &'a Vec<Ran<'a>>)>,
    report: &RunReport,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = title(name);
    writeln!(
        out,
        "<section class=\"chapter\">\n<h3 id=\"chapter:{}\">{title}</h3>",
        plain(name)
    )?;
    head(
        &format!("Cases of {title}"),
        &["scenario", "level"],
        report,
        out,
    )?;
    for (id, ran) in scenarios {
        let Some(first) = ran.first() else { continue };
        let level = words::level(first.case.level);
        write!(
            out,
            "<tr data-s=\"{0}\"><th scope=\"row\"><a href=\"#{0}\">{1}</a></th><td>{level}</td>",
            plain(id.as_str()),
            content(short_name(id))
        )?;
        for target in 0..report.targets.len() {
            let cases = ran.iter().filter(|ran| ran.target == target);
            cell(target, cases.map(|ran| ran.case), style, out)?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// A table with a column for each target, up to its first row.
fn head(caption: &str, corner: &[&str], report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<div class=\"wide\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"matrix\">\n\
         <thead><tr>"
    )?;
    for name in corner {
        write!(out, "<th scope=\"col\">{name}</th>")?;
    }
    for target in &report.targets {
        write!(out, "<th scope=\"col\">{}</th>", safe(&target.name))?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")
}

fn counts(tally: &Tally, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if tally.total() == 0 {
        return write!(out, "<td class=\"dim\">-</td>");
    }
    let words = tally.kinds().map(|(kind, number)| {
        let ink = class(kind.ink(style));
        format!("<span class=\"{ink}\">{}</span>", kind.counted(number))
    });
    write!(out, "<td>{}</td>", words.collect::<Vec<_>>().join(", "))
}

/// The verdicts of one scenario on one target; those that are told in full lead there.
fn cell<'a>(
    target: usize,
    cases: impl Iterator<Item = &'a CaseReport>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut kinds: BTreeMap<Kind, Vec<&CaseReport>> = BTreeMap::new();
    for case in cases {
        kinds.entry(kind(case)).or_default().push(case);
    }
    if kinds.is_empty() {
        return write!(out, "<td class=\"dim\">-</td>");
    }
    let alone = kinds.len() == 1;
    let words = kinds.into_iter().map(|(kind, cases)| {
        let ink = class(match kind {
            // Of many passes none should stand out.
            Kind::Passed => Ink::Dim,
            kind => kind.ink(style),
        });
        let word = kind.headline().to_lowercase();
        if kind == Kind::Passed && alone {
            return format!("<span class=\"{ink}\">{word}</span>");
        }
        let cases = cases.iter().map(|case| {
            let (place, over) = (anchor(target, &case.case), case.case.transport);
            format!("<a href=\"#{place}\">{over}</a>")
        });
        let cases = cases.collect::<Vec<_>>().join(" ");
        format!("<span class=\"{ink}\">{word}</span> {cases}")
    });
    write!(out, "<td>{}</td>", words.collect::<Vec<_>>().join("; "))
}

fn short_name(id: &ScenarioId) -> &str {
    id.as_str().rsplit('/').next().unwrap_or_default()
}

fn title(chapter: &str) -> String {
    if chapter.is_empty() {
        "(no chapter)".to_owned()
    } else {
        safe(chapter)
    }
}
