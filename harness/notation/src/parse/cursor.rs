//! The tokens of one line, read from left to right.

use crate::error::{Mistakes, Noted, visible};
use crate::lex::{Punct, Tok, Token};
use crate::mistake::Kind;
use crate::span::{Span, Spanned};

/// What a grammar rule gives: its tree, or word that a mistake was noted and the line is lost.
pub(super) type Parsed<T> = Result<T, Noted>;

pub(super) struct Cursor<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
    mistakes: &'t mut Mistakes,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(tokens: &'t [Token<'t>], mistakes: &'t mut Mistakes) -> Self {
        Self {
            tokens,
            at: 0,
            mistakes,
        }
    }

    pub(super) fn peek(&self) -> Option<&'t Tok<'t>> {
        self.peek_at(0)
    }

    /// The token `ahead` of the next one.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<&'t Tok<'t>> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    /// The place of the next token, or the end of the line.
    pub(super) fn span(&self) -> Span {
        self.tokens.get(self.at).map_or_else(
            || Span::new(self.last_span().end, self.last_span().end),
            |token| token.span,
        )
    }

    /// The place of the token read last.
    pub(super) fn last_span(&self) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or_else(Span::default, |token| token.span)
    }

    /// The next token as it stands in the file.
    pub(super) fn raw(&self) -> &'t str {
        self.tokens.get(self.at).map_or("", |token| token.raw)
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn at_punct(&self, punct: Punct) -> bool {
        self.peek() == Some(&Tok::Punct(punct))
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Tok::Word(next)) if *next == word)
    }

    /// Whether the next token is `punct`; then it is read.
    pub(super) fn eat(&mut self, punct: Punct) -> bool {
        let here = self.at_punct(punct);
        self.at += usize::from(here);
        here
    }

    /// Whether the next token is `word`; then it is read.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let here = self.at_word(word);
        self.at += usize::from(here);
        here
    }

    /// Whether the next tokens are `words`; then they are read.
    pub(super) fn eat_words(&mut self, words: &str) -> bool {
        let here = words
            .split(' ')
            .enumerate()
            .all(|(ahead, word)| self.peek_at(ahead) == Some(&Tok::Word(word)));
        if here {
            self.at += words.split(' ').count();
        }
        here
    }

    pub(super) fn expect(
        &mut self,
        punct: Punct,
        expected: &'static str,
        help: Option<&'static str>,
    ) -> Parsed<()> {
        if self.eat(punct) {
            Ok(())
        } else {
            Err(self.expected(expected, help))
        }
    }

    pub(super) fn expect_word(
        &mut self,
        word: &str,
        expected: &'static str,
        help: Option<&'static str>,
    ) -> Parsed<()> {
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(self.expected(expected, help))
        }
    }

    /// Any word.
    pub(super) fn word(
        &mut self,
        expected: &'static str,
        help: Option<&'static str>,
    ) -> Parsed<Spanned<&'t str>> {
        let Some(Tok::Word(word)) = self.peek() else {
            return Err(self.expected(expected, help));
        };
        let span = self.span();
        self.skip();
        Ok(Spanned::new(word, span))
    }

    /// A text, as it is, where none can be repeated or padded.
    pub(super) fn text(&mut self, expected: &'static str) -> Parsed<Spanned<String>> {
        let Some(Tok::Text(text)) = self.peek() else {
            return Err(self.expected(expected, None));
        };
        let span = self.span();
        self.skip();
        Ok(Spanned::new(text.clone(), span))
    }

    /// A whole number, at least `least` and at most `most`.
    pub(super) fn count(
        &mut self,
        what: &'static str,
        expected: &'static str,
        least: u32,
        most: u32,
    ) -> Parsed<u32> {
        let digits = match self.peek() {
            Some(Tok::Number(raw)) if raw.bytes().all(|byte| byte.is_ascii_digit()) => *raw,
            _ => return Err(self.expected(expected, None)),
        };
        let span = self.span();
        self.skip();
        // Digits alone: what does not fit is too large.
        let count = digits.parse().unwrap_or(u32::MAX);
        if count < least {
            self.note(Kind::Zero(what), span);
        } else if count > most {
            let most = most.into();
            self.note(Kind::TooMany { what, most }, span);
        }
        Ok(count.clamp(least, most))
    }

    /// Notes that the line should end here and does not.
    pub(super) fn end(&mut self) -> Parsed<()> {
        if self.at_end() {
            return Ok(());
        }
        let rest = self
            .span()
            .to(self.tokens.last().map_or(self.span(), |token| token.span));
        let found = self.found();
        Err(self.note(Kind::Trailing(found), rest))
    }

    /// Notes that something else than `expected` stands here.
    pub(super) fn expected(&mut self, expected: &'static str, help: Option<&'static str>) -> Noted {
        let kind = Kind::Expected {
            expected,
            found: self.found(),
            help,
        };
        self.note(kind, self.span())
    }

    pub(super) fn note(&mut self, kind: impl Into<Kind>, span: Span) -> Noted {
        self.mistakes.note(kind, span)
    }

    pub(super) fn note_with(&mut self, kind: Kind, span: Span, other: Span, there: &'static str) {
        self.mistakes.note_with(kind, span, other, there);
    }

    fn found(&self) -> String {
        /// More of a text than this says nothing more.
        const SHOWN: usize = 24;
        if self.at_end() {
            return "the end of the line".to_owned();
        }
        let raw = visible(self.raw());
        if raw.chars().count() <= SHOWN {
            return format!("`{raw}`");
        }
        let start: String = raw.chars().take(SHOWN).collect();
        format!("`{start}…`")
    }
}
