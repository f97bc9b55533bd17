//! What is sent back as it came: any number of arguments, bytes among them.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeTuple, Serializer};
use serde_json::value::RawValue;
use socketioxide::adapter::Adapter;
use socketioxide::handler::FromMessageParts;
use socketioxide::socket::Socket;
use socketioxide_core::Value;

/// How deep lists and objects beside bytes may be nested, in levels; without bytes, nothing is too
/// deep. Each level is read by a call within a call, and again by the one above it.
const DEEPEST: usize = 128;

/// An event that is to be sent back, as it came. It is read only when its turn has come: read, many
/// small arguments take many times their memory.
#[derive(Debug)]
pub(crate) struct Echo {
    /// A list that begins with the event's name, if it is JSON at all.
    packet: Box<str>,
    attachments: Vec<Bytes>,
}

impl<A: Adapter> FromMessageParts<A> for Echo {
    type Error = Infallible;

    fn from_message_parts(
        _: &Arc<Socket<A>>,
        packet: &mut Value,
        _: &Option<i64>,
    ) -> Result<Self, Infallible> {
        Ok(match packet {
            Value::Str(packet, attachments) => Self {
                packet: packet.as_str().into(),
                attachments: attachments.iter().flatten().cloned().collect(),
            },
            // Only the msgpack parser makes these, and it is not compiled in.
            Value::Bytes(_) => Self {
                packet: Box::default(),
                attachments: Vec::new(),
            },
        })
    }
}

impl Echo {
    /// How much memory it holds, in bytes.
    pub(crate) fn size(&self) -> usize {
        let attached = self.attachments.iter().map(Bytes::len);
        self.packet.len() + attached.sum::<usize>()
    }

    /// The arguments. Nothing for what is no JSON to its end; and, where something is attached, for a
    /// placeholder without an attachment of its own, for what is deeper than [`DEEPEST`], and for a
    /// key that is no Unicode.
    pub(crate) fn arguments(self) -> Option<EchoArguments> {
        let items: Vec<&RawValue> = serde_json::from_str(&self.packet).ok()?;
        let mut attachments: Vec<_> = self.attachments.into_iter().map(Some).collect();
        let part = |raw: &RawValue| {
            if attachments.is_empty() {
                // The words of a placeholder are words like any other.
                Some(Part::Raw(raw.to_owned()))
            } else {
                Part::read(raw, &mut attachments, DEEPEST).ok()
            }
        };
        let arguments = items.into_iter().skip(1).map(part);
        arguments.collect::<Option<_>>().map(EchoArguments)
    }
}

/// All arguments of an event. Serialized, they are the arguments of another.
#[derive(Debug)]
pub(crate) struct EchoArguments(Vec<Part>);

impl EchoArguments {
    /// How many bytes they are as an answer, at the least.
    pub(crate) fn size(&self) -> usize {
        self.0.iter().map(Part::size).sum()
    }
}

impl Serialize for EchoArguments {
    /// A tuple, whose elements the library takes for arguments; a list would be one argument.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut arguments = serializer.serialize_tuple(self.0.len())?;
        for argument in &self.0 {
            arguments.serialize_element(argument)?;
        }
        arguments.end()
    }
}

/// A value, taken apart no further than down to its bytes.
#[derive(Debug)]
enum Part {
    /// The JSON text that the client wrote.
    Raw(Box<RawValue>),
    Bytes(Bytes),
    List(Vec<Part>),
    /// As written, equal keys too.
    Object(Vec<(String, Part)>),
}

impl Part {
    /// Takes `levels` levels apart.
    fn read(
        raw: &RawValue,
        attachments: &mut [Option<Bytes>],
        levels: usize,
    ) -> Result<Self, serde_json::Error> {
        if !raw.get().starts_with(['[', '{']) {
            return Ok(Self::Raw(raw.to_owned()));
        }
        let levels = levels
            .checked_sub(1)
            .ok_or_else(|| de::Error::custom("too deep"))?;
        let inside = Inside {
            attachments,
            levels,
        };
        inside.deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
    }

    fn size(&self) -> usize {
        match self {
            Self::Raw(raw) => raw.get().len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => items.iter().map(Self::size).sum(),
            Self::Object(fields) => fields.iter().map(|(_, part)| part.size()).sum(),
        }
    }

    fn raw(&self) -> Option<&str> {
        match self {
            Self::Raw(raw) => Some(raw.get()),
            Self::Bytes(_) | Self::List(_) | Self::Object(_) => None,
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Raw(raw) => raw.serialize(serializer),
            // The library makes attachments of bytes, in the order in which it meets them.
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// Reads a list or an object, each of its elements as a [`Part`].
struct Inside<'a> {
    /// Those that have no place yet. Each has one place at most: one that could stand in many would
    /// make a large answer of a small event.
    attachments: &'a mut [Option<Bytes>],
    /// How many more there may be below this one.
    levels: usize,
}

impl Inside<'_> {
    fn part<E: de::Error>(&mut self, raw: &RawValue) -> Result<Part, E> {
        Part::read(raw, self.attachments, self.levels).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Inside<'_> {
    type Value = Part;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inside<'_> {
    type Value = Part;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Part, A::Error> {
        let mut items = Vec::new();
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            items.push(self.part(raw)?);
        }
        Ok(Part::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Part, A::Error> {
        let mut fields = Vec::new();
        while let Some((key, raw)) = map.next_entry::<String, &RawValue>()? {
            fields.push((key, self.part(raw)?));
        }
        // Clause: Socket.IO protocol v5, "Packet encoding". As in JavaScript, the last of equal keys
        // counts.
        let last = |key: &str| {
            let mut values = fields.iter().rev().filter(|(known, _)| known == key);
            values.next().and_then(|(_, value)| value.raw())
        };
        if last("_placeholder") != Some("true") {
            return Ok(Part::Object(fields));
        }
        let num = last("num").and_then(|num| num.parse::<usize>().ok());
        let attachment = num.and_then(|num| self.attachments.get_mut(num)?.take());
        let bytes =
            attachment.ok_or_else(|| de::Error::custom("a placeholder for no attachment"))?;
        Ok(Part::Bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo(packet: &str, attachments: &[&'static [u8]]) -> Echo {
        let attachments = attachments.iter();
        Echo {
            packet: packet.into(),
            attachments: attachments.map(|bytes| Bytes::from_static(bytes)).collect(),
        }
    }

    /// With two attachments.
    fn read(arguments: &str) -> Option<EchoArguments> {
        echo(&format!("[\"message\",{arguments}]"), &[b"zero", b"one"]).arguments()
    }

    /// As the library's serializer does, but with the bytes in place.
    fn shown(arguments: &EchoArguments) -> String {
        serde_json::to_string(arguments).unwrap()
    }

    fn placeholder(num: &str) -> String {
        format!(r#"{{"_placeholder":true,"num":{num}}}"#)
    }

    #[test]
    fn without_attachments_everything_is_as_it_was_written() {
        for arguments in [
            "",
            r#","\ud83d \u0041",1.0,-0,1e400, [ 1 ] "#,
            r#",{"b":1,"a":{},"b":2},{"_placeholder":true,"num":0}"#,
        ] {
            let echo = echo(&format!("[\"message\"{arguments}]"), &[]);
            let expected = arguments.strip_prefix(',').unwrap_or_default();
            // Space between two arguments is nobody's.
            let expected = expected.replace(", [ 1 ] ", ",[ 1 ]");
            assert_eq!(shown(&echo.arguments().unwrap()), format!("[{expected}]"));
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let echo = echo(&format!("[\"message\",{deep}]"), &[]);
        assert_eq!(shown(&echo.arguments().unwrap()), format!("[{deep}]"));
    }

    #[test]
    fn attachments_are_put_where_their_placeholders_are() {
        let arguments = format!(
            r#""\u0041",{},{{"a":[1.0,{}],"a":{{}}}}"#,
            placeholder("1"),
            placeholder("0")
        );
        let bytes = |bytes: &[u8]| serde_json::to_string(bytes).unwrap();
        let (zero, one) = (bytes(b"zero"), bytes(b"one"));
        assert_eq!(
            shown(&read(&arguments).unwrap()),
            format!(r#"["\u0041",{one},{{"a":[1.0,{zero}],"a":{{}}}}]"#)
        );
        assert_eq!(
            shown(&read(r#"{"_placeholder":false,"num":7}"#).unwrap()),
            r#"[{"_placeholder":false,"num":7}]"#
        );
        // One that is written otherwise is one all the same.
        let escaped = r#" { "num" : 0, "\u005fplaceholder":true } "#;
        assert_eq!(shown(&read(escaped).unwrap()), format!("[{zero}]"));
    }

    #[test]
    fn a_placeholder_that_stands_for_nothing_is_refused() {
        for num in ["2", "-1", "0.5", "\"0\"", "null", "1e400"] {
            let placeholder = placeholder(num);
            for arguments in [placeholder.clone(), format!(r#"{{"a":[{placeholder}]}}"#)] {
                assert!(read(&arguments).is_none(), "{arguments}");
            }
        }
        for arguments in [
            r#"{"_placeholder":true}"#,
            r#"{"_placeholder":false,"num":0,"_placeholder":true,"num":2}"#,
        ] {
            assert!(read(arguments).is_none(), "{arguments}");
        }
        let twice = placeholder("0");
        assert!(read(&format!("{twice},[{twice}]")).is_none());
        assert!(read("[1] and more").is_none());
    }

    #[test]
    fn attachments_weigh_as_much_as_text() {
        let packet = format!("[\"message\",{}]", placeholder("0"));
        let size = |attachments: &[&'static [u8]]| echo(&packet, attachments).size();
        assert_eq!(size(&[]), packet.len());
        assert_eq!(size(&[b"zero", b"one"]), packet.len() + 7);
    }

    #[test]
    fn beside_bytes_only_so_much_may_be_nested() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!("{},{open}{close}", placeholder("0"))
        };
        assert!(read(&nested(DEEPEST)).is_some());
        assert!(read(&nested(DEEPEST + 1)).is_none());
        assert!(read(&nested(100_000)).is_none());
    }
}
