//! The arguments of an event, whatever a client makes of them, printed as JavaScript prints them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use socketioxide::adapter::Adapter;
use socketioxide::handler::FromMessageParts;
use socketioxide::socket::Socket;
use socketioxide_core::Value;

/// What came with an event: its arguments, or nothing if it was no JSON.
///
/// Extracting it cannot fail: a handler whose extractor fails is not called, and the client would
/// wait for its ack for ever.
#[derive(Debug)]
pub(crate) struct Payload(pub(crate) Option<Arguments>);

/// The first two arguments of an event; the contract knows no more of them.
#[derive(Debug)]
pub(crate) struct Arguments(pub(crate) Argument, pub(crate) Argument);

impl Arguments {
    /// How much memory they hold, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.0.size() + self.1.size()
    }

    /// `packet` is a list that begins with the event's name. The library has looked that far, but
    /// takes anything for what follows the list.
    fn parse(packet: &str, attachments: Option<&VecDeque<Bytes>>) -> Option<Self> {
        let items: Vec<&RawValue> = serde_json::from_str(packet).ok()?;
        let mut arguments = items
            .into_iter()
            .skip(1)
            .map(|raw| Argument::new(raw, attachments));
        let mut next = || arguments.next().unwrap_or(Argument::MISSING);
        Some(Self(next(), next()))
    }
}

impl<A: Adapter> FromMessageParts<A> for Payload {
    type Error = Infallible;

    fn from_message_parts(
        _: &Arc<Socket<A>>,
        packet: &mut Value,
        _: &Option<i64>,
    ) -> Result<Self, Infallible> {
        Ok(Self(match packet {
            Value::Str(packet, attachments) => Arguments::parse(packet, attachments.as_ref()),
            // Only the msgpack parser makes these, and it is not compiled in.
            Value::Bytes(_) => None,
        }))
    }
}

/// One argument, as the JSON text that the client wrote, or none.
///
/// Text is never decoded on its way through: what a JSON string may hold and Rust's may not (half of
/// a surrogate pair) arrives as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Argument(Option<Box<RawValue>>);

impl Argument {
    pub(crate) const MISSING: Self = Self(None);

    fn new(raw: &RawValue, attachments: Option<&VecDeque<Bytes>>) -> Self {
        let bytes = attachments.and_then(|attachments| {
            let place: Placeholder = serde_json::from_str(raw.get()).ok()?;
            attachments.get(place.num).filter(|_| place.marked)
        });
        Self(Some(match bytes {
            Some(bytes) => json_string(&String::from_utf8_lossy(bytes)),
            None => raw.to_owned(),
        }))
    }

    /// The value itself, as `emit(value)` sends it.
    pub(crate) fn json(&self) -> Box<RawValue> {
        self.0.clone().unwrap_or_else(|| RawValue::NULL.to_owned())
    }

    /// The name of a room. Two arguments that print alike name the same room.
    pub(crate) fn name(&self) -> String {
        let printed = self.escaped();
        // Half a surrogate pair is no Rust string; its escape sequence names the room as well.
        serde_json::from_str(&format!("\"{printed}\"")).unwrap_or(printed)
    }

    /// How long it is as it is printed, in bytes of UTF-8.
    pub(crate) fn printed_len(&self) -> usize {
        match self.0.as_deref().map(RawValue::get) {
            // Nothing is escaped, which is what nearly all texts are.
            Some(json) if json.starts_with('"') && !json.contains('\\') => json.len() - 2,
            // Printed as it is, whatever is in it.
            Some(json) if json.starts_with(['{', '[']) => json.len(),
            _ => self.name().len(),
        }
    }

    /// The JSON string `${nickname}: ${text}`.
    pub(crate) fn line(nickname: &Self, text: &Self) -> Box<RawValue> {
        raw(format!("\"{}: {}\"", nickname.escaped(), text.escaped()))
    }

    /// `${value}`, escaped as it stands between the quotes of a JSON string.
    fn escaped(&self) -> String {
        let Some(json) = self.0.as_deref().map(RawValue::get) else {
            return "undefined".to_owned();
        };
        match json.as_bytes().first() {
            Some(b'"') => json[1..json.len() - 1].to_owned(),
            Some(b'{' | b'[') => {
                let quoted = json_string(json);
                quoted.get()[1..quoted.get().len() - 1].to_owned()
            }
            Some(b't' | b'f' | b'n') => json.to_owned(),
            _ => json.parse().map_or_else(
                |_| json.to_owned(),
                |number: f64| ryu_js::Buffer::new().format(number).to_owned(),
            ),
        }
    }

    fn size(&self) -> usize {
        self.0.as_deref().map_or(0, |raw| raw.get().len())
    }
}

/// What stands in the text of a binary event for its attachments (Socket.IO protocol, "Binary event").
#[derive(Deserialize)]
struct Placeholder {
    #[serde(rename = "_placeholder")]
    marked: bool,
    num: usize,
}

fn json_string(text: &str) -> Box<RawValue> {
    raw(serde_json::Value::from(text).to_string())
}

#[expect(
    clippy::expect_used,
    reason = "called with quoted text that serde_json has escaped or has found to be well escaped"
)]
fn raw(json: String) -> Box<RawValue> {
    RawValue::from_string(json).expect("a JSON string between quotes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(packet: &str) -> String {
        let Arguments(nickname, text) = Arguments::parse(packet, None).unwrap();
        Argument::line(&nickname, &text).get().to_owned()
    }

    #[test]
    fn a_line_reads_as_a_javascript_template() {
        for (arguments, expected) in [
            (r#""Ana","hi""#, r#""Ana: hi""#),
            (r#""Ana""#, r#""Ana: undefined""#),
            ("null,true", r#""null: true""#),
            ("1.0,-0", r#""1: 0""#),
            ("1e21,0.1", r#""1e+21: 0.1""#),
            ("9007199254740993,1e400", r#""9007199254740992: Infinity""#),
            (r#"{"a":"b"},["\n"]"#, r#""{\"a\":\"b\"}: [\"\\n\"]""#),
            (
                r#""\"<b>\\","\ud83d\ude00 😀""#,
                r#""\"<b>\\: \ud83d\ude00 😀""#,
            ),
            (r#""\ud83d","","more""#, r#""\ud83d: ""#),
        ] {
            assert_eq!(
                line(&format!("[\"new_message\",{arguments}]")),
                expected,
                "{arguments}"
            );
        }
        assert_eq!(line(r#"["new_message"]"#), r#""undefined: undefined""#);
    }

    #[test]
    fn what_is_no_json_to_its_end_has_no_arguments() {
        assert!(Arguments::parse(r#"["new_message","Ana",}"#, None).is_none());
        assert!(Arguments::parse(r#"["new_message"] and more"#, None).is_none());
    }

    #[test]
    fn nothing_is_too_deep() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(
            line(&format!("[\"new_message\",\"Ana\",{deep}]")),
            format!("\"Ana: {deep}\"")
        );
    }

    #[test]
    fn rooms_that_print_alike_are_one_room() {
        let name = |json: &str| {
            Arguments::parse(&format!("[\"e\",{json}]"), None)
                .unwrap()
                .0
                .name()
        };
        assert_eq!(name("42"), name("\"42\""));
        assert_eq!(name("\"\\u0041\\n\""), "A\n");
        assert_ne!(name("\"\\ud83d\""), name("\"\\ud83e\""));
        assert_eq!(Argument::MISSING.name(), "undefined");
    }

    #[test]
    fn what_is_printed_is_measured() {
        for (json, bytes) in [
            (r#""Ana""#, 3),
            (r#""äß😀""#, 8),
            (r#""\u00e4\n\ud83d\ude00""#, 7),
            // Half a pair is no UTF-8, and counts as it is written.
            (r#""\ud83d""#, 6),
            ("1e21", 5),
            ("null", 4),
            (r#"{"a":"\n"}"#, 10),
        ] {
            let packet = format!("[\"e\",{json}]");
            let Arguments(argument, missing) = Arguments::parse(&packet, None).unwrap();
            assert_eq!(argument.printed_len(), bytes, "{json}");
            assert_eq!(missing.printed_len(), "undefined".len());
        }
    }

    #[test]
    fn bytes_are_read_as_text() {
        let attachments = VecDeque::from([Bytes::from_static(b"\xffAna\"")]);
        let packet = r#"["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#;
        let Arguments(first, second) = Arguments::parse(packet, Some(&attachments)).unwrap();
        assert_eq!(first.json().get(), "\"\u{fffd}Ana\\\"\"");
        assert_eq!(second.json().get(), r#"{"_placeholder":true,"num":1}"#);
    }
}
