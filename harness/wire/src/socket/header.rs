//! The text of a packet, up to its attachments.
//!
//! Clause: Socket.IO protocol v5, "Packet encoding": type, number of attachments and a dash, a
//! namespace and a comma, an ack id, JSON; all but the first may be absent.

use super::packet::{MAIN_NAMESPACE, Packet, RESERVED_EVENTS};
use super::{DecodeError, placeholder};
use crate::data::{Data, Plain};
use crate::excerpt::{Excerpt, reason};

/// Reads the text of a packet. The second value is how many attachments complete it, each named by
/// a placeholder; zero for packets that are complete.
pub(super) fn read(text: &str, limit: usize) -> Result<(Packet, usize), DecodeError> {
    let mut rest = text.chars();
    let kind = rest.next().ok_or(DecodeError::Empty)?;
    let rest = rest.as_str();
    let head = Head { text };
    match kind {
        '0' => head.connect(rest).map(complete),
        '1' => head.disconnect(rest).map(complete),
        '2' => head.event(rest, 0).map(complete),
        '3' => head.ack(rest, 0).map(complete),
        '4' => head.connect_error(rest).map(complete),
        '5' => {
            let (count, rest) = head.attachments(rest, limit)?;
            Ok((head.event(rest, count)?, count))
        }
        '6' => {
            let (count, rest) = head.attachments(rest, limit)?;
            Ok((head.ack(rest, count)?, count))
        }
        found => Err(DecodeError::UnknownType {
            found,
            excerpt: head.excerpt(),
        }),
    }
}

fn complete(packet: Packet) -> (Packet, usize) {
    (packet, 0)
}

/// Remembers the whole text for error messages while its parts are read.
#[derive(Clone, Copy)]
struct Head<'a> {
    text: &'a str,
}

impl Head<'_> {
    fn excerpt(self) -> Excerpt {
        Excerpt::of(self.text)
    }

    fn attachments(self, rest: &str, limit: usize) -> Result<(usize, &str), DecodeError> {
        let (digits, rest) = split_digits(rest);
        let rest = rest.strip_prefix('-').filter(|_| !digits.is_empty());
        let rest = rest.ok_or(DecodeError::AttachmentCountMissing {
            excerpt: self.excerpt(),
        })?;
        match digits.parse::<usize>() {
            Ok(0) => Err(DecodeError::NoAttachments {
                excerpt: self.excerpt(),
            }),
            Ok(count) if count <= limit => Ok((count, rest)),
            // The only way for digits not to parse is to be too many.
            _ => Err(DecodeError::TooManyAttachments {
                count: digits.chars().take(20).collect(),
                limit,
                excerpt: self.excerpt(),
            }),
        }
    }

    fn connect(self, rest: &str) -> Result<Packet, DecodeError> {
        let (ns, rest) = namespace(rest);
        let data = self.optional_json(rest)?;
        if !matches!(data, None | Some(Data::Object(_))) {
            return Err(DecodeError::ConnectData {
                excerpt: self.excerpt(),
            });
        }
        Ok(Packet::Connect { ns, data })
    }

    fn disconnect(self, rest: &str) -> Result<Packet, DecodeError> {
        let (ns, rest) = namespace(rest);
        if !rest.is_empty() {
            return Err(DecodeError::DisconnectData {
                excerpt: self.excerpt(),
            });
        }
        Ok(Packet::Disconnect { ns })
    }

    fn connect_error(self, rest: &str) -> Result<Packet, DecodeError> {
        let (ns, rest) = namespace(rest);
        let data = self.optional_json(rest)?;
        if !matches!(data, None | Some(Data::Object(_) | Data::Text(_))) {
            return Err(DecodeError::ConnectErrorData {
                excerpt: self.excerpt(),
            });
        }
        Ok(Packet::ConnectError { ns, data })
    }

    fn event(self, rest: &str, attachments: usize) -> Result<Packet, DecodeError> {
        let (ns, rest) = namespace(rest);
        let (id, args) = self.id_and_array(rest, "event")?;
        let excerpt = || self.excerpt();
        match args.first() {
            None => return Err(DecodeError::EventNameMissing { excerpt: excerpt() }),
            Some(Data::Text(name)) => {
                if let Some(name) = RESERVED_EVENTS
                    .into_iter()
                    .find(|reserved| reserved == name)
                {
                    return Err(DecodeError::ReservedEventName {
                        name,
                        excerpt: excerpt(),
                    });
                }
            }
            Some(other) => {
                return Err(DecodeError::EventName {
                    found: kind(other),
                    excerpt: excerpt(),
                });
            }
        }
        if attachments > 0 {
            placeholder::check(&args, attachments, self.text)?;
        }
        Ok(Packet::Event { ns, id, args })
    }

    fn ack(self, rest: &str, attachments: usize) -> Result<Packet, DecodeError> {
        let (ns, rest) = namespace(rest);
        let (id, args) = self.id_and_array(rest, "ack")?;
        let id = id.ok_or(DecodeError::AckIdMissing {
            excerpt: self.excerpt(),
        })?;
        if attachments > 0 {
            placeholder::check(&args, attachments, self.text)?;
        }
        Ok(Packet::Ack { ns, id, args })
    }

    fn id_and_array(
        self,
        rest: &str,
        kind: &'static str,
    ) -> Result<(Option<u64>, Vec<Data>), DecodeError> {
        let excerpt = || self.excerpt();
        let (digits, rest) = split_digits(rest);
        let id = match digits {
            "" => None,
            digits => Some(
                digits
                    .parse()
                    .map_err(|_| DecodeError::AckId { excerpt: excerpt() })?,
            ),
        };
        if rest.is_empty() {
            return Err(DecodeError::PayloadMissing {
                kind,
                excerpt: excerpt(),
            });
        }
        // `abc["x"]`: what stands before an array can only have been meant as an id.
        let is_json = rest.starts_with(['[', '{', '"']);
        if !is_json && rest.contains('[') {
            return Err(DecodeError::AckId { excerpt: excerpt() });
        }
        match self.json(rest)? {
            Data::Array(args) => Ok((id, args)),
            _ => Err(DecodeError::NotAnArray {
                kind,
                excerpt: excerpt(),
            }),
        }
    }

    fn optional_json(self, rest: &str) -> Result<Option<Data>, DecodeError> {
        if rest.is_empty() {
            Ok(None)
        } else {
            self.json(rest).map(Some)
        }
    }

    fn json(self, rest: &str) -> Result<Data, DecodeError> {
        match serde_json::from_str(rest) {
            Ok(Plain(data)) => Ok(data),
            Err(error) => Err(DecodeError::Json {
                reason: reason(&error),
                excerpt: self.excerpt(),
            }),
        }
    }
}

/// A namespace ends at its comma or at the end of the text, and may bring a query that does not
/// belong to its name (clients of protocol version 4 sent one).
fn namespace(rest: &str) -> (String, &str) {
    if !rest.starts_with('/') {
        return (MAIN_NAMESPACE.to_owned(), rest);
    }
    let (ns, rest) = rest.split_once(',').unwrap_or((rest, ""));
    let name = ns.split_once('?').map_or(ns, |(name, _query)| name);
    (name.to_owned(), rest)
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn kind(data: &Data) -> &'static str {
    match data {
        Data::Null => "null",
        Data::Bool(_) => "a boolean",
        Data::Number(_) => "a number",
        Data::Text(_) => "text",
        Data::Array(_) => "an array",
        Data::Object(_) => "an object",
        Data::Binary(_) => "bytes",
    }
}
