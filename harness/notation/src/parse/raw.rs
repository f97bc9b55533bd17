//! Raw packets and raw HTTP.

use std::time::Duration;

use super::clause::SHORTEST;
use super::cursor::{Cursor, Parsed};
use crate::ast::{Http, Method, Raw, RawReceive, Who};
use crate::lex::{Punct, Tok};
use crate::mistake::Kind;

impl Cursor<'_> {
    /// Behind `>>`.
    pub(super) fn raw_packet(&mut self) -> Parsed<Raw> {
        let start = self.span();
        if !self.eat_word("bytes") {
            let help = Some("write `\"2probe\"` or `bytes 00 ff`");
            return match self.peek() {
                Some(Tok::Text(_)) => self.long_text().map(Raw::Text),
                _ => Err(self.expected("a raw packet", help)),
            };
        }
        if self.at_punct(Punct::Star) {
            let span = start.to(self.span());
            return Err(self.note(Kind::ManyRawBytes, span));
        }
        Ok(Raw::Bytes(self.hex()))
    }

    /// Behind `<<`.
    pub(super) fn raw_receive(&mut self, who: Who) -> Parsed<RawReceive> {
        let raw = self.raw_packet()?;
        let within: Option<Duration> = if self.eat_word("within") {
            Some(self.duration(SHORTEST)?)
        } else {
            None
        };
        Ok(RawReceive { who, raw, within })
    }

    /// `GET` and the like, if there is one.
    pub(super) fn method(&mut self) -> Option<Method> {
        let Some(Tok::Word(word)) = self.peek() else {
            return None;
        };
        let method = Method::from_word(word)?;
        self.skip();
        Some(method)
    }

    /// Behind the method.
    pub(super) fn http(&mut self, who: Who, method: Method) -> Parsed<Http> {
        let target = self.text("the target of the request, in quotes")?;
        if !target.value.starts_with('/') {
            self.note(Kind::TargetWithoutSlash, target.span);
        }
        let body = self.optional_text()?;
        let help = Some("write the status, and the body where it matters: `=> 200 \"ok\"`");
        self.expect(Punct::Answer, "`=>`", help)?;
        let status = self.status()?;
        let answer = self.optional_text()?;
        Ok(Http {
            who,
            method,
            target: target.value,
            body,
            status,
            answer,
        })
    }

    fn optional_text(&mut self) -> Parsed<Option<String>> {
        match self.peek() {
            Some(Tok::Text(_)) => Ok(Some(self.text("a body")?.value)),
            _ => Ok(None),
        }
    }

    fn status(&mut self) -> Parsed<u16> {
        let Some(Tok::Number(raw)) = self.peek() else {
            return Err(self.expected("a status", Some("write `=> 200`")));
        };
        let span = self.span();
        self.skip();
        match raw.parse() {
            Ok(status @ 100..=599) if raw.len() == 3 => Ok(status),
            _ => Err(self.note(Kind::BadStatus((*raw).to_owned()), span)),
        }
    }
}
