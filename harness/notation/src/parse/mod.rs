//! Lines of tokens to a [`Scenario`].

mod body;
mod clause;
mod cursor;
mod header;
mod message;
mod raw;
mod step;
mod value;

use body::Body;
pub(crate) use body::Lost;
pub(crate) use clause::split_label;
use cursor::Cursor;
use header::{Header, header_word, near_header_word};
use step::looks_like_step;

use crate::ast::Scenario;
use crate::check::{self, Hints};
use crate::error::{Mistakes, ParseError};
use crate::lex::{self, Content, RawLine, Tok, Token};
use crate::mistake::Kind;
use crate::span::Span;

/// Reads a scenario file. `name` stands for the file in what is told about its mistakes.
///
/// A mistake costs the line it is in, never the lines around it: the error holds all mistakes of
/// the file, those of its grammar and those of what it says (a name that nothing declares, an
/// acknowledgement of nobody's request) alike.
pub fn parse(name: &str, text: &str) -> Result<Scenario, ParseError> {
    let mut mistakes = Mistakes::default();
    let lines = lex::lines(text, &mut mistakes);
    let scenario = read(&lines, &mut mistakes);
    let mistakes = mistakes.into_vec();
    if mistakes.is_empty() {
        Ok(scenario)
    } else {
        Err(ParseError::new(name, text, mistakes))
    }
}

fn read(lines: &[RawLine<'_>], mistakes: &mut Mistakes) -> Scenario {
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else {
        mistakes.note(Kind::EmptyFile, Span::default());
        return Header::new(String::new(), Vec::new()).scenario;
    };
    let top = Span::new(lines[first].span.start, lines[first].span.start);
    let comments: Vec<&str> = lines[first..].iter().map_while(RawLine::comment).collect();
    let (reason, notes) = leading_comment(&comments);
    if reason.is_empty() {
        mistakes.note(Kind::NoReason, top);
    }
    let mut reader = Reader {
        header: Header::new(reason, notes),
        body: Body::default(),
        loose: Vec::new(),
        last_header: lines[first + comments.len().saturating_sub(1)].span,
        unclear: false,
        mistakes,
    };
    for line in &lines[first + comments.len()..] {
        reader.line(line);
    }
    reader.finish()
}

/// The reason, joined to one line, and the notes below an empty line.
fn leading_comment(comments: &[&str]) -> (String, Vec<String>) {
    let paragraph = comments.iter().skip_while(|line| line.trim().is_empty());
    let reason: Vec<&str> = paragraph
        .clone()
        .take_while(|line| !line.trim().is_empty())
        .flat_map(|line| line.split_whitespace())
        .collect();
    let mut notes: Vec<String> = Vec::new();
    for line in paragraph.skip_while(|line| !line.trim().is_empty()) {
        let text = line.trim_end();
        let blank = notes.last().is_none_or(String::is_empty);
        if !(text.is_empty() && blank) {
            notes.push(text.to_owned());
        }
    }
    if notes.last().is_some_and(String::is_empty) {
        notes.pop();
    }
    (reason.join(" "), notes)
}

struct Reader<'m> {
    header: Header,
    body: Body,
    /// Comments that stand below the header, or between its lines if one more follows.
    loose: Vec<Span>,
    last_header: Span,
    /// A line was given up that may have been a step.
    unclear: bool,
    mistakes: &'m mut Mistakes,
}

impl Reader<'_> {
    fn line(&mut self, line: &RawLine<'_>) {
        let (tokens, broken) = match &line.content {
            Content::Blank => return self.body.blank(),
            Content::Comment(text) => {
                if !self.body.has_steps() {
                    self.loose.push(line.span);
                }
                return self.body.comment(text, line.indent);
            }
            Content::Code { tokens, broken } => (tokens.as_slice(), *broken),
        };
        let first = match tokens {
            [] => {
                self.unclear = true;
                return;
            }
            [
                Token {
                    kind: Tok::Word(first),
                    ..
                },
                ..,
            ] => *first,
            _ => "",
        };
        match header_word(first) {
            Some(word) if !body::opens_block(tokens) => {
                self.header_line(word, tokens, broken, line.span);
            }
            _ if !self.body.has_steps() && !looks_like_step(tokens) => {
                if broken {
                    self.unclear = true;
                } else {
                    self.unknown_line(first, tokens[0].span);
                }
            }
            _ => {
                let level = self.header.level.map(|(level, _)| level);
                self.body.line(line, tokens, broken, level, self.mistakes);
            }
        }
    }

    fn header_line(&mut self, word: &'static str, tokens: &[Token<'_>], broken: bool, span: Span) {
        if self.body.has_steps() {
            self.mistakes.note(Kind::HeaderBelowSteps, span);
        }
        for comment in std::mem::take(&mut self.loose) {
            self.mistakes.note(Kind::CommentInHeader, comment);
        }
        self.last_header = span;
        if broken {
            self.header.unread.push(word);
        } else {
            self.header
                .line(word, &mut Cursor::new(tokens, self.mistakes));
        }
    }

    fn unknown_line(&mut self, word: &str, span: Span) {
        let near = near_header_word(word);
        self.unclear |= near.is_none();
        self.header.unread.extend(near);
        let word = word.to_owned();
        self.mistakes
            .note(Kind::UnknownHeaderWord { word, near }, span);
    }

    fn finish(self) -> Scenario {
        let Self {
            header,
            body,
            last_header,
            unclear,
            mistakes,
            ..
        } = self;
        let Header {
            mut scenario,
            level,
            unread,
        } = header;
        let unread_any = |words: &[&str]| unread.iter().any(|word| words.contains(word));
        let below = Span::new(last_header.end, last_header.end);
        if level.is_none() && !unread_any(&["must", "should", "may"]) {
            mistakes.note(Kind::NoLevel, below);
        }
        let has_steps = body.has_steps();
        let (lines, lost) = body.finish(mistakes);
        scenario.body = lines;
        if !has_steps && !unclear {
            mistakes.note(Kind::NoSteps, below);
        }
        let hints = Hints {
            clients: !unread_any(&["clients"]),
            rooms: !unread_any(&["rooms"]),
            needs: !unread_any(&["needs", "alone"]),
            below_header: below,
            lost,
        };
        check::check(&scenario, &hints, mistakes);
        scenario
    }
}
