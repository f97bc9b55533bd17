//! Values: what is sent, and the patterns for what is received.

use super::cursor::{Cursor, Parsed};
use crate::ast::Level;
use crate::lex::{Punct, Tok};
use crate::mistake::Kind;
use crate::names::Capture;
use crate::span::{Span, Spanned};
use crate::value::{LARGEST, Text, Value};

/// Words that end a line's arguments or begin a value, so that no room can be called so.
pub(super) const RESERVED: &[&str] = &[
    "already", "as", "bytes", "false", "for", "may", "must", "null", "padded", "should", "then",
    "true", "within",
];

/// How deep brackets may be nested.
const DEEPEST: usize = 64;

/// Whether a value is sent or compared with what is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Sent,
    Pattern,
}

/// Two hex digits: a byte, wherever bytes are spelled out.
pub(super) fn is_byte(word: &str) -> bool {
    word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Cursor<'_> {
    /// The arguments of an event: values side by side. Commas between them are forgiven.
    pub(super) fn arguments(&mut self, used: Use) -> Parsed<Vec<Value>> {
        let mut values = Vec::new();
        loop {
            let comma = usize::from(!values.is_empty() && self.at_punct(Punct::Comma));
            if !self.starts_value(comma) {
                return Ok(values);
            }
            if comma == 1 {
                self.skip();
            }
            values.push(self.value(used, 0)?);
        }
    }

    /// `(1, 2)`: the arguments of an acknowledgement.
    pub(super) fn acknowledged(&mut self, help: &'static str) -> Parsed<Vec<Value>> {
        self.expect(Punct::Open, "`(`", Some(help))?;
        self.listed(Punct::Close, "`,` or `)`", 0, Use::Pattern)
    }

    pub(super) fn value(&mut self, used: Use, depth: usize) -> Parsed<Value> {
        let span = self.span();
        if depth > DEEPEST {
            return Err(self.note(Kind::TooDeep, span));
        }
        let value = match self.peek() {
            Some(Tok::Text(_)) => return self.long_text().map(Value::Text),
            Some(Tok::Number(raw)) => self.number(raw, span),
            Some(Tok::Capture(name)) => Value::Capture(Spanned::new(Capture::from(*name), span)),
            Some(Tok::Punct(Punct::OpenBracket)) => {
                self.skip();
                let values = self.listed(Punct::CloseBracket, "`,` or `]`", depth + 1, used)?;
                return Ok(Value::Array(values));
            }
            Some(Tok::Punct(Punct::OpenBrace)) => {
                self.skip();
                return self.object(depth + 1, used);
            }
            Some(Tok::Word("bytes")) => {
                self.skip();
                return self.bytes();
            }
            Some(Tok::Word("null")) => Value::Null,
            Some(Tok::Word("true")) => Value::Bool(true),
            Some(Tok::Word("false")) => Value::Bool(false),
            Some(Tok::Word("_")) => {
                if used == Use::Sent {
                    self.note(Kind::AnySent, span);
                }
                Value::Any
            }
            Some(Tok::Word(word)) if !RESERVED.contains(word) => {
                Value::Name(Spanned::new((*word).to_owned(), span))
            }
            _ => {
                return Err(
                    self.expected("a value", Some("values are JSON, rooms and `$captures`"))
                );
            }
        };
        self.skip();
        Ok(value)
    }

    /// A text with what may stand behind it: `"x"*100`, `"m{n}" padded 100`.
    pub(super) fn long_text(&mut self) -> Parsed<Text> {
        let span = self.span();
        let mut text = Text::plain(self.text("a text in quotes")?.value);
        if self.eat(Punct::Star) {
            text.repeat = Some(self.count(
                "a repetition",
                "how many times, as in `\"x\"*100`",
                1,
                u32::MAX,
            )?);
        }
        if self.eat_word("padded") {
            text.padded =
                Some(self.count("a length", "a length, as in `padded 100`", 1, u32::MAX)?);
        }
        let whole = span.to(self.last_span());
        let times = u64::from(text.repeat.unwrap_or(1));
        let size = times.saturating_mul(text.text.len() as u64);
        if size.max(text.padded.unwrap_or(0).into()) > LARGEST {
            let (what, most) = ("the length of a text", LARGEST);
            self.note(Kind::TooMany { what, most }, whole);
        }
        let length = times.saturating_mul(text.text.chars().count() as u64);
        if text.padded.is_some_and(|padded| u64::from(padded) < length) {
            self.note(Kind::PaddedTooShort(length), whole);
        }
        Ok(text)
    }

    /// `00 ff 10` or `*1024`, behind `bytes`.
    fn bytes(&mut self) -> Parsed<Value> {
        if self.eat(Punct::Star) {
            // Fits, as the test beside the constant shows.
            let most = u32::try_from(LARGEST).unwrap_or(u32::MAX);
            let count = self.count("a number of bytes", "how many, as in `bytes*1024`", 0, most)?;
            return Ok(Value::ManyBytes(count));
        }
        Ok(Value::Bytes(self.hex()))
    }

    /// Bytes, each of two hex digits.
    pub(super) fn hex(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(Tok::Word(digits) | Tok::Number(digits)) = self.peek() {
            let Some(byte) = is_byte(digits).then(|| u8::from_str_radix(digits, 16)) else {
                break;
            };
            bytes.extend(byte);
            self.skip();
        }
        bytes
    }

    fn listed(
        &mut self,
        close: Punct,
        expected: &'static str,
        depth: usize,
        used: Use,
    ) -> Parsed<Vec<Value>> {
        let mut values = Vec::new();
        if self.eat(close) {
            return Ok(values);
        }
        loop {
            values.push(self.value(used, depth)?);
            if self.eat(close) {
                return Ok(values);
            }
            self.expect(Punct::Comma, expected, None)?;
        }
    }

    fn object(&mut self, depth: usize, used: Use) -> Parsed<Value> {
        let mut members: Vec<(String, Value)> = Vec::new();
        if self.eat(Punct::CloseBrace) {
            return Ok(Value::Object(members));
        }
        loop {
            let key = self.key()?;
            if members.iter().any(|(known, _)| *known == key.value) {
                let (what, how, name) = ("key", "written", key.value.clone());
                self.note(Kind::Twice { what, how, name }, key.span);
            }
            self.expect(Punct::Colon, "`:`", None)?;
            let value = self.value(used, depth)?;
            members.push((key.value, value));
            if self.eat(Punct::CloseBrace) {
                return Ok(Value::Object(members));
            }
            self.expect(Punct::Comma, "`,` or `}`", None)?;
        }
    }

    fn key(&mut self) -> Parsed<Spanned<String>> {
        if let Some(Tok::Word(word)) = self.peek() {
            let span = self.span();
            self.note(Kind::BareKey((*word).to_owned()), span);
            self.skip();
            return Ok(Spanned::new((*word).to_owned(), span));
        }
        self.text("a key in quotes")
    }

    fn number(&mut self, raw: &str, span: Span) -> Value {
        let number = serde_json::from_str(raw)
            .ok()
            .and_then(|number: serde_json::Number| {
                if number.is_f64() {
                    // The standard library's is exact to the last bit, so that what is printed of it
                    // is read as the same number.
                    raw.parse().ok().and_then(serde_json::Number::from_f64)
                } else {
                    Some(number)
                }
            });
        Value::Number(number.unwrap_or_else(|| {
            self.note(Kind::BadNumber(raw.to_owned()), span);
            0.into()
        }))
    }

    /// Whether a value begins `ahead` of here. What may stand behind the arguments of an event does
    /// not, `[should]` among it.
    fn starts_value(&self, ahead: usize) -> bool {
        match self.peek_at(ahead) {
            Some(
                Tok::Text(_) | Tok::Number(_) | Tok::Capture(_) | Tok::Punct(Punct::OpenBrace),
            ) => true,
            Some(Tok::Word(word)) => {
                matches!(*word, "bytes" | "null" | "true" | "false") || !RESERVED.contains(word)
            }
            Some(Tok::Punct(Punct::OpenBracket)) => !self.starts_level(ahead),
            _ => false,
        }
    }

    fn starts_level(&self, ahead: usize) -> bool {
        matches!(self.peek_at(ahead + 1), Some(Tok::Word(word)) if Level::from_word(word).is_some())
    }
}
