//! What stands behind the arguments of a step: deadlines, series, levels, labels.

use std::time::Duration;

use super::cursor::{Cursor, Parsed};
use crate::ast::{Level, Series};
use crate::lex::{Punct, Tok};
use crate::mistake::Kind;
use crate::names::{Label, Variable};
use crate::span::{Span, Spanned};
use crate::value::Value;

/// The longest deadline or delay: nobody waits longer for a case, and clocks can count to it.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The longest series: what a run can well hold in one inbox.
const LONGEST: u32 = 1_000_000;

/// The shortest deadline.
pub(super) const SHORTEST: Duration = Duration::from_millis(1);

const SERIES: &str = "a series reads `for n in 1..100`, both ends included";
const LABEL: &str = "a label is a name, with the variable of the line's series in it: `m1`, `m{n}`";
const LEVEL: &str = "behind a line may stand `[should]` or `[may]`";

/// Letters, digits and underscores, beginning with a letter.
pub(super) fn is_variable(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The name in front, and the variable in braces if there is one: `m{n}` is `m`, `n` and nothing.
pub(crate) fn split_label(label: &str) -> (&str, Option<(&str, &str)>) {
    let split = label
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match split {
        Some((before, rest)) => (before, Some(rest)),
        None => (label, None),
    }
}

impl Cursor<'_> {
    /// `500ms`, `2s`; at least `least`.
    pub(super) fn duration(&mut self, least: Duration) -> Parsed<Duration> {
        let Some(Tok::Number(raw)) = self.peek() else {
            return Err(self.expected("a duration", Some("write `500ms` or `2s`")));
        };
        let span = self.span();
        self.skip();
        let unit = raw.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits: Option<u64> = raw[..raw.len() - unit.len()].parse().ok();
        let duration = match (digits, unit) {
            (Some(millis), "ms") => Some(Duration::from_millis(millis)),
            (Some(seconds), "s") => seconds.checked_mul(1000).map(Duration::from_millis),
            _ => None,
        };
        let Some(duration) = duration else {
            let (text, instead) = ((*raw).to_owned(), meant(raw));
            return Err(self.note(Kind::BadDuration { text, instead }, span));
        };
        if duration < least {
            self.note(Kind::Zero("a deadline"), span);
        } else if duration > LONGEST_WAIT {
            self.note(Kind::TooLong, span);
        }
        Ok(duration.clamp(least, LONGEST_WAIT))
    }

    /// `n in 1..100`, behind `for`.
    pub(super) fn series(&mut self) -> Parsed<Spanned<Series>> {
        let start = self.last_span();
        let variable = self.word("the variable of the series", Some(SERIES))?;
        if !is_variable(variable.value) {
            let (what, name) = ("variable", variable.value.to_owned());
            return Err(self.note(Kind::BadName { what, name }, variable.span));
        }
        self.expect_word("in", "`in`", Some(SERIES))?;
        let range = self.span();
        let first = self.count("a number", "the first number of the series", 0, u32::MAX)?;
        self.expect(Punct::Range, "`..`", Some(SERIES))?;
        let last = self.count("a number", "the last number of the series", 0, u32::MAX)?;
        let range = range.to(self.last_span());
        if last < first {
            self.note(Kind::BackwardSeries { first, last }, range);
        } else if last - first >= LONGEST {
            let (what, most) = ("the length of a series", LONGEST.into());
            self.note(Kind::TooMany { what, most }, range);
        }
        let series = Series {
            variable: Variable::from(variable.value),
            first: first.min(last),
            last: first.max(last),
        };
        Ok(Spanned::new(series, start.to(self.last_span())))
    }

    /// `m1`, `m{n}`
    pub(super) fn label(&mut self) -> Parsed<Spanned<Label>> {
        let word = self.word("the name of a request", Some(LABEL))?;
        let (before, variable) = split_label(word.value);
        let after = variable.map_or("", |(_, after)| after);
        if format!("{before}{after}").contains(['.', '#', '{', '}']) {
            let (what, name) = ("request", word.value.to_owned());
            return Err(self.note(Kind::BadName { what, name }, word.span));
        }
        Ok(Spanned::new(Label::from(word.value), word.span))
    }

    /// `[should]` at the end of a line of a case that is `of_case`.
    pub(super) fn level(&mut self, of_case: Option<Level>) -> Parsed<Option<Level>> {
        let start = self.span();
        if !self.eat(Punct::OpenBracket) {
            return Ok(None);
        }
        let level = match self.peek() {
            Some(Tok::Word(word)) => Level::from_word(word),
            _ => None,
        };
        let Some(level) = level else {
            return Err(self.expected("a level", Some(LEVEL)));
        };
        self.skip();
        self.expect(Punct::CloseBracket, "`]`", None)?;
        if level >= of_case.unwrap_or(Level::Must) {
            let span = start.to(self.last_span());
            self.note(Kind::LevelNotLower(level), span);
        }
        Ok(Some(level))
    }

    /// Notes a clause that the line has already.
    pub(super) fn once(&mut self, known: bool, clause: &str, span: Span) {
        if known {
            let (what, how, name) = ("clause", "written", clause.to_owned());
            self.note(Kind::Twice { what, how, name }, span);
        }
    }

    /// Notes a text that holds another variable than that of its series, which it does not use.
    pub(super) fn uses_variable(&mut self, series: Option<&Spanned<Series>>, args: &[Value]) {
        let Some(series) = series else {
            return;
        };
        let mut found = Vec::new();
        for arg in args {
            braced(arg, &mut found);
        }
        let variable = series.value.variable.as_str();
        let Some(other) = found.first().filter(|_| !found.contains(&variable)) else {
            return;
        };
        let (variable, found) = (variable.to_owned(), (*other).to_owned());
        self.note(Kind::OtherVariable { variable, found }, series.span);
    }
}

/// Adds the names that stand in braces in the texts of a value.
fn braced<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Text(text) => {
            let pieces = text.text.split('{').skip(1);
            let names = pieces.filter_map(|piece| Some(piece.split_once('}')?.0));
            found.extend(names.filter(|name| is_variable(name)));
        }
        Value::Array(values) => values.iter().for_each(|value| braced(value, found)),
        Value::Object(members) => members.iter().for_each(|(_, value)| braced(value, found)),
        _ => {}
    }
}

/// What was meant by `500` and `1.5s`, where it can be said.
fn meant(raw: &str) -> Option<String> {
    if raw.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(format!("{raw}ms` or `{raw}s"));
    }
    let (number, factor) = if let Some(number) = raw.strip_suffix("ms") {
        (number, 1.0)
    } else if let Some(number) = raw.strip_suffix('s') {
        (number, 1000.0)
    } else {
        (raw, 1000.0)
    };
    let millis = number.parse::<f64>().ok()? * factor;
    (millis >= 1.0 && millis.fract() == 0.0 && millis < 1e9).then(|| format!("{millis}ms"))
}
