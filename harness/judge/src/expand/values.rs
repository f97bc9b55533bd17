//! What a line says, filled in.

use bytes::Bytes;
use chatspec_notation::ast::{Raw, Series};
use chatspec_notation::names::{Label, Variable};
use chatspec_notation::value::{Text, Value, bytes as many_bytes};
use chatspec_wire::data::Data;

use crate::pattern::Pattern;
use crate::plan::RawPacket;

use super::Expander;

/// The number that a series has come to.
#[derive(Clone, Copy)]
pub(super) struct Turn<'a> {
    variable: &'a Variable,
    number: u32,
}

impl Expander {
    pub(super) fn room(&self, name: &str) -> Option<String> {
        let found = self
            .plan
            .rooms
            .iter()
            .find(|(declared, _)| declared == name);
        found.map(|(_, instance)| instance.clone())
    }

    pub(super) fn patterns(&self, values: &[Value], turn: Option<Turn<'_>>) -> Vec<Pattern> {
        values
            .iter()
            .map(|value| self.pattern(value, turn))
            .collect()
    }

    pub(super) fn pattern(&self, value: &Value, turn: Option<Turn<'_>>) -> Pattern {
        match value {
            Value::Any => Pattern::Any,
            Value::Capture(name) => Pattern::Capture(name.value.clone()),
            Value::Array(items) => Pattern::Array(self.patterns(items, turn)),
            Value::Object(fields) => Pattern::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), self.pattern(field, turn)))
                    .collect(),
            ),
            Value::Null => exactly(Data::Null),
            Value::Bool(value) => exactly(Data::Bool(*value)),
            Value::Number(number) => exactly(Data::Number(number.clone())),
            Value::Text(text) => exactly(Data::Text(expanded(text, turn))),
            Value::Bytes(bytes) => exactly(Data::Binary(Bytes::from(bytes.clone()))),
            Value::ManyBytes(count) => exactly(Data::Binary(Bytes::from(many_bytes(*count)))),
            Value::Name(name) => exactly(Data::Text(
                self.room(&name.value).unwrap_or_else(|| name.value.clone()),
            )),
        }
    }
}

pub(super) fn exactly(data: Data) -> Pattern {
    Pattern::Exactly(data)
}

fn expanded(text: &Text, turn: Option<Turn<'_>>) -> String {
    text.expand(turn.map(|turn| (turn.variable, turn.number)))
}

pub(super) fn filled(label: &Label, turn: Option<Turn<'_>>) -> String {
    label
        .expand(turn.map(|turn| (turn.variable, turn.number)))
        .to_string()
}

pub(super) fn packet(raw: &Raw) -> RawPacket {
    match raw {
        Raw::Text(text) => RawPacket::Text(expanded(text, None)),
        Raw::Bytes(bytes) => RawPacket::Bytes(bytes.clone()),
    }
}

/// The turns of a series; one turn without a number where there is none.
pub(super) fn turns(series: Option<&Series>) -> Vec<Option<Turn<'_>>> {
    match series {
        None => vec![None],
        Some(series) => series
            .numbers()
            .map(|number| {
                Some(Turn {
                    variable: &series.variable,
                    number,
                })
            })
            .collect(),
    }
}
