//! How a target is spoken to: `[connection]`, `[events.*]`, `ignore` and `lacks`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chatspec_judge::notices::{BYE, LEAVE_ROOM, ROOM_CHANGE};
use chatspec_judge::ways::Ability;
use http::HeaderName;
use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::target::connection::{Connection, RESERVED};
use crate::target::dialect::template::{Slot, Template, TemplateProblem, Words, only};
use crate::target::dialect::{Asks, Dialect, Event, Ignored, Request, Tells};
use crate::target::{Manners, tls};

use super::{FileProblem, Found};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct ConnectionTable {
    path: Option<Spanned<String>>,
    namespace: Option<Spanned<String>>,
    query: BTreeMap<Spanned<String>, Spanned<Value>>,
    headers: BTreeMap<Spanned<String>, Spanned<Value>>,
    cookies: BTreeMap<Spanned<String>, Spanned<Value>>,
    auth: Option<Spanned<Value>>,
    tls: bool,
    ca_file: Option<Spanned<String>>,
}

/// The seed's names are the keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EventsTable {
    enter_room: Option<RequestTable>,
    new_message: Option<RequestTable>,
    leave_room: Option<RequestTable>,
    welcome: Option<ToldTable>,
    bye: Option<ToldTable>,
    room_change: Option<ToldTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RequestTable {
    emit: Option<Spanned<Value>>,
    answer: Option<Spanned<Value>>,
    echo: bool,
    receive: Option<Spanned<Value>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldTable {
    receive: Spanned<Value>,
}

/// What the tables come to, and the capabilities that they imply.
pub(super) fn read(
    connection: ConnectionTable,
    events: Option<EventsTable>,
    ignore: Vec<Spanned<Value>>,
    lacks: Vec<Spanned<String>>,
    folder: &Path,
) -> Result<(Manners, Vec<String>), Found> {
    let connection = read_connection(connection, folder)?;
    let lacks: BTreeSet<Ability> = lacks
        .into_iter()
        .map(|word| {
            let unknown = |error| (FileProblem::Ability(error), word.span());
            word.get_ref().parse().map_err(unknown)
        })
        .collect::<Result<_, _>>()?;
    let mut implied = Vec::new();
    let mut dialect = Dialect::default();
    if let Some(events) = events {
        for (capability, is_there) in [
            (LEAVE_ROOM, events.leave_room.is_some()),
            (BYE, events.bye.is_some()),
            (ROOM_CHANGE, events.room_change.is_some()),
        ] {
            implied.extend(is_there.then(|| capability.to_owned()));
        }
        read_events(events, &mut dialect)?;
    }
    for value in ignore {
        let ignored = match value.get_ref() {
            Value::String(name) => Ignored::Named(name.clone()),
            _ => Ignored::Like(event("ignore", &value, &[], HEARD)?),
        };
        dialect.ignore.push(ignored);
    }
    // Who does not keep a nickname as it is seldom keeps its capitals.
    dialect.folds_names = lacks.contains(&Ability::AnyNickname);
    let ways = dialect.ways(&connection, lacks);
    let is_seeds = dialect == Dialect::default();
    let manners = Manners {
        connection: Arc::new(connection),
        dialect: (!is_seeds).then(|| Arc::new(dialect)),
        ways,
    };
    Ok((manners, implied))
}

/// What may stand in an event that arrives unasked.
const HEARD: &[Slot] = &[Slot::Nickname, Slot::Room, Slot::Text, Slot::Any];

fn read_events(events: EventsTable, dialect: &mut Dialect) -> Result<(), Found> {
    for (asks, table) in [
        (Asks::Enter, events.enter_room),
        (Asks::Say, events.new_message),
        (Asks::Leave, events.leave_room),
    ] {
        if let Some(table) = table {
            if let Some(receive) = &table.receive {
                if asks != Asks::Say {
                    return Err((FileProblem::Receive, receive.span()));
                }
                dialect.told.insert(Tells::Message, message(receive)?);
            }
            let request = request(asks, &table)?;
            dialect.requests.insert(asks, request);
        }
    }
    for (tells, table, slots) in [
        (Tells::Welcome, events.welcome, &[Slot::Nickname][..]),
        (Tells::Bye, events.bye, &[Slot::Nickname]),
        (Tells::RoomChange, events.room_change, &[Slot::Rooms]),
    ] {
        if let Some(table) = table {
            let allowed: Vec<_> = HEARD.iter().chain(slots).copied().collect();
            let told = event("receive", &table.receive, slots, &allowed)?;
            dialect.told.insert(tells, told);
        }
    }
    Ok(())
}

/// A relay must say what was said.
fn message(value: &Spanned<Value>) -> Result<Event, Found> {
    let mut event = event("receive", value, &[], HEARD)?;
    if value.get_ref().is_str() {
        event.args = vec![Template::Words(Words::message())];
    }
    if event.slots().contains(&Slot::Text) {
        Ok(event)
    } else {
        Err((FileProblem::NoText, value.span()))
    }
}

fn request(asks: Asks, table: &RequestTable) -> Result<Request, Found> {
    let known: Vec<_> = asks
        .arguments()
        .iter()
        .chain(&[Slot::Nickname, Slot::Id])
        .copied()
        .collect();
    let heard: Vec<_> = known.iter().chain(&[Slot::Any]).copied().collect();
    let emit = match &table.emit {
        None => vec![Event::of(asks.name(), asks.arguments())],
        Some(value) => match value.get_ref() {
            // To connect is all that there is to it.
            Value::Array(items) if items.is_empty() => Vec::new(),
            Value::Array(items) if items.iter().all(Value::is_array) => items
                .iter()
                .map(|item| {
                    let item = Spanned::new(value.span(), item.clone());
                    event("emit", &item, asks.arguments(), &known)
                })
                .collect::<Result<_, _>>()?,
            _ => vec![event("emit", value, asks.arguments(), &known)?],
        },
    };
    let mut request = Request {
        emit,
        ack: None,
        event: None,
        echo: table.echo,
    };
    let Some(answer) = &table.answer else {
        request.ack = Some((Vec::new(), false));
        return Ok(request);
    };
    match answer.get_ref() {
        Value::String(word) if word == "ack" => request.ack = Some((Vec::new(), false)),
        Value::String(word) if word == "none" => {}
        Value::String(word) if word == "echo" => request.echo = true,
        Value::Array(_) => request.event = Some(event("answer", answer, &[], &heard)?),
        Value::Table(parts) => {
            for (key, part) in parts {
                let part = Spanned::new(answer.span(), part.clone());
                match (key.as_str(), part.get_ref()) {
                    ("ack", Value::Array(_)) => {
                        request.ack = Some(arguments(&part, &heard)?);
                    }
                    ("event", _) => request.event = Some(event("event", &part, &[], &heard)?),
                    ("echo", Value::Boolean(echo)) => request.echo = *echo,
                    _ => return Err((FileProblem::Answer, answer.span())),
                }
            }
        }
        _ => return Err((FileProblem::Answer, answer.span())),
    }
    if request.emit.is_empty() && request.ack.is_some() {
        return Err((FileProblem::AckOfNothing, answer.span()));
    }
    Ok(request)
}

/// `["name", ...]`, or the name alone, which then has the seed's arguments.
fn event(
    field: &'static str,
    value: &Spanned<Value>,
    seeds: &[Slot],
    allowed: &[Slot],
) -> Result<Event, Found> {
    let none = || (FileProblem::Event(field), value.span());
    if let Value::String(name) = value.get_ref() {
        return Ok(Event::of(name, seeds));
    }
    let (name, args) = match value.get_ref() {
        Value::Array(items) => items.split_first().ok_or_else(none)?,
        _ => return Err(none()),
    };
    let name = name.as_str().ok_or_else(none)?.to_owned();
    let args = Spanned::new(value.span(), Value::Array(args.to_vec()));
    let (args, open) = arguments(&args, allowed)?;
    Ok(Event { name, args, open })
}

/// Templates one by one, and whether more may follow.
fn arguments(value: &Spanned<Value>, allowed: &[Slot]) -> Result<(Vec<Template>, bool), Found> {
    match template(value, allowed)? {
        Template::Array(args, open) => Ok((args, open)),
        other => Ok((vec![other], false)),
    }
}

fn template(value: &Spanned<Value>, allowed: &[Slot]) -> Result<Template, Found> {
    let read = || {
        let template = Template::parse(value.get_ref())?;
        let mut slots = BTreeSet::new();
        template.slots(&mut slots);
        only(&slots, allowed)?;
        Ok(template)
    };
    read().map_err(|problem: TemplateProblem| (problem.into(), value.span()))
}

/// What is known of a client when it connects.
const GUEST: &[Slot] = &[Slot::Nickname, Slot::Room];

fn read_connection(table: ConnectionTable, folder: &Path) -> Result<Connection, Found> {
    let path = table.path.map(|path| match path.get_ref().as_str() {
        text if !text.starts_with('/') || text.contains(['?', '#', ' ']) => {
            Err((FileProblem::Path("path"), path.span()))
        }
        text if text.ends_with('/') => Ok(text.to_owned()),
        text => Ok(format!("{text}/")),
    });
    let namespace = table.namespace.map(|namespace| {
        let text = namespace.get_ref();
        if !text.starts_with('/') || text.contains(',') {
            return Err((FileProblem::Path("namespace"), namespace.span()));
        }
        words(&Spanned::new(namespace.span(), Value::String(text.clone())))
    });
    let namespace = namespace.transpose()?;
    let mut connection = Connection {
        path: path.transpose()?,
        namespace: namespace.filter(|words| Words::parse("/").as_ref() != Ok(words)),
        tls: table.tls,
        authorities: table
            .ca_file
            .map(|file| authorities(&file, folder))
            .transpose()?
            .unwrap_or_default(),
        ..Connection::default()
    };
    for (name, value) in table.query {
        if RESERVED.contains(&name.get_ref().as_str()) {
            let problem = FileProblem::Reserved(name.get_ref().clone());
            return Err((problem, name.span()));
        }
        connection.query.push((name.into_inner(), words(&value)?));
    }
    for (name, value) in table.headers {
        let is_none = |_| (FileProblem::Header(name.get_ref().clone()), name.span());
        let header: HeaderName = name.get_ref().parse().map_err(is_none)?;
        connection.headers.push((header, words(&value)?));
    }
    for (name, value) in table.cookies {
        // A cookie's name is what a header's is (RFC 6265, section 4.1.1).
        if name.get_ref().parse::<HeaderName>().is_err() {
            let problem = FileProblem::Cookie(name.get_ref().clone());
            return Err((problem, name.span()));
        }
        connection.cookies.push((name.into_inner(), words(&value)?));
    }
    connection.auth = table.auth.map(|auth| template(&auth, GUEST)).transpose()?;
    Ok(connection)
}

/// The authorities in a file that is named as seen from the folder of its target.toml.
fn authorities(
    file: &Spanned<String>,
    folder: &Path,
) -> Result<Vec<CertificateDer<'static>>, Found> {
    let problem = |cause: String| (FileProblem::Authorities(cause), file.span());
    let text =
        std::fs::read(folder.join(file.get_ref())).map_err(|error| problem(error.to_string()))?;
    tls::authorities(&text).map_err(|error| problem(error.to_string()))
}

/// A text, with what may be filled in when a client connects.
fn words(value: &Spanned<Value>) -> Result<Words, Found> {
    let text = match value.get_ref() {
        Value::String(text) => text.clone(),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => value.get_ref().to_string(),
        _ => return Err((FileProblem::NoWord, value.span())),
    };
    let read = || {
        let words = Words::parse(&text)?;
        let mut slots = BTreeSet::new();
        words.slots(&mut slots);
        only(&slots, GUEST)?;
        Ok(words)
    };
    read().map_err(|problem: TemplateProblem| (problem.into(), value.span()))
}
