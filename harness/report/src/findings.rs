//! What `chatspec findings` says: a page in Markdown of what was found on several servers, which is committed
//! and checked. It has nothing that differs from run to run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use chatspec_judge::verdict::{CaseReport, TargetReport, Verdict};

use crate::text;

/// A server, and what a run found on it.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is, as `chatspec run --target` takes it.
    pub argument: String,
    /// The packages that it is made of, each with its version, in the order in which they are to be named.
    pub made_of: Vec<(String, String)>,
    /// What was found.
    pub found: TargetReport,
}

/// A client, and what runs with it found on several servers.
#[derive(Clone, Debug)]
pub struct Client {
    /// What it is called.
    pub name: String,
    /// The packages that it is made of.
    pub made_of: Vec<(String, String)>,
    /// What it is known to get wrong: a pattern over cases, and the reason.
    pub known: Vec<(String, String)>,
    /// What was found on each server, in the order of the servers, without the cases that a ledger is about:
    /// whether those fail may be a matter of luck. The server's name, and its cases.
    pub found: Vec<(String, Vec<CaseReport>)>,
}

/// Writes the page about clients.
///
/// # Errors
///
/// That `out` cannot be written to.
pub fn write_clients(clients: &[Client], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Findings on clients\n")?;
    writeln!(
        out,
        "The scenarios of the suite, played by clients of others on the servers of `ci/servers`. Written by\n\
         `chatspec findings --client`. A cell tells how many cases hold, and of how many where some do not.\n\
         Cases that a client cannot play are not counted, and neither are those of which a ledger says that\n\
         the client or the server fails them.\n"
    )?;
    writeln!(out, "## Servers and clients\n")?;
    row(
        "server",
        clients.iter().map(|client| code(&client.name)),
        out,
    )?;
    row("---", clients.iter().map(|_| "---:".to_owned()), out)?;
    let servers = clients.first().map_or(&[][..], |client| &client.found);
    for (index, (server, _)) in servers.iter().enumerate() {
        let cells = clients.iter().map(|client| {
            let mut count = Held::default();
            for case in client.found.get(index).iter().flat_map(|(_, cases)| cases) {
                if !matches!(case.verdict, Verdict::Skipped { .. }) {
                    count.applied += 1;
                    count.held += usize::from(holds(&case.verdict));
                }
            }
            cell(count)
        });
        row(&code(server), cells, out)?;
    }
    writeln!(out, "\n## What clients get wrong")?;
    for client in clients {
        writeln!(out, "\n### {}\n", text::escape(&client.name))?;
        let mut told: BTreeMap<Deviation<'_>, BTreeSet<&str>> = BTreeMap::new();
        for (pattern, reason) in &client.known {
            let link = None;
            told.entry(Deviation::Known { reason, link })
                .or_default()
                .insert(pattern);
        }
        for case in client.found.iter().flat_map(|(_, cases)| cases) {
            if let Some(deviation) = Deviation::of(case) {
                told.entry(deviation)
                    .or_default()
                    .insert(case.case.scenario.as_str());
            }
        }
        if told.is_empty() {
            writeln!(out, "Nothing that a scenario shows.")?;
        }
        for (deviation, scenarios) in told {
            deviation.write(&scenarios, out)?;
        }
    }
    writeln!(out, "\n## Versions\n")?;
    row("client", ["made of".to_owned()].into_iter(), out)?;
    row("---", ["---".to_owned()].into_iter(), out)?;
    for client in clients {
        row(
            &code(&client.name),
            [packages(&client.made_of)].into_iter(),
            out,
        )?;
    }
    Ok(())
}

/// Writes the page.
///
/// # Errors
///
/// That `out` cannot be written to.
pub fn write(servers: &[Server], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Findings\n")?;
    writeln!(
        out,
        "What the suite finds on the servers of this folder. Written by `chatspec findings`; what is behind\n\
         it is told in [README.md](README.md).\n"
    )?;
    chapters(servers, out)?;
    deviations(servers, out)?;
    versions(servers, out)?;
    commands(servers, out)
}

/// How many cases of a chapter hold, and of how many.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    held: usize,
    applied: usize,
}

fn chapters(servers: &[Server], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Servers and chapters\n")?;
    writeln!(
        out,
        "How many cases hold: `21` is all of 21, `18/21` is 18 of 21. A case is a scenario on one transport.\n\
         What a server does otherwise where the contract leaves it the choice is held. A `-` stands for a\n\
         chapter in which every case needs what the server does not have; the last column counts those cases.\n"
    )?;
    let judged: Vec<_> = servers
        .iter()
        .map(|server| &server.found)
        .filter(|found| found.unavailable.is_none())
        .collect();
    let cases = judged.iter().flat_map(|found| &found.cases);
    let names: BTreeSet<_> = cases.map(|case| case.case.scenario.chapter()).collect();
    let heads = names
        .iter()
        .map(|name| text::escape(short(name)).into_owned());
    row(
        "server",
        heads.chain(["all".to_owned(), "skipped".to_owned()]),
        out,
    )?;
    row(
        "---",
        std::iter::repeat_n("---:".to_owned(), names.len() + 2),
        out,
    )?;
    for found in judged {
        let mut held: BTreeMap<&str, Held> = BTreeMap::new();
        let (mut all, mut skipped) = (Held::default(), 0);
        for case in &found.cases {
            if matches!(case.verdict, Verdict::Skipped { .. }) {
                skipped += 1;
                continue;
            }
            let chapter = held.entry(case.case.scenario.chapter()).or_default();
            let holds = usize::from(holds(&case.verdict));
            for count in [chapter, &mut all] {
                count.applied += 1;
                count.held += holds;
            }
        }
        let cells = names
            .iter()
            .map(|name| cell(held.get(name).copied().unwrap_or_default()));
        let cells = cells.chain([cell(all), skipped.to_string()]);
        row(&code(&found.name), cells, out)?;
    }
    Ok(())
}

/// A chapter without the folder that most of them are in.
fn short(chapter: &str) -> &str {
    chapter.strip_prefix("chat/").unwrap_or(chapter)
}

fn cell(Held { held, applied }: Held) -> String {
    match applied {
        0 => "-".to_owned(),
        _ if held == applied => text::digits(held),
        _ => format!("{}/{}", text::digits(held), text::digits(applied)),
    }
}

const fn holds(verdict: &Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Pass | Verdict::Info { .. } | Verdict::UnexpectedPass { .. }
    )
}

fn deviations(servers: &[Server], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## What does not hold")?;
    let mut clean = Vec::new();
    for Server { found, .. } in servers {
        let mut told: BTreeMap<Deviation<'_>, BTreeSet<&str>> = BTreeMap::new();
        for case in &found.cases {
            if let Some(deviation) = Deviation::of(case) {
                let scenarios = told.entry(deviation).or_default();
                scenarios.insert(case.case.scenario.as_str());
            }
        }
        if let Some(why) = &found.unavailable {
            writeln!(out, "\n### {}\n", text::escape(&found.name))?;
            writeln!(
                out,
                "Cannot be judged: {}.",
                markdown(&crate::redact::text(why))
            )?;
        } else if told.is_empty() {
            clean.push(code(&found.name));
        } else {
            writeln!(out, "\n### {}\n", text::escape(&found.name))?;
            for (deviation, scenarios) in told {
                deviation.write(&scenarios, out)?;
            }
        }
    }
    if clean.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNothing was found on {}.", clean.join(", "))
}

/// What a server does otherwise than the contract says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deviation<'a> {
    /// As its ledger has it.
    Known {
        reason: &'a str,
        link: Option<&'a str>,
    },
    /// Nobody has said yet why: what should have held.
    New { reason: &'a str },
    /// Nothing can be said.
    Open,
}

impl<'a> Deviation<'a> {
    fn of(case: &'a CaseReport) -> Option<Self> {
        match &case.verdict {
            Verdict::KnownFailure { reason, link, .. } => Some(Self::Known {
                reason,
                link: link.as_deref(),
            }),
            Verdict::Fail { .. } | Verdict::Warning { .. } => Some(Self::New {
                reason: &case.reason,
            }),
            Verdict::Inconclusive { .. } => Some(Self::Open),
            _ => None,
        }
    }

    fn write(self, scenarios: &BTreeSet<&str>, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Known { reason, link } => {
                write!(out, "- {}", markdown(reason))?;
                if let Some(link) = link {
                    write!(out, " ([told there](<{}>))", text::escape(link))?;
                }
            }
            Self::New { reason } => write!(
                out,
                "- not yet explained, and does not hold: {}",
                markdown(reason.trim_end_matches('.'))
            )?,
            Self::Open => write!(out, "- could not be judged")?,
        }
        let scenarios: Vec<_> = scenarios.iter().map(|scenario| code(scenario)).collect();
        writeln!(out, ": {}", scenarios.join(", "))
    }
}

/// How each is judged, from nothing.
fn commands(servers: &[Server], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## One command each\n")?;
    writeln!(
        out,
        "From a fresh checkout to a verdict; `--setup` puts the server's packages in place.\n"
    )?;
    writeln!(out, "```sh")?;
    for server in servers {
        writeln!(out, "chatspec run --setup --target {}", server.argument)?;
    }
    writeln!(out, "```")
}

fn versions(servers: &[Server], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Versions\n")?;
    row("server", ["made of".to_owned()].into_iter(), out)?;
    row("---", ["---".to_owned()].into_iter(), out)?;
    for server in servers {
        let packages = packages(&server.made_of);
        row(&code(&server.found.name), [packages].into_iter(), out)?;
    }
    Ok(())
}

fn packages(made_of: &[(String, String)]) -> String {
    let packages: Vec<_> = made_of
        .iter()
        .map(|(name, version)| format!("{} {}", text::escape(name), text::escape(version)))
        .collect();
    match packages.len() {
        0 => "this repository".to_owned(),
        _ => packages.join(", "),
    }
}

fn row(first: &str, cells: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<_> = std::iter::once(first.to_owned()).chain(cells).collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

fn code(text: &str) -> String {
    format!("`{}`", text::escape(text))
}

/// A sentence somebody else wrote, without what Markdown would read as a tag or a column.
fn markdown(text: &str) -> String {
    text::escape(text).replace('<', "\\<").replace('|', "\\|")
}
