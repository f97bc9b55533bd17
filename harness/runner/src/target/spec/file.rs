//! target.toml, and where in it the mistakes are.

mod manners;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use chatspec_judge::ledger::{KnownFailure, Ledger, LedgerError};
use chatspec_judge::ways::UnknownAbility;
use chatspec_notation::ast::{NODES, Transport};
use chatspec_notation::words::UnknownTransport;
use serde::Deserialize;
use toml::Spanned;

use crate::target::dialect::template::TemplateProblem;

use manners::{ConnectionTable, EventsTable};

use super::{CONTAINER_PORT, Launch, Nodes, SpecError, Target, UrlError, endpoint};

/// A mistake in a target.toml, where it is, and the line it is in.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}{}", drawing(.line, place, *.width))]
pub struct FileError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub problem: FileProblem,
    /// The text of the line.
    line: String,
    /// How many characters of it are meant.
    width: usize,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user knows it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// What can be wrong with a target.toml.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// It is no TOML, or not the fields that a target has.
    #[error("{0}")]
    Toml(String),
    /// The target has no name.
    #[error("the target needs a name")]
    NoName,
    /// Nothing says how to start it.
    #[error("[launch] needs `command`, `image` or `url`")]
    NoLaunch,
    /// Somebody else's server is not started as well.
    #[error("[launch] has `url`, so it cannot have `command` or `image`")]
    UrlAndMore,
    /// `#image` was asked for, and there is none.
    #[error("[launch] has no `image`, which `#image` asks for")]
    NoImage,
    /// The command or the image is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// No server listens on port 0.
    #[error("`container-port` should be a number from 1 to 65535")]
    Port,
    /// Nodes are started, so something must say how.
    #[error("`{0}` goes with `command` alone; several URLs are a list, `url = [..]`")]
    NoCommand(&'static str),
    /// A server has a node, and few have many.
    #[error("`nodes` should be a number from 1 to {MOST_NODES}")]
    Nodes,
    /// A list without an address.
    #[error("`url` names none")]
    NoUrls,
    /// The URL cannot be used.
    #[error("`url` is not usable: {0}")]
    Url(UrlError),
    /// A transport that there is not.
    #[error("{0}; {help}", help = .0.help())]
    Transport(UnknownTransport),
    /// A server without any transport cannot be reached.
    #[error("`transports` names none; leave it out if the server has them all")]
    NoTransports,
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A placeholder that cannot be filled in.
    #[error(transparent)]
    Template(#[from] TemplateProblem),
    /// Nothing that a chat can lack.
    #[error(transparent)]
    Ability(UnknownAbility),
    /// A path or a namespace that is none.
    #[error("`{0}` should begin with `/`, and hold nothing but its own parts")]
    Path(&'static str),
    /// A parameter of the query that is Engine.IO's.
    #[error("`{0}` in the query is Engine.IO's own, and cannot be set")]
    Reserved(String),
    /// A header that cannot be.
    #[error("`{0}` is no name of a header")]
    Header(String),
    /// A cookie that cannot be.
    #[error("`{0}` is no name of a cookie")]
    Cookie(String),
    /// A list or a table, where a header has room for a text.
    #[error("this should be a text, a number or a truth value")]
    NoWord,
    /// Authorities that cannot be had.
    #[error("`ca-file` should name a file of certificates in PEM: {0}")]
    Authorities(String),
    /// Nothing that can be emitted or received.
    #[error(
        "`{0}` should be an event: a list with its name in front, `[\"name\", ..]`, or the name alone"
    )]
    Event(&'static str),
    /// An answer that is none.
    #[error(
        "`answer` should be \"ack\", \"none\", \"echo\", an event (`[\"name\", ..]`), or a table of `ack` \
         (a list of its arguments), `event` and `echo`"
    )]
    Answer,
    /// What is not emitted cannot be acked.
    #[error(
        "`emit` is empty, so there is nothing to be acked; `answer` can be \"none\", \"echo\" or an event"
    )]
    AckOfNothing,
    /// What the others hear is told elsewhere.
    #[error(
        "what the others hear of an entering is told in [events.welcome], and of a leaving in [events.bye]"
    )]
    Receive,
    /// A relay without what was said.
    #[error("`receive` says nowhere what was said; put `$text` in its place")]
    NoText,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TargetFile {
    name: Spanned<String>,
    #[serde(default, rename = "summary")]
    _summary: String,
    launch: Spanned<LaunchTable>,
    #[serde(default)]
    capabilities: Vec<String>,
    transports: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    connection: ConnectionTable,
    events: Option<EventsTable>,
    #[serde(default)]
    ignore: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    lacks: Vec<Spanned<String>>,
    #[serde(default)]
    known_failure: Vec<Spanned<KnownFailure>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LaunchTable {
    command: Option<Spanned<String>>,
    setup: Option<String>,
    image: Option<Spanned<String>>,
    container_port: Option<Spanned<i64>>,
    url: Option<Spanned<Urls>>,
    nodes: Option<Spanned<i64>>,
    beside: Option<Spanned<String>>,
}

/// One address, or one for each node.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Urls {
    One(String),
    Each(Vec<String>),
}

/// More nodes than one machine is worth to be judged with are a slip of the pen.
const MOST_NODES: u32 = 16;

/// A problem, and the bytes that it is about.
type Found = (FileProblem, Range<usize>);

/// The target that the file at `path` describes.
pub(super) fn read(path: &Path, argument: &str, container: bool) -> Result<Target, SpecError> {
    let file = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) => return Err(SpecError::Read { file, source }),
    };
    parse(path, &text, argument, container)
        .map_err(|(problem, span)| FileError::new(file, &text, problem, span).into())
}

/// As [`read`], of a text that is no file.
pub(super) fn described(path: &Path, text: &str, container: bool) -> Result<Target, SpecError> {
    let file = path.display().to_string();
    parse(path, text, "", container)
        .map_err(|(problem, span)| FileError::new(file, text, problem, span).into())
}

fn parse(path: &Path, text: &str, argument: &str, container: bool) -> Result<Target, Found> {
    let read: TargetFile = toml::from_str(text).map_err(|error| {
        let problem = FileProblem::Toml(error.message().trim().replace('\n', ", "));
        (problem, error.span().unwrap_or_default())
    })?;
    if read.name.get_ref().trim().is_empty() {
        return Err((FileProblem::NoName, read.name.span()));
    }
    let launch = launch(read.launch, path, container)?;
    let nodes = match &launch {
        Launch::Url(nodes) => nodes.iter().count(),
        Launch::Command { nodes, .. } => *nodes as usize,
        _ => 1,
    };
    let mut capabilities = read.capabilities;
    if nodes > 1 {
        capabilities.push(format!("{NODES} {nodes}"));
    }
    let (manners, implied) = manners::read(
        read.connection,
        read.events,
        read.ignore,
        read.lacks,
        path.parent().unwrap_or(Path::new("")),
    )?;
    for capability in implied {
        if !capabilities.contains(&capability) {
            capabilities.push(capability);
        }
    }
    let transports = transports(read.transports)?;
    let mut entries = Vec::new();
    for entry in read.known_failure {
        // One by one, so that the place is known; together they are checked for nothing more.
        if let Err(error) = Ledger::new(vec![entry.get_ref().clone()]) {
            return Err((error.into(), entry.span()));
        }
        entries.push(entry.into_inner());
    }
    let ledger = Ledger::new(entries).map_err(|error| (error.into(), 0..0))?;
    let mut name = read.name.into_inner();
    if container {
        name.push_str(" (image)");
    }
    Ok(Target {
        name,
        argument: argument.to_owned(),
        launch,
        capabilities,
        transports,
        file: Some(path.to_owned()),
        ledger,
        manners,
    })
}

fn launch(table: Spanned<LaunchTable>, path: &Path, container: bool) -> Result<Launch, Found> {
    let whole = table.span();
    let table = table.into_inner();
    let port = match &table.container_port {
        None => CONTAINER_PORT,
        Some(port) => match u16::try_from(*port.get_ref()) {
            Ok(port) if port > 0 => port,
            _ => return Err((FileProblem::Port, port.span())),
        },
    };
    let nodes = match &table.nodes {
        None => 1,
        Some(nodes) => match u32::try_from(*nodes.get_ref()) {
            Ok(nodes) if (1..=MOST_NODES).contains(&nodes) => nodes,
            _ => return Err((FileProblem::Nodes, nodes.span())),
        },
    };
    if table.command.is_none() {
        let of = |name, span| Err((FileProblem::NoCommand(name), span));
        if let Some(nodes) = &table.nodes {
            return of("nodes", nodes.span());
        }
        if let Some(beside) = &table.beside {
            return of("beside", beside.span());
        }
    }
    match (table.command, table.image, table.url) {
        (Some(_), None, None) | (None, None, Some(_)) if container => {
            Err((FileProblem::NoImage, whole))
        }
        (None, None, Some(url)) => urls(&url).map(Launch::Url),
        (_, _, Some(url)) => Err((FileProblem::UrlAndMore, url.span())),

        (command, Some(image), None) if container || command.is_none() => Ok(Launch::Image {
            image: filled("image", image)?,
            port,
        }),
        (Some(command), _, None) => Ok(Launch::Command {
            command: filled("command", command)?,
            // The folder of a bare file name is the current one, which is none to change to.
            folder: path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .map(Path::to_owned),
            setup: table.setup,
            nodes,
            beside: table
                .beside
                .map(|beside| filled("beside", beside))
                .transpose()?,
        }),
        // An image alone was taken above, so there is none either.
        (None, _, None) => Err((FileProblem::NoLaunch, whole)),
    }
}

fn urls(named: &Spanned<Urls>) -> Result<Nodes, Found> {
    let one =
        |url: &String| endpoint(url).map_err(|problem| (FileProblem::Url(problem), named.span()));
    let each = match named.get_ref() {
        Urls::One(url) => return one(url).map(Nodes::from),
        Urls::Each(urls) => urls.iter().map(one).collect::<Result<Vec<_>, _>>()?,
    };
    let mut each = each.into_iter();
    let first = each.next().ok_or((FileProblem::NoUrls, named.span()))?;
    Ok(Nodes::new(first, each.collect()))
}

fn transports(named: Option<Spanned<Vec<Spanned<String>>>>) -> Result<BTreeSet<Transport>, Found> {
    let Some(named) = named else {
        return Ok(Transport::ALL.iter().copied().collect());
    };
    if named.get_ref().is_empty() {
        return Err((FileProblem::NoTransports, named.span()));
    }
    let read = |word: Spanned<String>| {
        let unknown = |error| (FileProblem::Transport(error), word.span());
        word.get_ref().parse().map_err(unknown)
    };
    named.into_inner().into_iter().map(read).collect()
}

fn filled(field: &'static str, text: Spanned<String>) -> Result<String, Found> {
    if text.get_ref().trim().is_empty() {
        return Err((FileProblem::Empty(field), text.span()));
    }
    Ok(text.into_inner())
}

impl From<FileError> for SpecError {
    fn from(error: FileError) -> Self {
        Self::File(Box::new(error))
    }
}

impl FileError {
    fn new(file: String, text: &str, problem: FileProblem, span: Range<usize>) -> Self {
        // The end of a file that ends in a newline is a place after the last line: what is missing
        // there is told of where it could still be written.
        let start = text.floor_char_boundary(span.start.min(text.trim_end().len()));
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let column = text[line_start..start].chars().count();
        let end = text.floor_char_boundary(span.end.clamp(start, text.len()));
        let meant = text[start..end].lines().next().unwrap_or_default();
        Self {
            place: Place {
                file,
                line: before.matches('\n').count() + 1,
                column: column + 1,
            },
            problem,
            line: line.to_owned(),
            width: meant.chars().count().max(1),
        }
    }
}

/// The line, with what is meant underlined; nothing where it would not fit a terminal.
fn drawing(line: &str, place: &Place, width: usize) -> String {
    const LONGEST: usize = 100;
    if line.trim().is_empty() || line.chars().count() > LONGEST {
        return String::new();
    }
    let visible = |char: char| if char.is_control() { ' ' } else { char };
    let line: String = line.chars().map(visible).collect();
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(place.column - 1);
    let under = "^".repeat(width);
    format!("\n{margin} |\n{number} | {line}\n{margin} | {indent}{under}")
}
