//! One step, without the blocks.

use std::time::Duration;

use super::cursor::{Cursor, Parsed};
use crate::ast::{Act, Fault, Level, Method, Stamp, Step, StepKind, Who};
use crate::error::Noted;
use crate::lex::{Punct, Tok, Token};
use crate::mistake::Kind;
use crate::names::ClientName;
use crate::span::Span;
use crate::suggest::closest;

/// Words that begin a step and are no client.
pub(super) const OPENERS: &[&str] = &["in", "link", "server", "together"];

/// The words that may stand behind a client, for suggestions.
const VERBS: &[&str] = &[
    "connects",
    "disconnects",
    "vanishes",
    "falls silent",
    "stops reading",
    "reads again",
];

const ARROWS: &str =
    "`ana -> ..` emits, `ana <- ..` receives; `ana connects`, `ana disconnects` and the like act";

/// Whether a line is a step, be it a wrong one, and no header line with a slip of the pen.
pub(super) fn looks_like_step(tokens: &[Token<'_>]) -> bool {
    let mut kinds = tokens.iter().map(|token| &token.kind);
    match (kinds.next(), kinds.next()) {
        (Some(Tok::Word(word)), _) if OPENERS.contains(word) => true,
        (Some(Tok::Word(_)), Some(Tok::Punct(punct))) => {
            !matches!(punct, Punct::Star | Punct::Colon | Punct::Comma)
        }
        (Some(Tok::Word(_)), Some(Tok::Word(verb))) => {
            Method::from_word(verb).is_some() || verb == &"connects" || near_verb(verb).is_some()
        }
        (Some(Tok::Word(_)), _) => false,
        _ => true,
    }
}

/// The verb that `word` begins or is a slip of the pen for.
fn near_verb(word: &str) -> Option<&'static str> {
    let begins = |verb: &&&str| verb.split(' ').next() == Some(word);
    let first_words = VERBS.iter().filter_map(|verb| verb.split(' ').next());
    let near = VERBS.iter().find(begins).copied();
    near.or_else(|| {
        let first = closest(word, first_words)?;
        VERBS.iter().find(|verb| verb.starts_with(first)).copied()
    })
}

impl Cursor<'_> {
    /// A whole line: a step of a case that is `of_case`.
    pub(super) fn step(&mut self, of_case: Option<Level>) -> Parsed<Step> {
        let start = self.span();
        let at = self.stamp();
        let kind = self.step_kind()?;
        let level = self.level(of_case)?;
        self.end()?;
        let span = start.to(self.last_span());
        Ok(Step {
            at,
            kind,
            level,
            span,
        })
    }

    /// `12.345ms`, if there is one.
    pub(super) fn stamp(&mut self) -> Option<Stamp> {
        let Some(Tok::Number(raw)) = self.peek() else {
            return None;
        };
        let time = raw.strip_suffix("ms")?;
        let (millis, fraction) = time.split_once('.').unwrap_or((time, "0"));
        if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let millis: u64 = millis.parse().ok()?;
        let micros: u64 = format!("{fraction:0<3}").parse().ok()?;
        let stamp = Stamp(millis.checked_mul(1000)?.checked_add(micros)?);
        self.skip();
        Some(stamp)
    }

    fn step_kind(&mut self) -> Parsed<StepKind> {
        let start = self.span();
        if self.eat_word("server") {
            return if self.eat_word("restarts") {
                Ok(StepKind::Fault(Fault::ServerRestarts))
            } else {
                Err(self.unknown_step("server", start))
            };
        }
        if self.eat_word("link") {
            let who = self.who()?;
            self.expect_word("delays", "`delays`", Some("write `link ana delays 200ms`"))?;
            let by = self.duration(Duration::ZERO)?;
            return Ok(StepKind::Fault(Fault::LinkDelays(who, by)));
        }
        let subject = self.raw();
        let who = self.who()?;
        if self.eat(Punct::Emit) {
            return self.emit(who).map(StepKind::Emit);
        }
        if self.eat(Punct::Receive) {
            return self.receive(who);
        }
        if self.eat(Punct::RawSend) {
            return Ok(StepKind::RawSend(who, self.raw_packet()?));
        }
        if self.eat(Punct::RawReceive) {
            return self.raw_receive(who).map(StepKind::RawReceive);
        }
        if self.eat_word("connects") {
            return self.connect(who).map(StepKind::Connect);
        }
        if let Some(act) = Act::ALL.iter().find(|act| self.eat_words(act.word())) {
            return Ok(StepKind::Act(who, *act));
        }
        if let Some(method) = self.method() {
            return self.http(who, method).map(StepKind::Http);
        }
        Err(self.unknown_step(subject, start))
    }

    /// Notes that `subject`, which stands at `start`, does nothing known.
    fn unknown_step(&mut self, subject: &str, start: Span) -> Noted {
        let Some(Tok::Word(verb)) = self.peek() else {
            return self.expected("an arrow or a verb", Some(ARROWS));
        };
        let near = if subject == "server" {
            Some("restarts")
        } else {
            near_verb(verb)
        };
        let what = format!("`{subject} {verb}`");
        let span = start.to(self.span());
        self.note(Kind::UnknownStep { what, near }, span)
    }

    /// `ana`, `crowd.7`, `ana#2`
    pub(super) fn who(&mut self) -> Parsed<Who> {
        let word = self.word("a client", Some("a step begins with who acts: `ana -> ..`"))?;
        let (rest, leg) = split_number(word.value, '#');
        let (name, member) = split_number(rest, '.');
        if name.contains(['.', '#', '{', '}']) || leg == Some(0) || member == Some(0) {
            let (what, name) = ("client", word.value.to_owned());
            return Err(self.note(Kind::BadName { what, name }, word.span));
        }
        Ok(Who {
            name: ClientName::from(name),
            member,
            leg,
            span: word.span,
        })
    }
}

/// `crowd.7` at its dot. What is no number behind it stays where it is.
fn split_number(word: &str, at: char) -> (&str, Option<u32>) {
    let split = word.rsplit_once(at).and_then(|(name, number)| {
        let canonical = !number.starts_with('0') || number == "0";
        Some((name, number.parse().ok().filter(|_| canonical)?))
    });
    match split {
        Some((name, number)) => (name, Some(number)),
        None => (word, None),
    }
}
