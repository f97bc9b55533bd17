//! Text that stays text in Markdown.

use crate::text;

/// A sentence that says what it says, whatever marks it has.
pub(crate) fn safe(words: &str) -> String {
    let mut safe = String::with_capacity(words.len());
    for char in text::legible(words).chars() {
        match char {
            '<' => safe.push_str("&lt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' => {
                safe.push('\\');
                safe.push(char);
            }
            _ => safe.push(char),
        }
    }
    safe
}

/// Lines as they are, in a fence that is longer than any row of backticks in them.
pub(crate) fn fenced(lines: &str) -> String {
    let mut longest = 0;
    let mut here = 0;
    for char in lines.chars() {
        here = if char == '`' { here + 1 } else { 0 };
        longest = longest.max(here);
    }
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{lines}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_ends_a_fence() {
        assert_eq!(fenced("a"), "```text\na\n```\n");
        assert_eq!(fenced("```\n"), "````text\n```\n\n````\n");
    }

    #[test]
    fn marks_are_text() {
        assert_eq!(safe("**a** <b> @c |"), "\\*\\*a\\*\\* &lt;b> \\@c \\|");
    }
}
