//! The lines of a transcript, taken apart.

/// A line of a transcript: `12.345ms ben <- ..`, or a comment: `# 12.345ms a fence on ben begins`,
/// `12.345ms # ben was sent a broken packet: ..`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Whether it is nothing that the notation has a line for.
    pub(crate) comment: bool,
    pub(crate) stamp: &'a str,
    pub(crate) words: &'a str,
}

impl<'a> Line<'a> {
    pub(crate) fn of(line: &'a str) -> Self {
        let (outside, line) = uncommented(line);
        let (stamp, words) = match line.split_once(' ') {
            Some((stamp, words)) if is_stamp(stamp) => (stamp, words),
            _ => ("", line),
        };
        let (inside, words) = uncommented(words);
        Self {
            comment: outside || inside,
            stamp,
            words,
        }
    }
}

fn uncommented(line: &str) -> (bool, &str) {
    let line = line.trim();
    line.strip_prefix('#')
        .map_or((false, line), |rest| (true, rest.trim_start()))
}

fn is_stamp(word: &str) -> bool {
    word.strip_suffix("ms").is_some_and(|number| {
        !number.is_empty()
            && number
                .chars()
                .all(|char| char.is_ascii_digit() || char == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_stamp_and_words() {
        for (line, comment, stamp, words) in [
            (
                "12.345ms ben <- nothing",
                false,
                "12.345ms",
                "ben <- nothing",
            ),
            (
                "# 12.345ms a fence on ben begins",
                true,
                "12.345ms",
                "a fence on ben begins",
            ),
            ("12.345ms # ben was sent", true, "12.345ms", "ben was sent"),
            ("ben <- nothing", false, "", "ben <- nothing"),
            ("ms <- welcome \"Ben\"", false, "", "ms <- welcome \"Ben\""),
        ] {
            assert_eq!(
                Line::of(line),
                Line {
                    comment,
                    stamp,
                    words
                }
            );
        }
    }
}
