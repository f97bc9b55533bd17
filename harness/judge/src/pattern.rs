//! Values with holes: what a plan sends and what it expects.

use std::collections::BTreeMap;

use bytes::Bytes;
use chatspec_notation::names::Capture;
use chatspec_notation::span::Spanned;
use chatspec_notation::value::{Text, Value, bytes as many_bytes};
use chatspec_wire::data::Data;

/// A value in which parts may be left open. Rooms, series and repetitions are already filled in.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// `_`
    Any,
    /// `$x`: bound by the first value it meets.
    Capture(Capture),
    /// A list, element by element.
    Array(Vec<Pattern>),
    /// An object with these fields and no others, in any order.
    Object(Vec<(String, Pattern)>),
    /// A value without holes.
    Exactly(Data),
}

/// What the captures of a run stand for.
pub type Captures = BTreeMap<Capture, Data>;

impl Pattern {
    /// Whether `data` is of this pattern. Captures that are met for the first time are bound, also
    /// when the rest does not match: callers pass a copy where that matters.
    pub fn matches(&self, data: &Data, captures: &mut Captures) -> bool {
        match (self, data) {
            (Self::Any, _) => true,
            (Self::Capture(name), data) => {
                captures.entry(name.clone()).or_insert_with(|| data.clone()) == data
            }
            (Self::Array(patterns), Data::Array(items)) => match_all(patterns, items, captures),
            (Self::Object(patterns), Data::Object(fields)) => {
                patterns.len() == fields.len()
                    && patterns.iter().all(|(key, pattern)| {
                        fields
                            .get(key)
                            .is_some_and(|field| pattern.matches(field, captures))
                    })
            }
            (Self::Exactly(expected), data) => expected == data,
            (Self::Array(_) | Self::Object(_), _) => false,
        }
    }

    /// The pattern with values for the captures that are bound.
    #[must_use]
    pub fn filled(&self, captures: &Captures) -> Self {
        match self {
            Self::Capture(name) => match captures.get(name) {
                Some(bound) => Self::Exactly(bound.clone()),
                None => self.clone(),
            },
            Self::Array(items) => {
                Self::Array(items.iter().map(|item| item.filled(captures)).collect())
            }
            Self::Object(fields) => {
                let fields = fields.iter();
                Self::Object(
                    fields
                        .map(|(key, field)| (key.clone(), field.filled(captures)))
                        .collect(),
                )
            }
            Self::Any | Self::Exactly(_) => self.clone(),
        }
    }

    /// Whether it holds a capture that is not bound yet.
    pub fn binds(&self, captures: &Captures) -> bool {
        match self {
            Self::Capture(name) => !captures.contains_key(name),
            Self::Array(items) => items.iter().any(|item| item.binds(captures)),
            Self::Object(fields) => fields.iter().any(|(_, field)| field.binds(captures)),
            Self::Any | Self::Exactly(_) => false,
        }
    }

    /// The value to send; `None` where a hole is left, which the notation's checks rule out.
    pub fn resolve(&self, captures: &Captures) -> Option<Data> {
        Some(match self {
            Self::Any => return None,
            Self::Capture(name) => captures.get(name)?.clone(),
            Self::Array(items) => Data::Array(
                items
                    .iter()
                    .map(|item| item.resolve(captures))
                    .collect::<Option<_>>()?,
            ),
            Self::Object(fields) => Data::Object(
                fields
                    .iter()
                    .map(|(key, field)| Some((key.clone(), field.resolve(captures)?)))
                    .collect::<Option<_>>()?,
            ),
            Self::Exactly(data) => data.clone(),
        })
    }
}

/// Whether `items` are as many as `patterns`, and each is of its pattern.
pub fn match_all(patterns: &[Pattern], items: &[Data], captures: &mut Captures) -> bool {
    patterns.len() == items.len()
        && patterns
            .iter()
            .zip(items)
            .all(|(pattern, item)| pattern.matches(item, captures))
}

/// Turns values of a run back into the notation, rooms by their declared names.
pub struct Namer<'a> {
    /// Declared name and name of this run.
    pub rooms: &'a [(String, String)],
}

impl Namer<'_> {
    /// `data` as a value of the notation.
    pub fn data(&self, data: &Data) -> Value {
        match data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(number) => Value::Number(number.clone()),
            Data::Text(text) => self.text(text),
            Data::Array(items) => Value::Array(items.iter().map(|item| self.data(item)).collect()),
            Data::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), self.data(field)))
                    .collect(),
            ),
            Data::Binary(bytes) => binary(bytes),
        }
    }

    /// `pattern` as a value of the notation.
    pub fn pattern(&self, pattern: &Pattern) -> Value {
        match pattern {
            Pattern::Any => Value::Any,
            Pattern::Capture(name) => Value::Capture(Spanned::from(name.clone())),
            Pattern::Array(items) => {
                Value::Array(items.iter().map(|item| self.pattern(item)).collect())
            }
            Pattern::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), self.pattern(field)))
                    .collect(),
            ),
            Pattern::Exactly(data) => self.data(data),
        }
    }

    fn text(&self, text: &str) -> Value {
        match self.rooms.iter().find(|(_, instance)| instance == text) {
            Some((name, _)) => Value::Name(Spanned::from(name.clone())),
            None => Value::Text(repeated(text).unwrap_or_else(|| Text::plain(text))),
        }
    }
}

/// Long texts of one character are written as a repetition, as their scenario wrote them.
fn repeated(text: &str) -> Option<Text> {
    const LONG: usize = 64;
    let first = text.chars().next()?;
    let count = text.chars().count();
    (count >= LONG && text.chars().all(|char| char == first)).then(|| Text {
        repeat: u32::try_from(count).ok(),
        ..Text::plain(first)
    })
}

fn binary(bytes: &Bytes) -> Value {
    const LONG: usize = 32;
    match u32::try_from(bytes.len()) {
        Ok(count) if bytes.len() >= LONG && **bytes == *many_bytes(count) => {
            Value::ManyBytes(count)
        }
        _ => Value::Bytes(bytes.to_vec()),
    }
}
