//! A bounded look at text that was refused.

use std::fmt;

/// Characters kept of a refused text: enough to recognise it in a transcript, short enough for one
/// line of a report.
const LIMIT: usize = 60;

/// The beginning of a text that could not be decoded.
///
/// Bounded, because a server under test may send megabytes of nonsense, and an error must not
/// carry them around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    kept: String,
    left_off: usize,
}

impl Excerpt {
    /// Keeps the beginning of `text`.
    pub fn of(text: &str) -> Self {
        match text.char_indices().nth(LIMIT) {
            None => Self {
                kept: text.to_owned(),
                left_off: 0,
            },
            Some((end, _)) => Self {
                kept: text[..end].to_owned(),
                left_off: text[end..].chars().count(),
            },
        }
    }
}

/// What a JSON or base64 reader said, without the position (it counts from the start of the part that
/// it was given, which a reader of the message cannot see) and bounded, because it may quote the
/// input.
pub(crate) fn reason(error: &impl fmt::Display) -> String {
    let said = error.to_string();
    let said = said
        .rsplit_once(" at line ")
        .map_or(said.as_str(), |(said, _)| said);
    said.trim_end_matches('.')
        .chars()
        .take(2 * LIMIT)
        .filter(|c| !c.is_control())
        .collect()
}

/// Quoted, with control characters escaped so that an excerpt is always one line.
impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`")?;
        for c in self.kept.chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        write!(f, "`")?;
        if self.left_off > 0 {
            write!(f, " and {} characters more", self.left_off)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_bounded_in_characters_not_bytes() {
        let excerpt = Excerpt::of(&"é".repeat(LIMIT + 3));
        assert_eq!(excerpt.kept.chars().count(), LIMIT);
        assert_eq!(
            excerpt.to_string(),
            format!("`{}` and 3 characters more", "é".repeat(LIMIT))
        );
    }

    #[test]
    fn stays_on_one_line() {
        assert_eq!(Excerpt::of("a\n\u{1e}b").to_string(), r"`a\n\u{1e}b`");
    }
}
