//! Text to lines of tokens.
//!
//! Nothing here knows what a line means, so a mistake in one line never hides those in others.

use winnow::combinator::{alt, delimited, dispatch, opt, peek, preceded, repeat};
use winnow::error::EmptyError;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, none_of, one_of, take_while};

use crate::error::Mistakes;
use crate::mistake::Kind;
use crate::span::Span;

/// One line of the file.
#[derive(Debug)]
pub(crate) struct RawLine<'a> {
    /// How far in it stands, in bytes.
    pub(crate) indent: usize,
    /// The line without the blanks at its ends.
    pub(crate) span: Span,
    pub(crate) content: Content<'a>,
}

impl<'a> RawLine<'a> {
    pub(crate) fn is_blank(&self) -> bool {
        matches!(self.content, Content::Blank)
    }

    pub(crate) fn comment(&self) -> Option<&'a str> {
        match self.content {
            Content::Comment(text) => Some(text),
            Content::Blank | Content::Code { .. } => None,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Content<'a> {
    Blank,
    /// The text behind `#` and one space.
    Comment(&'a str),
    Code {
        tokens: Vec<Token<'a>>,
        /// A mistake was noted: the tokens are those in front of it.
        broken: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Tok<'a>,
    /// As it stands in the file.
    pub(crate) raw: &'a str,
    pub(crate) span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tok<'a> {
    /// A name, a keyword, a label; with what may stick to it: `crowd.7`, `ana#2`, `m{n}`.
    Word(&'a str),
    /// Whatever begins like a number: `12`, `-1.5e3`, `500ms`, `0f`.
    Number(&'a str),
    /// A JSON string, decoded.
    Text(String),
    /// `$x`, without the dollar.
    Capture(&'a str),
    /// `/admin`
    Path(&'a str),
    Punct(Punct),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Punct {
    Emit,
    Receive,
    RawSend,
    RawReceive,
    Answer,
    Range,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Comma,
    Colon,
    Star,
}

/// All lines of `text`. What cannot be read as a token is noted, once a line.
pub(crate) fn lines<'a>(text: &'a str, mistakes: &mut Mistakes) -> Vec<RawLine<'a>> {
    // A byte order mark says nothing about a text that is UTF-8 already.
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut lines = Vec::new();
    for line in text[start..].split('\n') {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        let span = Span::new(start + indent, start + indent + trimmed.len());
        let content = if trimmed.is_empty() {
            Content::Blank
        } else if let Some(comment) = trimmed.strip_prefix('#') {
            Content::Comment(comment.strip_prefix(' ').unwrap_or(comment))
        } else {
            code(trimmed, span.start, mistakes)
        };
        lines.push(RawLine {
            indent,
            span,
            content,
        });
        start += line.len() + 1;
    }
    lines
}

type Input<'a> = LocatingSlice<&'a str>;
type Lexed<T> = Result<T, EmptyError>;

fn code<'a>(line: &'a str, start: usize, mistakes: &mut Mistakes) -> Content<'a> {
    let mut input = LocatingSlice::new(line);
    let mut tokens = Vec::new();
    loop {
        // Cannot fail: nothing is enough for it.
        let blank: Lexed<&str> = take_while(0.., (' ', '\t')).parse_next(&mut input);
        if blank.is_err() || input.is_empty() {
            break;
        }
        let begin = input.current_token_start();
        let read = token.with_taken().with_span().parse_next(&mut input);
        let Ok(((kind, raw), at)) = read else {
            let from = start + begin;
            refuse(
                &line[begin..],
                |length| Span::new(from, from + length),
                mistakes,
            );
            return Content::Code {
                tokens,
                broken: true,
            };
        };
        let span = Span::new(start + at.start, start + at.end);
        let kind = kind.unwrap_or_else(|| decode(raw, span, mistakes));
        tokens.push(Token { kind, raw, span });
    }
    Content::Code {
        tokens,
        broken: false,
    }
}

/// One token; `None` for a text, which is decoded apart.
fn token<'a>(input: &mut Input<'a>) -> Lexed<Option<Tok<'a>>> {
    dispatch! {peek(any);
        '"' => text.value(None),
        '$' => preceded('$', name).map(|name| Some(Tok::Capture(name))),
        '/' => path.map(|path| Some(Tok::Path(path))),
        'a'..='z' | 'A'..='Z' | '_' => word.map(|word| Some(Tok::Word(word))),
        '0'..='9' => number.map(|number| Some(Tok::Number(number))),
        '-' => alt((
            number.map(|number| Some(Tok::Number(number))),
            punct.map(|punct| Some(Tok::Punct(punct))),
        )),
        _ => punct.map(|punct| Some(Tok::Punct(punct))),
    }
    .parse_next(input)
}

/// Quote to quote; whether it is good JSON is [`decode`]'s business.
fn text(input: &mut Input<'_>) -> Lexed<()> {
    let escaped = ('\\', any).void();
    let inner = repeat(0.., alt((none_of(['"', '\\']).void(), escaped)));
    delimited('"', inner, '"').parse_next(input)
}

/// `admin`, `n`
fn name<'a>(input: &mut Input<'a>) -> Lexed<&'a str> {
    (one_of(letter), take_while(0.., name_part))
        .take()
        .parse_next(input)
}

fn path<'a>(input: &mut Input<'a>) -> Lexed<&'a str> {
    take_while(1.., |c: char| !c.is_whitespace() && c != ',').parse_next(input)
}

/// `ana`, `message-back`, `seed.welcome`, `crowd.7`, `ana#2`, `m{n}`
fn word<'a>(input: &mut Input<'a>) -> Lexed<&'a str> {
    let stuck = alt((
        one_of(name_part).void(),
        (
            one_of(['-', '.']),
            peek(one_of(|c| name_part(c) || c == '{')),
        )
            .void(),
        ('#', peek(one_of('0'..='9'))).void(),
        ('{', name, '}').void(),
    ));
    let rest = repeat::<_, _, (), _, _>(0.., stuck);
    (one_of(letter), rest).take().parse_next(input)
}

/// `12`, `-1.5e+3`, `500ms`, `0f`; whether it is a number is for the place where it stands.
fn number<'a>(input: &mut Input<'a>) -> Lexed<&'a str> {
    let digit = || one_of('0'..='9');
    let stuck = alt((
        (one_of(['e', 'E']), one_of(['+', '-']), digit()).void(),
        one_of(name_part).void(),
        ('.', peek(digit())).void(),
    ));
    let rest = repeat::<_, _, (), _, _>(0.., stuck);
    (opt('-'), digit(), rest).take().parse_next(input)
}

fn punct(input: &mut Input<'_>) -> Lexed<Punct> {
    let pairs = alt((
        "->".value(Punct::Emit),
        "<-".value(Punct::Receive),
        ">>".value(Punct::RawSend),
        "<<".value(Punct::RawReceive),
        "=>".value(Punct::Answer),
        "..".value(Punct::Range),
    ));
    let singles = alt((
        '('.value(Punct::Open),
        ')'.value(Punct::Close),
        '['.value(Punct::OpenBracket),
        ']'.value(Punct::CloseBracket),
        '{'.value(Punct::OpenBrace),
        '}'.value(Punct::CloseBrace),
        ','.value(Punct::Comma),
        ':'.value(Punct::Colon),
        '*'.value(Punct::Star),
    ));
    alt((pairs, singles)).parse_next(input)
}

fn letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn name_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Notes why no token begins where `rest` does.
fn refuse(rest: &str, span: impl Fn(usize) -> Span, mistakes: &mut Mistakes) {
    match rest.chars().next() {
        Some('"') => mistakes.note(Kind::UnclosedText, span(rest.len())),
        Some('#') => mistakes.note(Kind::CommentBehindLine, span(rest.len())),
        Some(other) => {
            let at = span(other.len_utf8());
            let shown = if other.is_control() {
                other.escape_unicode().to_string()
            } else {
                other.to_string()
            };
            mistakes.note(Kind::UnexpectedCharacter(shown), at)
        }
        None => return,
    };
}

/// The text that a JSON string stands for. One that is none is noted and taken as it stands, so
/// that the rest of its line is still read.
fn decode<'a>(raw: &str, span: Span, mistakes: &mut Mistakes) -> Tok<'a> {
    let text = serde_json::from_str(raw).unwrap_or_else(|error: serde_json::Error| {
        // Up to and with what it stumbled over, which is a control character or an escape.
        let read = &raw[..raw.floor_char_boundary(error.column())];
        let last = read.chars().next_back().unwrap_or('"');
        let (kind, from) = if last.is_control() {
            (Kind::BareControl(last), read.len() - last.len_utf8())
        } else {
            (Kind::BadEscape, read.rfind('\\').unwrap_or_default())
        };
        let until = read.len().max(from + 1);
        let at = Span::new(span.start + from, span.start + until);
        mistakes.note(kind, at);
        raw.trim_matches('"').to_owned()
    });
    Tok::Text(text)
}
