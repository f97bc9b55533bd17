//! Values, and the patterns that values are matched with.

use crate::ast::Series;
use crate::names::{Capture, Label, Variable};
use crate::span::Spanned;

/// The most characters or bytes that one text or one `bytes*N` may expand to: enough for ten times
/// what servers accept, and little enough that a slip of the pen does not eat the machine.
pub const LARGEST: u64 = 100_000_000;

/// A value to send, or a pattern for a value received.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A JSON number.
    Number(serde_json::Number),
    /// `"text"`, `"x"*100000`, `"m{n}" padded 10000`
    Text(Text),
    /// `[1, 2]`
    Array(Vec<Value>),
    /// `{"k": 1}`, in the order written. Equal as a pattern whatever the order.
    Object(Vec<(String, Value)>),
    /// `bytes 00 ff 10`; `bytes` alone is the empty buffer.
    Bytes(Vec<u8>),
    /// `bytes*1024`: so many bytes, each the low byte of its own index, so that a shifted or
    /// doubled chunk is seen.
    ManyBytes(u32),
    /// A bare word: a room declared in the header.
    Name(Spanned<String>),
    /// `$x`: the first receive that meets it binds it, later uses stand for what was bound.
    Capture(Spanned<Capture>),
    /// `_`: matches anything. Only in patterns.
    Any,
}

/// A text, perhaps repeated and filled up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text; inside a series, `{n}` stands for the number.
    pub text: String,
    /// `*N`: so many times in a row.
    pub repeat: Option<u32>,
    /// `padded N`: filled up with dots to so many characters.
    pub padded: Option<u32>,
}

impl Text {
    /// The text itself, neither repeated nor padded.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// The characters that are sent or expected: `{n}` is replaced by the series' number, then the
    /// text is repeated, then filled up with dots.
    ///
    /// Braces around anything but the variable are text like any other.
    pub fn expand(&self, series: Option<(&Variable, u32)>) -> String {
        let mut text = substitute(&self.text, series);
        if let Some(times) = self.repeat {
            text = text.repeat(usize::try_from(times).unwrap_or(usize::MAX));
        }
        if let Some(length) = self.padded {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let missing = length.saturating_sub(text.chars().count());
            text.extend(std::iter::repeat_n('.', missing));
        }
        text
    }
}

impl Label {
    /// The name of one request: `{n}` is replaced by the series' number.
    #[must_use]
    pub fn expand(&self, series: Option<(&Variable, u32)>) -> Self {
        Self::new(substitute(self.as_str(), series))
    }
}

impl Series {
    /// The numbers, in order.
    pub fn numbers(&self) -> std::ops::RangeInclusive<u32> {
        self.first..=self.last
    }

    /// How many numbers there are.
    pub fn count(&self) -> u32 {
        (self.last - self.first).saturating_add(1)
    }
}

/// What `bytes*COUNT` stands for: each byte is the low byte of its own index, so that a shifted or
/// doubled chunk is seen.
pub fn bytes(count: u32) -> Vec<u8> {
    (0..=u8::MAX)
        .cycle()
        .take(usize::try_from(count).unwrap_or(usize::MAX))
        .collect()
}

fn substitute(text: &str, series: Option<(&Variable, u32)>) -> String {
    match series {
        Some((variable, number)) => text.replace(&format!("{{{variable}}}"), &number.to_string()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n() -> Variable {
        Variable::from("n")
    }

    #[test]
    fn a_number_takes_the_place_of_its_variable_alone() {
        let text = Text::plain("m{n} {m} {n}{n}");
        assert_eq!(text.expand(Some((&n(), 12))), "m12 {m} 1212");
        assert_eq!(text.expand(None), "m{n} {m} {n}{n}");
    }

    #[test]
    fn repeating_comes_before_filling_up_and_characters_are_counted() {
        let text = Text {
            text: "é{n}".to_owned(),
            repeat: Some(2),
            padded: Some(6),
        };
        assert_eq!(text.expand(Some((&n(), 7))), "é7é7..");
        let long = Text {
            padded: Some(2),
            ..Text::plain("four")
        };
        assert_eq!(long.expand(None), "four");
    }

    #[test]
    fn bytes_count_up_and_start_again() {
        let bytes = bytes(258);
        assert_eq!(bytes.len(), 258);
        assert_eq!(&bytes[254..], [254, 255, 0, 1]);
    }

    #[test]
    fn labels_are_expanded_too() {
        assert_eq!(
            Label::from("m{n}").expand(Some((&n(), 3))),
            Label::from("m3")
        );
    }
}
