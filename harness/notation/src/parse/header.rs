//! Header lines.

use super::cursor::{Cursor, Parsed};
use super::step::OPENERS;
use super::value::{RESERVED, is_byte};
use crate::ast::{ClientDecl, Level, Present, Scenario};
use crate::lex::{Punct, Tok};
use crate::mistake::Kind;
use crate::names::{ClauseId, ClientName, MutantName, Need, RoomName};
use crate::span::{Span, Spanned};
use crate::suggest::closest;

/// The words that begin a header line.
pub(super) const HEADER: &[&str] = &[
    "must", "should", "may", "catches", "needs", "over", "alone", "open", "clients", "rooms", "in",
];

/// The largest group: more clients than one machine has ports for are a slip of the pen.
const LARGEST_GROUP: u32 = 50_000;

/// The header as far as it is read.
pub(super) struct Header {
    /// The fields of the header; those of the body stay empty.
    pub(super) scenario: Scenario,
    /// Unlike the scenario's, `None` until a line says so.
    pub(super) level: Option<(Level, Span)>,
    /// The header words of lines that were given up: what they declare is not known.
    pub(super) unread: Vec<&'static str>,
}

impl Header {
    pub(super) fn new(reason: String, notes: Vec<String>) -> Self {
        Self {
            scenario: Scenario {
                reason,
                notes,
                level: Level::Must,
                clauses: Vec::new(),
                catches: Vec::new(),
                needs: Vec::new(),
                over: Vec::new(),
                alone: false,
                open: false,
                clients: Vec::new(),
                rooms: Vec::new(),
                present: Vec::new(),
                body: Vec::new(),
            },
            level: None,
            unread: Vec::new(),
        }
    }

    /// Reads one line, which begins with one of [`HEADER`].
    pub(super) fn line(&mut self, word: &'static str, cursor: &mut Cursor<'_>) {
        let start = cursor.span();
        cursor.skip();
        if self.rest_of_line(word, start, cursor).is_err() {
            self.unread.push(word);
        }
    }

    fn rest_of_line(
        &mut self,
        word: &'static str,
        start: Span,
        cursor: &mut Cursor<'_>,
    ) -> Parsed<()> {
        let scenario = &mut self.scenario;
        match word {
            "catches" => {
                let known = &mut scenario.catches;
                list(
                    cursor,
                    ("mutant", "listed"),
                    known,
                    MutantName::as_str,
                    mutant,
                )
            }
            "needs" => list(
                cursor,
                ("need", "listed"),
                &mut scenario.needs,
                capability,
                need,
            ),
            "over" => {
                let (what, known) = (("transport", "listed"), &mut scenario.over);
                list(cursor, what, known, |known| known.word(), Cursor::transport)
            }
            "alone" => flag(&mut scenario.alone, word, start, cursor),
            "open" => flag(&mut scenario.open, word, start, cursor),
            "clients" => {
                let (what, known) = (("client", "declared"), &mut scenario.clients);
                list(cursor, what, known, |known| known.name.as_str(), client)
            }
            "rooms" => {
                let (what, known) = (("room", "declared"), &mut scenario.rooms);
                list(cursor, what, known, RoomName::as_str, room)
            }
            "in" => {
                let present = present(cursor, &scenario.clients)?;
                scenario.present.push(present);
                Ok(())
            }
            level => self.clauses(level, start, cursor),
        }
    }

    fn clauses(&mut self, word: &str, start: Span, cursor: &mut Cursor<'_>) -> Parsed<()> {
        let level = Level::from_word(word).unwrap_or(Level::Must);
        match self.level {
            Some((known, place)) if known != level => {
                cursor.note_with(Kind::TwoLevels(known), start, place, "said here");
            }
            _ => {
                self.level = Some((level, start));
                self.scenario.level = level;
            }
        }
        let known = &mut self.scenario.clauses;
        list(
            cursor,
            ("clause", "listed"),
            known,
            ClauseId::as_str,
            clause,
        )
    }
}

/// The rest of a line that is one word.
fn flag(known: &mut bool, word: &str, start: Span, cursor: &mut Cursor<'_>) -> Parsed<()> {
    cursor.end()?;
    if *known {
        let (what, how, name) = ("line", "written", word.to_owned());
        cursor.note(Kind::Twice { what, how, name }, start);
    }
    *known = true;
    Ok(())
}

/// The header word that a line begins with.
pub(super) fn header_word(word: &str) -> Option<&'static str> {
    HEADER.iter().find(|known| **known == word).copied()
}

/// The header word that was meant, perhaps.
pub(super) fn near_header_word(word: &str) -> Option<&'static str> {
    closest(word, HEADER.iter().copied())
}

/// At least one item, and none twice. Commas between them are forgiven.
///
/// `what` says what they are and what the list does with them; an item of `None` was noted as a
/// mistake, and hides none behind it.
fn list<'t, T>(
    cursor: &mut Cursor<'t>,
    (what, how): (&'static str, &'static str),
    known: &mut Vec<Spanned<T>>,
    name: impl Fn(&T) -> &str,
    item: impl Fn(&mut Cursor<'t>) -> Parsed<Option<Spanned<T>>>,
) -> Parsed<()> {
    loop {
        if let Some(item) = item(cursor)? {
            let same = |known: &&Spanned<T>| name(&known.value) == name(&item.value);
            if let Some(first) = known.iter().find(same) {
                let name = name(&item.value).to_owned();
                let kind = Kind::Twice { what, how, name };
                cursor.note_with(kind, item.span, first.span, "first here");
            } else {
                known.push(item);
            }
        }
        cursor.eat(Punct::Comma);
        if cursor.at_end() {
            return Ok(());
        }
    }
}

fn clause(cursor: &mut Cursor<'_>) -> Parsed<Option<Spanned<ClauseId>>> {
    let help = Some("clause ids are in `clauses.toml`: `must     seed.welcome`");
    let word = cursor.word("the id of a clause", help)?;
    Ok(Some(Spanned::new(ClauseId::from(word.value), word.span)))
}

fn mutant(cursor: &mut Cursor<'_>) -> Parsed<Option<Spanned<MutantName>>> {
    let help = Some("`chatspec mutants` lists them: `catches  welcome-to-self`");
    let word = cursor.word("the name of a mutant", help)?;
    Ok(Some(Spanned::new(MutantName::from(word.value), word.span)))
}

/// A need without its amount: one amount of each.
fn capability(need: &Need) -> &str {
    need.as_str().split(' ').next().unwrap_or_default()
}

/// `echo`, `nodes 2`
fn need(cursor: &mut Cursor<'_>) -> Parsed<Option<Spanned<Need>>> {
    let help = Some("`needs    echo`, or with an amount `needs    nodes 2`");
    let word = cursor.word("a capability", help)?;
    let Some(Tok::Number(_)) = cursor.peek() else {
        return Ok(Some(Spanned::new(Need::from(word.value), word.span)));
    };
    let amount = cursor.count("an amount", "an amount", 1, u32::MAX)?;
    let need = Need::new(format!("{} {amount}", word.value));
    let span = word.span.to(cursor.last_span());
    Ok(Some(Spanned::new(need, span)))
}

/// `ana`, `crowd*50`
fn client(cursor: &mut Cursor<'_>) -> Parsed<Option<Spanned<ClientDecl>>> {
    let reserved = |name: &str| HEADER.contains(&name) || OPENERS.contains(&name);
    let name = name(cursor, "client", reserved)?;
    let mut count = None;
    if cursor.eat(Punct::Star) {
        count = Some(cursor.count(
            "the size of a group",
            "how many, as in `crowd*50`",
            1,
            LARGEST_GROUP,
        )?);
    }
    let span = name.span.to(cursor.last_span());
    let name = ClientName::from(name.value);
    Ok(Some(Spanned::new(ClientDecl { name, count }, span)))
}

fn room(cursor: &mut Cursor<'_>) -> Parsed<Option<Spanned<RoomName>>> {
    let reserved = |name: &str| RESERVED.contains(&name) || is_byte(name);
    let name = name(cursor, "room", reserved)?;
    Ok(Some(Spanned::new(RoomName::from(name.value), name.span)))
}

/// A new name; one that cannot be used is noted and taken, so that its uses are no mistakes too.
fn name<'t>(
    cursor: &mut Cursor<'t>,
    what: &'static str,
    reserved: impl Fn(&str) -> bool,
) -> Parsed<Spanned<&'t str>> {
    let word = cursor.word("a name", None)?;
    let name = word.value.to_owned();
    let letter = |first: char| first.is_ascii_alphabetic();
    if name.contains(['.', '#', '{', '}']) || !name.starts_with(letter) {
        cursor.note(Kind::BadName { what, name }, word.span);
    } else if reserved(&name) {
        cursor.note(Kind::ReservedName { what, name }, word.span);
    }
    Ok(word)
}

/// `lobby: ana ben crowd`, behind `in`. A group may repeat its count.
fn present(cursor: &mut Cursor<'_>, clients: &[Spanned<ClientDecl>]) -> Parsed<Spanned<Present>> {
    const HELP: &str = "write `in       lobby: ana ben`";
    let start = cursor.last_span();
    let room = cursor.word("a room", Some(HELP))?;
    cursor.expect(Punct::Colon, "`:`", Some(HELP))?;
    let mut who: Vec<Spanned<ClientName>> = Vec::new();
    loop {
        let client = cursor.word("a client", Some(HELP))?;
        let (name, member) = client
            .value
            .split_at(client.value.find(['.', '#']).unwrap_or(client.value.len()));
        let declared = clients
            .iter()
            .find(|known| known.value.name.as_str() == name);
        let count = declared.and_then(|known| known.value.count);
        let mut whole = member.is_empty();
        if cursor.eat(Punct::Star) {
            let written = cursor.count(
                "the size of a group",
                "how many, as in `crowd*50`",
                1,
                LARGEST_GROUP,
            )?;
            whole &= declared.is_none() || count == Some(written);
        }
        let span = client.span.to(cursor.last_span());
        if !whole {
            let declared = match count {
                Some(count) => format!("{count} members"),
                None => "no members".to_owned(),
            };
            let name = name.to_owned();
            cursor.note(Kind::OtherCount { name, declared }, span);
        }
        who.push(Spanned::new(ClientName::from(name), client.span));
        cursor.eat(Punct::Comma);
        if cursor.at_end() {
            break;
        }
    }
    let room = Spanned::new(RoomName::from(room.value), room.span);
    let span = start.to(cursor.last_span());
    Ok(Spanned::new(Present { room, who }, span))
}
