//! A scenario: why it is there, what it says, and its cases on all targets.

use std::io::{self, Write};

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::verdict::{CaseReport, RunReport};

use super::excerpt::Room;
use super::{asks_for_attention, case, plain};
use crate::markup::{class, content, lines, safe};
use crate::snippet;
use crate::style::Style;
use crate::tally::Tally;
use crate::words;

/// A case on a target, by the target's place in the report.
#[derive(Clone, Copy)]
pub(super) struct Ran<'a> {
    pub(super) target: usize,
    pub(super) case: &'a CaseReport,
}

pub(super) fn write(
    id: &ScenarioId,
    ran: &[Ran<'_>],
    report: &RunReport,
    room: &Room,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(Ran { case: first, .. }) = ran.first() else {
        return Ok(());
    };
    let open = if ran.iter().any(|ran| asks_for_attention(ran.case)) {
        " open"
    } else {
        ""
    };
    let level = words::level(first.level);
    write!(
        out,
        "<details class=\"scenario\" id=\"{}\" data-l=\"{level}\"{open}><summary><h4>{}</h4> \
         <span class=\"dim\">{level}</span>",
        plain(id.as_str()),
        content(id.as_str())
    )?;
    let tally = Tally::of(ran.iter().map(|ran| ran.case));
    for (kind, number) in tally.kinds() {
        let ink = class(kind.ink(style));
        write!(
            out,
            " <span class=\"{ink}\">{}</span>",
            kind.counted(number)
        )?;
    }
    writeln!(out, "</summary>\n<p>{}</p>", safe(&first.reason))?;
    if !first.clauses.is_empty() {
        writeln!(out, "<dl>")?;
        for clause in &first.clauses {
            writeln!(
                out,
                "<dt><a href=\"#clause:{}\">{}</a></dt><dd>{}</dd>",
                plain(&clause.id),
                content(&clause.id),
                safe(&clause.sentence)
            )?;
        }
        writeln!(out, "</dl>")?;
    }
    if let Some(note) = report.scenarios.get(id) {
        writeln!(
            out,
            "<details class=\"text\"><summary>The scenario <code>{}</code></summary>\n<pre>{}</pre>\n</details>",
            content(&note.file),
            lines(&note.text)
        )?;
        if let Ok(scenario) = chatspec_notation::parse(&note.file, &note.text) {
            writeln!(
                out,
                "<details class=\"text\"><summary>The same in plain JavaScript, on socket.io-client</summary>\n\
                 <pre>{}</pre>\n</details>",
                lines(&snippet::javascript(id.as_str(), &scenario))
            )?;
        }
    }
    for ran in ran {
        let target = report.targets.get(ran.target);
        let target = target.map_or("", |target| target.name.as_str());
        case::write(*ran, target, room, style, out)?;
    }
    writeln!(out, "</details>")
}
