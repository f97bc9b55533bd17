//! What is sent back as it came: any number of arguments, bytes among them.

use std::collections::VecDeque;
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

/// What came with an event that is to be sent back; nothing if it cannot be.
///
/// Extracting it cannot fail, for the reason that [`Payload`](crate::arguments::Payload) has.
#[derive(Debug)]
pub(crate) struct EchoPayload(pub(crate) Option<Echo>);

impl<A: Adapter> FromMessageParts<A> for EchoPayload {
    type Error = Infallible;

    fn from_message_parts(
        _: &Arc<Socket<A>>,
        packet: &mut Value,
        _: &Option<i64>,
    ) -> Result<Self, Infallible> {
        Ok(Self(match packet {
            Value::Str(packet, attachments) => Echo::parse(packet, attachments.as_ref()),
            // Only the msgpack parser makes these, and it is not compiled in.
            Value::Bytes(_) => None,
        }))
    }
}

/// All arguments of an event. Serialized, they are the arguments of another.
#[derive(Debug)]
pub(crate) struct Echo {
    arguments: Vec<Part>,
    /// Of text and attachments as they came.
    size: usize,
}

impl Echo {
    /// `packet` is a list that begins with the event's name. Nothing for what is no JSON to its end,
    /// for a placeholder that stands for no attachment, and for what is deeper than [`DEEPEST`].
    fn parse(packet: &str, attachments: Option<&VecDeque<Bytes>>) -> Option<Self> {
        let items: Vec<&RawValue> = serde_json::from_str(packet).ok()?;
        let attachments = attachments.filter(|attachments| !attachments.is_empty());
        let part = |raw: &RawValue| match attachments {
            Some(attachments) => Part::read(raw, attachments, DEEPEST).ok(),
            // The words of a placeholder are words like any other where nothing is attached.
            None => Some(Part::Raw(raw.to_owned())),
        };
        let arguments = items.into_iter().skip(1).map(part);
        let attached = attachments.into_iter().flatten().map(Bytes::len);
        Some(Self {
            arguments: arguments.collect::<Option<_>>()?,
            size: packet.len() + attached.sum::<usize>(),
        })
    }

    /// How much memory they hold, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

impl Serialize for Echo {
    /// A tuple, whose elements the library takes for arguments; a list would be one argument.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut arguments = serializer.serialize_tuple(self.arguments.len())?;
        for argument in &self.arguments {
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
        attachments: &VecDeque<Bytes>,
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
    attachments: &'a VecDeque<Bytes>,
    /// How many more there may be below this one.
    levels: usize,
}

impl Inside<'_> {
    fn part<E: de::Error>(&self, raw: &RawValue) -> Result<Part, E> {
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Part, A::Error> {
        let mut items = Vec::new();
        while let Some(raw) = seq.next_element::<&RawValue>()? {
            items.push(self.part(raw)?);
        }
        Ok(Part::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Part, A::Error> {
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
        match num.and_then(|num| self.attachments.get(num)) {
            Some(bytes) => Ok(Part::Bytes(bytes.clone())),
            None => Err(de::Error::custom("a placeholder for no attachment")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACHED: [Bytes; 2] = [Bytes::from_static(b"zero"), Bytes::from_static(b"one")];

    fn echo(arguments: &str) -> Option<Echo> {
        let packet = format!("[\"message\",{arguments}]");
        Echo::parse(&packet, Some(&ATTACHED.into()))
    }

    /// As the library's serializer does, but with the bytes in place.
    fn shown(echo: &Echo) -> String {
        serde_json::to_string(echo).unwrap()
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
            let packet = format!("[\"message\"{arguments}]");
            let echo = Echo::parse(&packet, None).unwrap();
            let expected = arguments.strip_prefix(',').unwrap_or_default();
            let spaced = |text: &str| text.replace(", [ 1 ] ", ",[ 1 ]");
            assert_eq!(shown(&echo), spaced(&format!("[{expected}]")));
            assert_eq!(echo.size(), packet.len());
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let echo = Echo::parse(&format!("[\"message\",{deep}]"), None).unwrap();
        assert_eq!(shown(&echo), format!("[{deep}]"));
    }

    #[test]
    fn attachments_are_put_where_their_placeholders_are() {
        let arguments = format!(
            r#""\u0041",{},{{"a":[1.0,{}],"a":{{}}}},{}"#,
            placeholder("1"),
            placeholder("0"),
            placeholder("1")
        );
        let bytes = |bytes: &[u8]| serde_json::to_string(bytes).unwrap();
        let (zero, one) = (bytes(b"zero"), bytes(b"one"));
        assert_eq!(
            shown(&echo(&arguments).unwrap()),
            format!(r#"["\u0041",{one},{{"a":[1.0,{zero}],"a":{{}}}},{one}]"#)
        );
        assert_eq!(
            shown(&echo(r#"{"_placeholder":false,"num":7}"#).unwrap()),
            r#"[{"_placeholder":false,"num":7}]"#
        );
        // One that is written otherwise is one all the same.
        let escaped = r#" { "num" : 0, "\u005fplaceholder":true } "#;
        assert_eq!(shown(&echo(escaped).unwrap()), format!("[{zero}]"));
    }

    #[test]
    fn a_placeholder_that_stands_for_nothing_is_refused() {
        for num in ["2", "-1", "0.5", "\"0\"", "null", "1e400"] {
            let placeholder = placeholder(num);
            for arguments in [placeholder.clone(), format!(r#"{{"a":[{placeholder}]}}"#)] {
                assert!(echo(&arguments).is_none(), "{arguments}");
            }
        }
        for arguments in [
            r#"{"_placeholder":true}"#,
            r#"{"_placeholder":false,"num":0,"_placeholder":true,"num":2}"#,
        ] {
            assert!(echo(arguments).is_none(), "{arguments}");
        }
        assert!(echo(r#"[1] and more"#).is_none());
    }

    #[test]
    fn beside_bytes_only_so_much_may_be_nested() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!("{},{open}{close}", placeholder("0"))
        };
        assert!(echo(&nested(DEEPEST)).is_some());
        assert!(echo(&nested(DEEPEST + 1)).is_none());
        assert!(echo(&nested(100_000)).is_none());
    }
}
