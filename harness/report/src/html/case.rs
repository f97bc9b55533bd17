//! One case in full.

use std::io::{self, Write};

use chatspec_judge::verdict::{CaseReport, Verdict, Violation};

use super::excerpt::{Excerpt, Room};
use super::scenario::Ran;
use super::{anchor, diagram, kind};
use crate::markup::{class, content, lines, safe, short};
use crate::style::Style;
use crate::terminal;
use crate::{text, words};

/// How many violations of one case are told; a server that goes wrong early goes on being wrong.
const TOLD: usize = 5;

/// How many alternatives or items of each side are shown.
const VALUES: usize = 8;

/// How long a value or a line may be.
const LONGEST: usize = 240;

pub(super) fn write(
    ran: Ran<'_>,
    target: &str,
    room: &Room,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let case = ran.case;
    let kind = kind(case);
    write!(
        out,
        "<details class=\"case\" id=\"{}\" data-v=\"{}\" data-t=\"{}\" data-o=\"{}\"><summary>\
         <b class=\"{}\">{}</b> {} on {}",
        anchor(ran.target, &case.case),
        kind.column(),
        ran.target,
        case.case.transport,
        class(kind.ink(style)),
        kind.headline(),
        case.case.transport,
        safe(target)
    )?;
    if let Some(finding) = finding(&case.verdict) {
        write!(out, ": {}", safe(finding))?;
    }
    writeln!(out, "</summary>")?;
    facts(case, out)?;
    let excerpt = room.excerpt(case);
    if !excerpt.lines.is_empty() {
        writeln!(out, "<figure>{}</figure>", diagram::svg(case, &excerpt))?;
        packets(case, &excerpt, out)?;
    }
    writeln!(
        out,
        "<p class=\"again\">Again: <code>{}</code></p>\n</details>",
        content(&case.again)
    )
}

/// What a folded case says of itself.
fn finding(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Pass | Verdict::UnexpectedPass { .. } | Verdict::Skipped { .. } => None,
        Verdict::Inconclusive { cause } => cause.lines().next(),
        broken => broken
            .violations()
            .first()
            .map(|found| found.summary.as_str()),
    }
}

fn facts(case: &CaseReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    let violations = case.verdict.violations();
    for violation in violations.iter().take(TOLD) {
        found(case, violation, out)?;
    }
    if let Some(more @ 1..) = violations.len().checked_sub(TOLD) {
        fact("more", &text::count(more, "further violation"), out)?;
    }
    let is_found = |anomaly: &&String| violations.iter().any(|found| found.summary == **anomaly);
    let anomalies = case.anomalies.iter().filter(|anomaly| !is_found(anomaly));
    for anomaly in anomalies.take(TOLD) {
        fact("anomaly", &safe(anomaly), out)?;
    }
    if let Some(rate) = case.rate {
        fact("rate", &words::rate(rate), out)?;
    }
    excuses(&case.verdict, out)?;
    if !case.proofs.is_empty() {
        let proofs: Vec<&str> = case.proofs.iter().copied().map(words::proof).collect();
        fact(
            "silence",
            &format!("proven by {}", proofs.join("; by ")),
            out,
        )?;
    }
    if !matches!(case.verdict, Verdict::Skipped { .. }) {
        let lag = text::micros(case.harness_lag_us);
        let took = text::duration(case.duration_ms);
        fact(
            "took",
            &format!("{took}; the harness was {lag} late, in all"),
            out,
        )?;
    }
    writeln!(out, "</dl>")
}

fn found(case: &CaseReport, violation: &Violation, out: &mut dyn Write) -> io::Result<()> {
    let level = if violation.level == case.level {
        String::new()
    } else {
        format!(" (a {}, as the line says)", words::level(violation.level))
    };
    let rule = words::rule(violation.rule);
    let summary = safe(&violation.summary);
    fact(
        "found",
        &format!("{summary} <span class=\"dim\">{rule}</span>{level}"),
        out,
    )?;
    if let Some(line) = &violation.line {
        let place = content(&format!("{}:{}:{}", line.file, line.line, line.column));
        let text = short(&line.text, LONGEST);
        fact("at", &format!("{place} <code>{text}</code>"), out)?;
    }
    if !violation.expected.is_empty() || !violation.actual.is_empty() {
        fact(
            "expected",
            &values(&violation.expected, "nothing more"),
            out,
        )?;
        fact("actual", &values(&violation.actual, "nothing"), out)?;
    }
    for note in &violation.notes {
        if note.contains('\n') {
            fact("note", &format!("<pre>{}</pre>", lines(note)), out)?;
        } else {
            fact("note", &safe(note), out)?;
        }
    }
    Ok(())
}

fn values(values: &[String], none: &str) -> String {
    if values.is_empty() {
        return format!("<span class=\"dim\">{none}</span>");
    }
    let shown = values.iter().take(VALUES);
    let shown = shown.map(|value| format!("<code>{}</code>", short(value, LONGEST)));
    let mut shown: Vec<String> = shown.collect();
    if let Some(more @ 1..) = values.len().checked_sub(VALUES) {
        shown.push(format!("{more} more"));
    }
    shown.join("<br>")
}

fn excuses(verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    match verdict {
        Verdict::Skipped { missing } => fact("lacks", &safe(&text::listed(missing)), out),
        Verdict::KnownFailure {
            pattern,
            reason,
            link,
            ..
        } => {
            ledger(pattern, reason, out)?;
            match link.as_deref() {
                Some(link) if link.starts_with("https://") || link.starts_with("http://") => {
                    let link = safe(link);
                    fact(
                        "link",
                        &format!("<a href=\"{link}\" rel=\"noreferrer\">{link}</a>"),
                        out,
                    )
                }
                Some(link) => fact("link", &safe(link), out),
                None => Ok(()),
            }
        }
        Verdict::UnexpectedPass { pattern, reason } => {
            ledger(pattern, reason, out)?;
            fact("mend", &safe(&terminal::mend(pattern)), out)
        }
        Verdict::Inconclusive { cause } => {
            fact("cause", &format!("<pre>{}</pre>", lines(cause)), out)
        }
        Verdict::Pass | Verdict::Fail { .. } | Verdict::Warning { .. } | Verdict::Info { .. } => {
            Ok(())
        }
    }
}

fn ledger(pattern: &str, reason: &str, out: &mut dyn Write) -> io::Result<()> {
    let (pattern, reason) = (content(pattern), safe(reason));
    fact("ledger", &format!("<code>{pattern}</code>: {reason}"), out)
}

/// `words` is markup already.
fn fact(name: &str, words: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dt>{name}</dt><dd>{words}</dd>")
}

/// Decoded lines beside the packets that they were.
fn packets(case: &CaseReport, excerpt: &Excerpt<'_>, out: &mut dyn Write) -> io::Result<()> {
    // End tags that a browser adds by itself are left out: there may be a hundred thousand rows.
    writeln!(
        out,
        "<details class=\"text\"><summary>Line by line, with the packets</summary>\n<table class=\"lines\">\
         <thead><tr><th scope=\"col\">ms<th scope=\"col\">what happened<th scope=\"col\">packets</thead><tbody>"
    )?;
    let mut at = 0;
    for line in &excerpt.lines {
        left_out(line.index - at, out)?;
        at = line.index + 1;
        let row = if line.marked {
            "<tr class=\"m\">"
        } else {
            "<tr>"
        };
        let mark = if line.marked { "&gt; " } else { "" };
        let stamp = line.said.stamp.trim_end_matches("ms");
        let words = short(line.said.words, excerpt.longest);
        write!(out, "{row}<td>{mark}{stamp}<td>")?;
        if line.said.comment {
            write!(out, "<i>{words}</i>")?;
        } else {
            write!(out, "{words}")?;
        }
        write!(out, "<td>")?;
        let packets = line.wire.map_or(&[][..], |wire| &wire.packets);
        for (index, packet) in packets.iter().enumerate() {
            let br = if index > 0 { "<br>" } else { "" };
            write!(out, "{br}{}", short(packet, excerpt.longest))?;
        }
        writeln!(out)?;
    }
    left_out(case.transcript.len() - at, out)?;
    writeln!(out, "</table></details>")
}

fn left_out(number: usize, out: &mut dyn Write) -> io::Result<()> {
    if number == 0 {
        return Ok(());
    }
    let lines = text::count(number, "line");
    writeln!(out, "<tr class=\"dim\"><td><td>… {lines} left out<td>")
}
