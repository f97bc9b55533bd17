//! `serde` for stored histories: plain JSON, with bytes as `{"$bytes": "<base64>"}`.
//!
//! An object that would read as bytes (a single key, `$bytes` behind any number of dollars) gets
//! one more dollar when written and loses it when read, so that every value comes back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Data, Plain};

const KEY: &str = "$bytes";

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(fields) => {
                if let Some((key, value)) = only(fields.iter())
                    && is_escapable(key)
                {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_entry(&format!("${key}"), value)?;
                    return map.end();
                }
                serializer.collect_map(fields)
            }
            Self::Binary(bytes) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(KEY, &STANDARD.encode(bytes))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Plain(data) = Plain::deserialize(deserializer)?;
        unescape(data).map_err(D::Error::custom)
    }
}

fn unescape(data: Data) -> Result<Data, String> {
    Ok(match data {
        Data::Array(items) => {
            Data::Array(items.into_iter().map(unescape).collect::<Result<_, _>>()?)
        }
        Data::Object(fields) => {
            if let Some((key, value)) = only(fields.iter())
                && is_escapable(key)
            {
                if key == KEY {
                    return bytes(value);
                }
                let inner = unescape(value.clone())?;
                return Ok(Data::Object(
                    [(key[1..].to_owned(), inner)].into_iter().collect(),
                ));
            }
            let fields = fields
                .into_iter()
                .map(|(key, value)| Ok((key, unescape(value)?)));
            Data::Object(fields.collect::<Result<_, String>>()?)
        }
        other => other,
    })
}

fn bytes(value: &Data) -> Result<Data, String> {
    let encoded = value
        .as_text()
        .ok_or_else(|| format!("{KEY} needs base64, not {value}"))?;
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|error| format!("{KEY} needs base64: {error}"))?;
    Ok(Data::Binary(Bytes::from(bytes)))
}

/// `$bytes`, `$$bytes`, `$$$bytes` and so on.
fn is_escapable(key: &str) -> bool {
    key.strip_suffix("bytes")
        .is_some_and(|head| !head.is_empty() && head.bytes().all(|b| b == b'$'))
}

fn only<T>(mut items: impl Iterator<Item = T>) -> Option<T> {
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(data: &Data) -> String {
        serde_json::to_string(data).unwrap()
    }

    #[test]
    fn bytes_are_marked() {
        let data = Data::Array(vec!["hi".into(), Bytes::from_static(&[1, 2, 3]).into()]);
        assert_eq!(written(&data), r#"["hi",{"$bytes":"AQID"}]"#);
        assert_eq!(serde_json::from_str::<Data>(&written(&data)).unwrap(), data);
    }

    #[test]
    fn an_object_that_looks_like_bytes_is_not_taken_for_them() {
        for (object, text) in [
            (json!({"$bytes": "AQID"}), r#"{"$$bytes":"AQID"}"#),
            (json!({"$$bytes": 1}), r#"{"$$$bytes":1}"#),
            (
                json!({"$bytes": {"$bytes": 1}}),
                r#"{"$$bytes":{"$$bytes":1}}"#,
            ),
            (json!({"bytes": 1}), r#"{"bytes":1}"#),
            (json!({"$bytes": 1, "b": 2}), r#"{"$bytes":1,"b":2}"#),
        ] {
            let data = Data::from(object);
            assert_eq!(written(&data), text);
            assert_eq!(serde_json::from_str::<Data>(text).unwrap(), data);
        }
    }

    #[test]
    fn bytes_that_are_not_base64_are_refused() {
        let message = |text: &str| serde_json::from_str::<Data>(text).unwrap_err().to_string();
        insta::assert_snapshot!(message(r#"{"$bytes":5}"#), @"$bytes needs base64, not 5");
        insta::assert_snapshot!(
            message(r#"{"$bytes":"?"}"#),
            @"$bytes needs base64: Invalid symbol 63, offset 0."
        );
    }
}
