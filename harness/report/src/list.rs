//! What `chatspec list` says: the scenarios there are, by chapter.

use std::io::{self, Write};

use chatspec_judge::ids::ScenarioId;
use chatspec_judge::verdict::Level;
use chatspec_notation::ast::Transport;
use serde::Serialize;

use crate::page::Page;
use crate::style::{Ink, Style};
use crate::{json, text, words};

/// A scenario, as far as a list tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Listed {
    /// Its id.
    pub id: ScenarioId,
    /// The sentence that says why it exists.
    pub reason: String,
    /// How binding it is.
    pub level: Level,
    /// The transports it runs on, by name.
    pub transports: Vec<String>,
    /// The capabilities it needs.
    pub needs: Vec<String>,
    /// The clauses it checks, by id.
    pub clauses: Vec<String>,
    /// The mutants it catches, by name.
    pub catches: Vec<String>,
}

/// Writes the list for people: a line with the id and how it is run, and the reason below.
pub fn write(scenarios: &[Listed], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let mut open: Option<&str> = None;
    for scenario in scenarios {
        let chapter = scenario.id.chapter();
        if open != Some(chapter) {
            if open.is_some() {
                page.blank()?;
            }
            open = Some(chapter);
            let inside = scenarios
                .iter()
                .filter(|other| other.id.chapter() == chapter)
                .count();
            let title = if chapter.is_empty() {
                "(no chapter)"
            } else {
                chapter
            };
            let title = page.paint(Ink::Strong, &text::escape(title));
            let number = page.paint(Ink::Dim, &format!(", {}", text::count(inside, "scenario")));
            page.line(&format!("{title}{number}"))?;
        }
        let facts = page.paint(Ink::Dim, &facts(scenario));
        page.line(&format!(
            "  {}  {facts}",
            text::escape(scenario.id.as_str())
        ))?;
        page.words(6, Ink::Plain, &scenario.reason)?;
    }
    if !scenarios.is_empty() {
        page.blank()?;
    }
    let cases = scenarios
        .iter()
        .map(|scenario| scenario.transports.len())
        .sum();
    let number = text::count(scenarios.len(), "scenario");
    page.line(&format!("{number}, {}", text::count(cases, "case")))
}

/// Writes the list as JSON, indented, with a newline at the end.
pub fn write_json(scenarios: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    json::pretty(&scenarios, out)
}

/// `must`, and what is out of the ordinary: fewer transports, needs.
fn facts(scenario: &Listed) -> String {
    let mut facts = vec![words::level(scenario.level).to_owned()];
    let everywhere = Transport::ALL.iter().all(|transport| {
        scenario
            .transports
            .iter()
            .any(|name| name == transport.word())
    });
    if !everywhere {
        facts.push(format!("over {} only", text::listed(&scenario.transports)));
    }
    if !scenario.needs.is_empty() {
        facts.push(format!("needs {}", text::listed(&scenario.needs)));
    }
    facts.join(", ")
}
