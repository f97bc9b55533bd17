//! Values.

use std::fmt::{self, Display, Formatter, Write as _};

use crate::value::{Text, Value};

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Array(values) => listed(f, '[', values, ']'),
            Self::Object(members) => {
                f.write_char('{')?;
                for (index, (key, value)) in members.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    quoted(f, key)?;
                    write!(f, ": {value}")?;
                }
                f.write_char('}')
            }
            Self::Bytes(bytes) => hex(f, bytes),
            Self::ManyBytes(count) => write!(f, "bytes*{count}"),
            Self::Name(name) => f.write_str(&name.value),
            Self::Capture(capture) => write!(f, "${}", capture.value),
            Self::Any => f.write_char('_'),
        }
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        quoted(f, &self.text)?;
        if let Some(times) = self.repeat {
            write!(f, "*{times}")?;
        }
        if let Some(length) = self.padded {
            write!(f, " padded {length}")?;
        }
        Ok(())
    }
}

/// The arguments of an event, each behind a space.
///
/// A number of two digits behind spelled-out bytes would be read as one more of them, so that a
/// comma keeps them apart.
pub(super) fn arguments(f: &mut Formatter<'_>, args: &[Value]) -> fmt::Result {
    let mut after_bytes = false;
    for arg in args {
        let text = arg.to_string();
        if after_bytes && text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            f.write_char(',')?;
        }
        write!(f, " {text}")?;
        after_bytes = matches!(arg, Value::Bytes(_));
    }
    Ok(())
}

/// `values` between brackets, with commas.
pub(super) fn listed(
    f: &mut Formatter<'_>,
    open: char,
    values: &[Value],
    close: char,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, value) in values.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        value.fmt(f)?;
    }
    f.write_char(close)
}

pub(super) fn hex(f: &mut Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("bytes")?;
    bytes.iter().try_for_each(|byte| write!(f, " {byte:02x}"))
}

/// A JSON string with no more escapes than it needs: quotes, backslashes and control characters
/// (those behind ASCII too, which a terminal would obey).
pub(super) fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}
