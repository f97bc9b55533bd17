//! A value with places to fill in: `{ username = "$nickname", text = "$text" }`.
//!
//! The same template is filled in to send, and held against what arrives to read it.

use std::collections::BTreeSet;

use chatspec_notation::suggest::closest;
use chatspec_wire::data::Data;

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// `$nickname`
    Nickname,
    /// `$room`
    Room,
    /// `$text`: what is said.
    Text,
    /// `$rooms`: the list of rooms, as the extension `room_change` has it.
    Rooms,
    /// `$id`: a text that is one request's alone.
    Id,
    /// `$_`: whatever is there.
    Any,
}

/// A mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// There is no such placeholder.
    #[error("there is no placeholder `${word}`{}; a dollar sign itself is written `$$`",
        .meant.as_ref().map(|meant| format!(" (did you mean `${meant}`?)")).unwrap_or_default())]
    Unknown {
        /// What was written, without the dollar sign.
        word: String,
        /// What may have been meant.
        meant: Option<String>,
    },
    /// It stands where nobody knows what it is.
    #[error("`{0}` has no meaning here; what has is {1}")]
    NotHere(&'static str, String),
    /// A date, which JSON does not have.
    #[error("a date is no value of JSON; write it as text")]
    Date,
    /// A number that is none.
    #[error("{0} is no number of JSON")]
    Number(String),
}

impl Slot {
    const ALL: [(&'static str, Self); 6] = [
        ("nickname", Self::Nickname),
        ("room", Self::Room),
        ("text", Self::Text),
        ("rooms", Self::Rooms),
        ("id", Self::Id),
        ("_", Self::Any),
    ];

    const fn shown(self) -> &'static str {
        match self {
            Self::Nickname => "$nickname",
            Self::Room => "$room",
            Self::Text => "$text",
            Self::Rooms => "$rooms",
            Self::Id => "$id",
            Self::Any => "$_",
        }
    }
}

/// What fills the places.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bindings {
    pub(crate) nickname: Option<Data>,
    pub(crate) room: Option<Data>,
    pub(crate) text: Option<Data>,
    pub(crate) rooms: Option<Data>,
    pub(crate) id: Option<Data>,
}

impl Bindings {
    pub(crate) const fn get(&self, slot: Slot) -> Option<&Data> {
        match slot {
            Slot::Nickname => self.nickname.as_ref(),
            Slot::Room => self.room.as_ref(),
            Slot::Text => self.text.as_ref(),
            Slot::Rooms => self.rooms.as_ref(),
            Slot::Id => self.id.as_ref(),
            Slot::Any => None,
        }
    }

    fn set(&mut self, slot: Slot, value: Option<Data>) {
        match slot {
            Slot::Nickname => self.nickname = value,
            Slot::Room => self.room = value,
            Slot::Text => self.text = value,
            Slot::Rooms => self.rooms = value,
            Slot::Id => self.id = value,
            Slot::Any => {}
        }
    }
}

/// Who and what is known where something arrives: a name or a room that nobody has is read as none,
/// so that `Bot` is not taken for somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) names: &'a BTreeSet<String>,
    pub(crate) rooms: &'a BTreeSet<String>,
    /// Whether the case of a nickname's letters means nothing.
    pub(crate) folds_names: bool,
}

impl<'a> Known<'a> {
    /// `text` without `word` at its beginning, if that is there.
    fn without<'t>(self, slot: Slot, word: &str, text: &'t str) -> Option<&'t str> {
        let (start, rest) = text.split_at_checked(word.len())?;
        let is_it = if slot == Slot::Nickname && self.folds_names {
            start.eq_ignore_ascii_case(word)
        } else {
            start == word
        };
        is_it.then_some(rest)
    }

    /// The nickname or room that `data` is, as it was given.
    fn given(self, slot: Slot, data: &Data) -> Option<&'a str> {
        let all = if slot == Slot::Nickname {
            self.names
        } else {
            self.rooms
        };
        let text = data.as_text()?;
        let mut all = all.iter();
        all.find(|word| self.without(slot, word, text) == Some(""))
            .map(String::as_str)
    }
}

/// A text with places in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Slot(Slot),
}

/// A value with places in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Template {
    /// A value without any.
    Exactly(Data),
    /// A place and nothing else: any value fits.
    Slot(Slot),
    /// Text around places.
    Words(Words),
    /// A list, element by element; `...` at its end stands for whatever follows.
    Array(Vec<Template>, bool),
    /// An object that has at least these fields.
    Object(Vec<(String, Template)>),
    /// A text that is JSON of this value, as `JSON.stringify` gives it.
    Json(Box<Template>),
}

/// Whatever follows in a list.
const REST: &str = "...";
/// What TOML has no word for.
const NULL: &str = "$null";

impl Words {
    /// A message as the seed relays it.
    pub(crate) fn message() -> Self {
        let between = Part::Literal(": ".to_owned());
        Self(vec![
            Part::Slot(Slot::Nickname),
            between,
            Part::Slot(Slot::Text),
        ])
    }

    pub(crate) fn parse(text: &str) -> Result<Self, TemplateProblem> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let (word, behind) = if let Some(more) = rest.strip_prefix('$') {
                literal.push('$');
                rest = more;
                continue;
            } else if let Some((word, behind)) = rest
                .strip_prefix('{')
                .and_then(|braced| braced.split_once('}'))
            {
                (word, behind)
            } else {
                let end = if rest.starts_with('_') {
                    1
                } else {
                    rest.find(|char: char| !char.is_ascii_alphabetic())
                        .unwrap_or(rest.len())
                };
                rest.split_at(end)
            };
            if word.is_empty() {
                // `$5` is a price.
                literal.push('$');
                continue;
            }
            rest = behind;
            let known = Slot::ALL.into_iter().find(|(name, _)| *name == word);
            let Some((_, slot)) = known else {
                let names = Slot::ALL.into_iter().map(|(name, _)| name);
                return Err(TemplateProblem::Unknown {
                    word: word.to_owned(),
                    // A slip of the pen, or a word cut short.
                    meant: closest(word, names.clone())
                        .or_else(|| names.clone().find(|name| name.starts_with(word)))
                        .map(str::to_owned),
                });
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Slot(slot));
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// The text with its places filled in; none where something is not known.
    pub(crate) fn fill(&self, with: &Bindings) -> Option<String> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Slot(slot) => match with.get(*slot)? {
                    Data::Text(text) => filled.push_str(text),
                    other => filled.push_str(&other.to_string()),
                },
            }
        }
        Some(filled)
    }

    /// The places that it has.
    pub(crate) fn slots(&self, into: &mut BTreeSet<Slot>) {
        into.extend(self.0.iter().filter_map(|part| match part {
            Part::Slot(slot) => Some(*slot),
            Part::Literal(_) => None,
        }));
    }

    fn matches(&self, text: &str, known: Known<'_>, found: &mut Bindings) -> bool {
        read(&self.0, text, known, found)
    }
}

/// Whether `text` is of these parts. What is found is left in `found` only if it is.
fn read(parts: &[Part], text: &str, known: Known<'_>, found: &mut Bindings) -> bool {
    let Some((part, later)) = parts.split_first() else {
        return text.is_empty();
    };
    let slot = match part {
        Part::Literal(literal) => {
            return text
                .strip_prefix(literal.as_str())
                .is_some_and(|rest| read(later, rest, known, found));
        }
        Part::Slot(slot) => *slot,
    };
    if let Some(value) = found.get(slot) {
        let value = match value {
            Data::Text(value) => value.clone(),
            other => other.to_string(),
        };
        return known
            .without(slot, &value, text)
            .is_some_and(|rest| read(later, rest, known, found));
    }
    let mut try_value = |value: &str| {
        let before = found.clone();
        found.set(slot, Some(Data::from(value)));
        let fits = read(later, &text[value.len()..], known, found);
        if !fits {
            *found = before;
        }
        fits
    };
    match slot {
        // The longest first: `Ana Maria` is not `Ana` who says something.
        Slot::Nickname | Slot::Room => {
            let all = if slot == Slot::Nickname {
                known.names
            } else {
                known.rooms
            };
            let mut fitting: Vec<&str> = all
                .iter()
                .map(String::as_str)
                .filter(|name| known.without(slot, name, text).is_some())
                .collect();
            fitting.sort_by_key(|name| std::cmp::Reverse(name.len()));
            fitting.into_iter().any(try_value)
        }
        Slot::Text | Slot::Any | Slot::Id | Slot::Rooms => {
            let next = later.first();
            match next {
                None => try_value(text),
                Some(Part::Literal(literal)) => text
                    .match_indices(literal.as_str())
                    .any(|(at, _)| try_value(&text[..at])),
                Some(Part::Slot(_)) => text
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain(std::iter::once(text.len()))
                    .any(|at| try_value(&text[..at])),
            }
        }
    }
}

impl Template {
    /// The template that TOML writes down.
    pub(crate) fn parse(value: &toml::Value) -> Result<Self, TemplateProblem> {
        let number = |number: Option<serde_json::Number>, shown: String| {
            number
                .map(|number| Self::Exactly(Data::Number(number)))
                .ok_or(TemplateProblem::Number(shown))
        };
        Ok(match value {
            toml::Value::String(text) => Self::of_text(text)?,
            toml::Value::Integer(whole) => Self::Exactly(Data::Number((*whole).into())),
            toml::Value::Float(float) => {
                number(serde_json::Number::from_f64(*float), float.to_string())?
            }
            toml::Value::Boolean(truth) => Self::Exactly(Data::Bool(*truth)),
            toml::Value::Datetime(_) => return Err(TemplateProblem::Date),
            toml::Value::Array(items) => {
                let (items, open) = match items.split_last() {
                    Some((toml::Value::String(last), before)) if last == REST => (before, true),
                    _ => (items.as_slice(), false),
                };
                let items: Result<_, _> = items.iter().map(Self::parse).collect();
                Self::Array(items?, open)
            }
            toml::Value::Table(fields) => {
                let field = |(key, value)| Ok((String::clone(key), Self::parse(value)?));
                Self::Object(fields.iter().map(field).collect::<Result<_, _>>()?)
            }
        })
    }

    fn of_text(text: &str) -> Result<Self, TemplateProblem> {
        if text == NULL {
            return Ok(Self::Exactly(Data::Null));
        }
        // What a place holds is escaped in JSON, and its spaces mean nothing.
        if let Ok(data @ (Data::Object(_) | Data::Array(_))) = serde_json::from_str(text) {
            return Ok(Self::Json(Box::new(Self::of_json(&data)?)));
        }
        let words = Words::parse(text)?;
        Ok(match words.0.as_slice() {
            [] => Self::Exactly(Data::from("")),
            [Part::Literal(text)] => Self::Exactly(Data::from(text.as_str())),
            [Part::Slot(slot)] => Self::Slot(*slot),
            _ => Self::Words(words),
        })
    }

    fn of_json(data: &Data) -> Result<Self, TemplateProblem> {
        Ok(match data {
            Data::Text(text) => Self::of_text(text)?,
            Data::Array(items) => {
                let (items, open) = match items.split_last() {
                    Some((Data::Text(last), before)) if last == REST => (before, true),
                    _ => (items.as_slice(), false),
                };
                let items: Result<_, _> = items.iter().map(Self::of_json).collect();
                Self::Array(items?, open)
            }
            Data::Object(fields) => {
                let field = |(key, value)| Ok((String::clone(key), Self::of_json(value)?));
                Self::Object(fields.iter().map(field).collect::<Result<_, _>>()?)
            }
            plain => Self::Exactly(plain.clone()),
        })
    }

    /// The value with its places filled in; none where it is nothing but a place that is not known.
    /// Fields and last elements of that kind are left out.
    pub(crate) fn fill(&self, with: &Bindings) -> Option<Data> {
        Some(match self {
            Self::Exactly(data) => data.clone(),
            Self::Slot(slot) => with.get(*slot)?.clone(),
            Self::Words(words) => Data::Text(words.fill(with)?),
            Self::Array(items, _) => {
                let mut filled: Vec<_> = items.iter().map(|item| item.fill(with)).collect();
                while filled.last().is_some_and(Option::is_none) {
                    filled.pop();
                }
                let filled = filled.into_iter();
                Data::Array(filled.map(|item| item.unwrap_or(Data::Null)).collect())
            }
            Self::Object(fields) => {
                let filled = fields.iter();
                let filled =
                    filled.filter_map(|(key, field)| Some((key.clone(), field.fill(with)?)));
                Data::Object(filled.collect())
            }
            Self::Json(value) => Data::Text(serde_json::to_string(&value.fill(with)?).ok()?),
        })
    }

    /// Whether `data` is of this template. What its places hold is added to `found`, which may say
    /// before what they must hold.
    pub(crate) fn matches(&self, data: &Data, known: Known<'_>, found: &mut Bindings) -> bool {
        match (self, data) {
            (Self::Slot(Slot::Any), _) => true,
            (Self::Slot(slot), data) => {
                if let Some(value) = found.get(*slot) {
                    let text = value.as_text().zip(data.as_text());
                    return value == data
                        || text.is_some_and(|(word, text)| {
                            known.without(*slot, word, text) == Some("")
                        });
                }
                let value = match slot {
                    Slot::Nickname | Slot::Room => known.given(*slot, data).map(Data::from),
                    Slot::Text | Slot::Rooms | Slot::Id | Slot::Any => Some(data.clone()),
                };
                let fits = value.is_some();
                if fits {
                    found.set(*slot, value);
                }
                fits
            }
            (Self::Words(words), Data::Text(text)) => words.matches(text, known, found),
            (Self::Json(value), Data::Text(text)) => {
                serde_json::from_str(text).is_ok_and(|data| value.matches(&data, known, found))
            }
            (Self::Array(items, open), Data::Array(there)) => {
                matches_all(items, *open, there, known, found)
            }
            (Self::Object(fields), Data::Object(there)) => fields.iter().all(|(key, field)| {
                there
                    .get(key)
                    .is_some_and(|value| field.matches(value, known, found))
            }),
            (Self::Exactly(expected), data) => expected == data,
            (Self::Words(_) | Self::Array(..) | Self::Object(_) | Self::Json(_), _) => false,
        }
    }

    /// The places that it has, at any depth.
    pub(crate) fn slots(&self, into: &mut BTreeSet<Slot>) {
        match self {
            Self::Exactly(_) => {}
            Self::Slot(slot) => {
                into.insert(*slot);
            }
            Self::Words(words) => words.slots(into),
            Self::Array(items, _) => items.iter().for_each(|item| item.slots(into)),
            Self::Object(fields) => fields.iter().for_each(|(_, field)| field.slots(into)),
            Self::Json(value) => value.slots(into),
        }
    }
}

/// Whether these values are of these templates, one by one; `open` leaves more of them alone.
pub(crate) fn matches_all(
    templates: &[Template],
    open: bool,
    values: &[Data],
    known: Known<'_>,
    found: &mut Bindings,
) -> bool {
    let fits = if open {
        values.len() >= templates.len()
    } else {
        values.len() == templates.len()
    };
    fits && templates
        .iter()
        .zip(values)
        .all(|(template, value)| template.matches(value, known, found))
}

/// Refuses places that have no meaning where the template stands.
pub(crate) fn only(slots: &BTreeSet<Slot>, allowed: &[Slot]) -> Result<(), TemplateProblem> {
    match slots.iter().find(|slot| !allowed.contains(slot)) {
        None => Ok(()),
        Some(slot) => {
            let allowed: BTreeSet<_> = allowed.iter().copied().collect();
            let allowed: Vec<_> = allowed
                .iter()
                .map(|slot| format!("`{}`", slot.shown()))
                .collect();
            Err(TemplateProblem::NotHere(slot.shown(), allowed.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests;
