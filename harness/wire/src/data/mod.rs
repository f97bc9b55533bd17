//! What events and acks carry.

mod history;
mod plain;

use std::fmt;

use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::Number;

pub(crate) use plain::Plain;

/// JSON in which bytes are a value of their own.
///
/// Equality is that of the values and not of their spelling: the order of an object's keys does not
/// count, and `1` equals `1.0` (JavaScript, which the protocol comes from, cannot tell them apart).
///
/// [`Display`](fmt::Display) is one line of JSON in which bytes read `bytes 00 ff`. `serde` writes
/// JSON that reads back as the same value, bytes as `{"$bytes": "<base64>"}`; it is meant for
/// stored histories, and is *not* what travels (see [`crate::socket`] for that).
#[derive(Clone, Debug, Eq)]
pub enum Data {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, kept as it was written: integers up to 64 bits are exact.
    Number(Number),
    /// Text.
    Text(String),
    /// A list.
    Array(Vec<Data>),
    /// An object; its keys keep the order in which they were sent.
    Object(IndexMap<String, Data>),
    /// Bytes, sent beside the JSON as an attachment.
    Binary(Bytes),
}

impl Data {
    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(key),
            _ => None,
        }
    }

    /// Whether there are bytes anywhere inside.
    pub fn has_binary(&self) -> bool {
        match self {
            Self::Binary(_) => true,
            Self::Array(items) => items.iter().any(Self::has_binary),
            Self::Object(fields) => fields.values().any(Self::has_binary),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => false,
        }
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => same_number(a, b),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Binary(a), Self::Binary(b)) => a == b,
            _ => false,
        }
    }
}

/// Compares by value, and exactly: going through `f64` would make 2^53 and 2^53+1 equal.
fn same_number(a: &Number, b: &Number) -> bool {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a == b,
        (Some(whole), None) => is_whole(b, whole),
        (None, Some(whole)) => is_whole(a, whole),
        (None, None) => a.as_f64() == b.as_f64(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an f64 beyond i128 saturates, and no JSON integer is out there to be equal to"
)]
fn is_whole(float: &Number, whole: i128) -> bool {
    float
        .as_f64()
        .is_some_and(|float| float.fract() == 0.0 && float as i128 == whole)
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => write_text(f, text),
            Self::Array(items) => {
                write!(f, "[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { ", " } else { "" })?;
                }
                write!(f, "]")
            }
            Self::Object(fields) => {
                write!(f, "{{")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    write!(f, "{}", if index > 0 { ", " } else { "" })?;
                    write_text(f, key)?;
                    write!(f, ": {value}")?;
                }
                write!(f, "}}")
            }
            Self::Binary(bytes) => {
                write!(f, "bytes")?;
                bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quoted = serde_json::to_string(text).map_err(|_| fmt::Error)?;
    write!(f, "{quoted}")
}

impl From<serde_json::Value> for Data {
    fn from(value: serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(value) => Self::Number(value),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| (key, value.into()))
                    .collect(),
            ),
        }
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Data {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Data {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Data {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<u64> for Data {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Bytes> for Data {
    fn from(bytes: Bytes) -> Self {
        Self::Binary(bytes)
    }
}

impl<T: Into<Data>> From<Vec<T>> for Data {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl From<IndexMap<String, Data>> for Data {
    fn from(fields: IndexMap<String, Data>) -> Self {
        Self::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn key_order_does_not_count_but_is_kept() {
        let a = Data::from(json!({"x": 1, "y": [2]}));
        let b = Data::from(json!({"y": [2], "x": 1}));
        assert_eq!(a, b);
        assert_eq!(b.to_string(), r#"{"y": [2], "x": 1}"#);
        assert_ne!(a, Data::from(json!({"x": 1})));
    }

    #[test]
    fn numbers_compare_by_value_and_exactly() {
        let number =
            |json: &str| Data::from(serde_json::from_str::<serde_json::Value>(json).unwrap());
        assert_eq!(number("1"), number("1.0"));
        assert_eq!(number("-0.0"), number("0"));
        assert_eq!(number("1e2"), number("100"));
        assert_eq!(number("0.5"), number("5e-1"));
        assert_ne!(number("1"), number("1.5"));
        assert_ne!(number("9007199254740992.0"), number("9007199254740993"));
        assert_ne!(
            number("18446744073709551615"),
            number("1.8446744073709552e19")
        );
        assert_ne!(number("1e300"), number("9223372036854775807"));
    }

    #[test]
    fn kinds_do_not_mix() {
        let kinds = [
            Data::Null,
            false.into(),
            0_u64.into(),
            "".into(),
            Data::Array(vec![]),
            IndexMap::new().into(),
            Bytes::new().into(),
        ];
        for (i, a) in kinds.iter().enumerate() {
            for (j, b) in kinds.iter().enumerate() {
                assert_eq!(a == b, i == j, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn reads_as_json_with_bytes() {
        let data = Data::Array(vec![
            Data::Null,
            "a\"\n€".into(),
            Bytes::from_static(&[0, 255, 16]).into(),
            Bytes::new().into(),
            Data::from(json!({"k": [true, -1.5]})),
        ]);
        assert_eq!(
            data.to_string(),
            r#"[null, "a\"\n€", bytes 00 ff 10, bytes, {"k": [true, -1.5]}]"#
        );
    }
}
