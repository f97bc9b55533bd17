//! A run as one HTML file that needs nothing else, and opens from disk: which target does what, and
//! every case that is no plain pass in full.
//!
//! It can be read without its script, which only filters, searches and unfolds. Whatever a server
//! sent is text in it and nothing else.
//!
//! # Layout
//! - here: the page from top to bottom; `page.css`, `page.js`.
//! - `matrix`: targets by chapters; `scenario`: a scenario and its cases on all targets.
//! - `case`: one case in full; `diagram`: its sequence as a picture; `excerpt`: which of its lines.
//! - `clauses`: the rules that were checked, with links to where they come from.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chatspec_judge::changes::Changes;
use chatspec_judge::ids::{CaseId, ScenarioId};
use chatspec_judge::verdict::{CaseReport, Outcome, RunReport, TargetReport, Verdict};

use crate::markup::{self, class, safe};
use crate::style::{Ink, Style};
use crate::tally::{Kind, Tally};
use crate::{changes, terminal, text, words};

mod case;
mod clauses;
mod diagram;
mod excerpt;
mod matrix;
mod scenario;

use scenario::Ran;

/// Writes the page, with what has changed since an earlier run; under `strict`, a broken `should` fails
/// the run.
pub fn write(
    report: &RunReport,
    changed: Option<&Changes>,
    strict: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = Style {
        strict,
        ..Style::plain(0)
    };
    let scenarios = by_scenario(report);
    let shown = excerpt::Room::new(report);
    let script = include_str!("page.js");
    let names: Vec<&str> = (report.targets.iter())
        .map(|target| target.name.as_str())
        .collect();
    let title = safe(&format!("chatspec run: {}", names.join(", ")));
    markup::head(&title, include_str!("page.css"), Some(script), out)?;
    writeln!(
        out,
        "<body>\n<a class=\"skip\" href=\"#cases\">to the cases</a>\n<main>\n<h1>chatspec run</h1>"
    )?;
    verdict(report, strict, out)?;
    if let Some(changed) = changed {
        changes::html(changed, out)?;
    }
    targets(report, style, out)?;
    matrix::chapters(report, style, out)?;
    filter(report, out)?;
    writeln!(out, "<div id=\"cases\">")?;
    let mut chapter = None;
    for (id, ran) in &scenarios {
        if chapter != Some(id.chapter()) {
            if chapter.is_some() {
                writeln!(out, "</section>")?;
            }
            chapter = Some(id.chapter());
            let of_chapter = scenarios.iter();
            let of_chapter = of_chapter.filter(|(other, _)| other.chapter() == id.chapter());
            matrix::chapter(id.chapter(), of_chapter, report, style, out)?;
        }
        scenario::write(id, ran, report, &shown, style, out)?;
    }
    if chapter.is_some() {
        writeln!(out, "</section>")?;
    }
    writeln!(out, "</div>")?;
    clauses::write(&scenarios, out)?;
    legend(out)?;
    writeln!(out, "</main>\n<script>{script}</script>\n</body>\n</html>")
}

/// What was run of each scenario, in the order of their ids.
fn by_scenario(report: &RunReport) -> BTreeMap<&ScenarioId, Vec<Ran<'_>>> {
    let mut scenarios: BTreeMap<&ScenarioId, Vec<Ran<'_>>> = BTreeMap::new();
    for (target, of_target) in report.targets.iter().enumerate() {
        for case in &of_target.cases {
            let ran = Ran { target, case };
            scenarios.entry(&case.case.scenario).or_default().push(ran);
        }
    }
    scenarios
}

/// The sentence that says it all, and under which circumstances.
fn verdict(report: &RunReport, strict: bool, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome(strict);
    let ink = ink_of(outcome);
    let sentence = terminal::sentence(report, strict);
    writeln!(
        out,
        "<p class=\"verdict {}\">{} (exit code {})</p>",
        class(ink),
        safe(&sentence),
        outcome.code()
    )?;
    let cases = report.targets.iter().flat_map(|target| &target.cases);
    writeln!(
        out,
        "<p>{}</p>\n<p class=\"dim\">seed {}, {}, chatspec {}{}</p>",
        Tally::of(cases).sentence(Style::plain(0)),
        report.seed,
        text::duration(report.duration_ms),
        safe(&report.version),
        if strict { ", strict" } else { "" },
    )
}

const fn ink_of(outcome: Outcome) -> Ink {
    match outcome {
        Outcome::Conformant => Ink::Good,
        Outcome::NotConformant => Ink::Bad,
        Outcome::Inconclusive | Outcome::NothingRun => Ink::Open,
    }
}

/// What was measured of each target, and what is wrong with its ledger.
fn targets(report: &RunReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if report.targets.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section>\n<h2>Targets</h2>\n<div class=\"wide\" role=\"region\" aria-label=\"Targets\" \
         tabindex=\"0\"><table>\n<thead><tr><th scope=\"col\">target</th><th scope=\"col\">outcome</th>\
         <th scope=\"col\">round trip</th><th scope=\"col\">at worst</th><th scope=\"col\">one client's \
         events</th><th scope=\"col\">order of messages</th></tr></thead>\n<tbody>"
    )?;
    for target in &report.targets {
        target_row(target, style, out)?;
    }
    writeln!(out, "</tbody></table></div>")?;
    for target in &report.targets {
        if let Some(reason) = &target.unavailable {
            writeln!(
                out,
                "<p class=\"open\">{} could not be judged:</p>\n<pre>{}</pre>",
                safe(&target.name),
                markup::lines(reason)
            )?;
        }
        if !target.ledger_problems.is_empty() {
            writeln!(
                out,
                "<h3>The ledger of {} is out of date</h3>\n<ul>",
                safe(&target.name)
            )?;
            for problem in &target.ledger_problems {
                writeln!(
                    out,
                    "<li><code>{}</code>: {}. To mend it, {}.</li>",
                    safe(&problem.pattern),
                    safe(&problem.problem),
                    safe(&problem.mend)
                )?;
            }
            writeln!(out, "</ul>")?;
        }
    }
    writeln!(out, "</section>")
}

fn target_row(target: &TargetReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let outcome = target.outcome(style.strict);
    write!(
        out,
        "<tr><th scope=\"row\">{}</th><td class=\"{}\">{}</td>",
        safe(&target.name),
        class(ink_of(outcome)),
        words::outcome(outcome)
    )?;
    match &target.calibration {
        None => write!(
            out,
            "<td class=\"dim\">-</td><td class=\"dim\">-</td><td class=\"dim\">-</td>"
        )?,
        Some(measured) => {
            let handled = if measured.concurrent {
                "concurrently"
            } else {
                "in order"
            };
            write!(
                out,
                "<td>{}</td><td>{}</td><td>{handled}</td>",
                text::micros(measured.round_trip_us),
                text::micros(measured.worst_round_trip_us)
            )?;
        }
    }
    match target.guarantee() {
        Some((guarantee, _)) => writeln!(out, "<td>{}</td></tr>", words::guarantee(guarantee)),
        None => writeln!(out, "<td class=\"dim\">-</td></tr>"),
    }
}

/// What to show; it appears when the script runs, and does nothing without.
fn filter(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let tally = Tally::of(report.targets.iter().flat_map(|target| &target.cases));
    writeln!(
        out,
        "<h2>Cases</h2>\n<form id=\"filter\" role=\"search\" aria-label=\"Cases\" hidden>\n\
         <p><label>Search <input id=\"search\" type=\"search\" autocomplete=\"off\" \
         placeholder=\"id, clause, finding, packet\"></label>"
    )?;
    if report.targets.len() > 1 {
        write!(
            out,
            "<label>Target <select id=\"target\"><option value=\"\">all</option>"
        )?;
        for (index, target) in report.targets.iter().enumerate() {
            write!(
                out,
                "<option value=\"{index}\">{}</option>",
                safe(&target.name)
            )?;
        }
        writeln!(out, "</select></label>")?;
    }
    write!(
        out,
        "<label>Level <select id=\"level\"><option value=\"\">all</option><option>must</option>\
         <option>should</option><option>may</option></select></label>\n\
         <label>Transport <select id=\"transport\"><option value=\"\">all</option>\
         <option>websocket</option><option>polling</option><option>upgrade</option></select></label></p>\n\
         <fieldset><legend>Verdict</legend>"
    )?;
    for (kind, number) in tally.kinds() {
        let word = kind.column();
        write!(
            out,
            "<label><input type=\"checkbox\" name=\"verdict\" value=\"{word}\" checked> {} \
             <span class=\"dim\">{}</span></label> ",
            kind.headline().to_lowercase(),
            text::digits(number)
        )?;
    }
    writeln!(
        out,
        "</fieldset>\n<p><button type=\"button\" id=\"unfold\">Unfold what is shown</button> \
         <button type=\"button\" id=\"fold\">Fold all</button> <output id=\"count\"></output></p>\n</form>"
    )
}

/// What the words and pictures mean.
fn legend(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section>\n<h2>How to read this</h2>\n<dl>\n\
         <dt>must, should, may</dt><dd>How binding a case is: a broken must fails the run, a broken should is a \
         warning (a failure under --strict), a may that is not met is information.</dd>\n\
         <dt>silence</dt><dd>How it was proven that nothing more came. Flush and fence: every client that had acted \
         sent a message to a room where nobody is, and had its ack; then every observer's connection answered a \
         CONNECT to a namespace that cannot exist, so that whatever was written to it before had arrived.</dd>\n\
         <dt>pictures</dt><dd>Time goes down. Clients are on the left, the server is on the right; dashed lines are \
         the harness's own, for its proofs. Lines marked with &gt; show what was broken.</dd>\n\
         <dt>packets</dt><dd>The Engine.IO packets as they were on the wire, except where another client library \
         (--client) sent or got them: what it says is encoded again. Handshakes, heartbeats and fences are not \
         recorded.</dd>\n</dl>\n</section>"
    )
}

/// The name of a case's place on the page.
fn anchor(target: usize, case: &CaseId) -> String {
    format!("{}:{}", target + 1, plain(&case.to_string()))
}

/// Letters of an id and no others: an address has it.
fn plain(id: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_./@".contains(char);
    id.chars()
        .map(|char| if is_plain(char) { char } else { '_' })
        .collect()
}

/// Whether somebody should look at a case.
fn asks_for_attention(case: &CaseReport) -> bool {
    !matches!(
        case.verdict,
        Verdict::Pass
            | Verdict::Skipped { .. }
            | Verdict::KnownFailure { .. }
            | Verdict::Info { .. }
    )
}

fn kind(case: &CaseReport) -> Kind {
    Kind::of(&case.verdict)
}
