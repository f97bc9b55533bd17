//! Text made safe, made to fit, and counted.

use std::borrow::Cow;
use std::fmt::Write as _;

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// `text` with everything written as an escape of JSON that a terminal or an XML parser would act
/// on rather than show: control characters, marks that turn the direction of writing, characters
/// without any width that could hide a difference, and what XML 1.0 forbids.
///
/// The joiners of emoji and of Persian are left alone: they change what is seen.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match char {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            char if is_unsafe(char) => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    write!(safe, "\\u{unit:04x}").unwrap_or_default();
                }
            }
            char => safe.push(char),
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' // zero width space, direction marks
            | '\u{2028}'..='\u{202e}' // line and paragraph separators, direction overrides
            | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, direction isolates
            | '\u{feff}' // byte order mark
            | '\u{fff9}'..='\u{fffb}' // interlinear annotation
            | '\u{fffe}' | '\u{ffff}') // not characters; illegal in XML 1.0
}

/// `text` in at most `room` columns: what does not fit is taken out of the middle, and the gap says
/// how many characters it stands for. The character at `focus` stays visible.
///
/// ```
/// let text = format!("ana -> new_message \"{}\" lobby", "x".repeat(100_000));
/// assert_eq!(
///     chatspec_report::text::shorten(&text, 60, None),
///     "ana -> new_message \"xxxxx…99,990 characters…xxxxx\" lobby",
/// );
/// ```
pub fn shorten(text: &str, room: usize, focus: Option<usize>) -> String {
    // "…99,999,999 characters…"
    const GAP: usize = 23;
    if display_width(text) <= room {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let whole = room.saturating_sub(GAP);
    let head = fitting(chars.iter(), whole - whole / 3);
    let tail = chars.len() - fitting(chars.iter().rev(), whole / 3);
    let kept = match focus.filter(|focus| (head..tail).contains(focus)) {
        None => vec![0..head, tail..chars.len()],
        Some(focus) => {
            let third = room.saturating_sub(2 * GAP) / 3;
            let from = focus - fitting(chars.iter().take(focus).rev(), third / 2);
            let to = from + fitting(chars.iter().skip(from), third).max(1);
            let head = fitting(chars.iter(), third).min(from);
            let tail = (chars.len() - fitting(chars.iter().rev(), third)).max(to);
            vec![0..head, from..to, tail..chars.len()]
        }
    };
    let mut short = String::new();
    let mut at = 0;
    for range in kept {
        if range.start > at {
            let gap = count(range.start - at, "character");
            write!(short, "…{gap}…").unwrap_or_default(); // a String takes everything
        }
        short.extend(chars.iter().take(range.end).skip(range.start));
        at = range.end;
    }
    short
}

/// How many of the first `chars` fit in `room` columns.
fn fitting<'a>(chars: impl Iterator<Item = &'a char>, room: usize) -> usize {
    let mut used = 0;
    chars
        .take_while(|char| {
            used += display_width(char.encode_utf8(&mut [0; 4]));
            used <= room
        })
        .count()
}

/// A sentence somebody else had a hand in, escaped, and short enough to be read.
pub(crate) fn legible(words: &str) -> String {
    /// Longer than any id, path or link that somebody wrote by hand.
    const WORD: usize = 160;
    /// Ten lines of eighty columns.
    const SENTENCE: usize = 800;
    let escaped = escape(words);
    let words: Vec<String> = escaped
        .split(' ')
        .map(|word| shorten(word, WORD, None))
        .collect();
    shorten(&words.join(" "), SENTENCE, None)
}

/// The lines of `text` in `room` columns, broken at spaces only: ids, paths and commands are copied,
/// and one that is too long for a line stays whole.
pub(crate) fn wrap(text: &str, room: usize) -> Vec<String> {
    let options = Options::new(room)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options)
        .into_iter()
        .map(Cow::into_owned)
        .collect()
}

/// `text` filled up with spaces to `columns`, as a terminal counts them.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!(
        "{text}{}",
        " ".repeat(columns.saturating_sub(display_width(text)))
    )
}

/// `text` behind as many spaces as it takes to end at `columns`.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    format!(
        "{}{text}",
        " ".repeat(columns.saturating_sub(display_width(text)))
    )
}

/// The number and its noun: `no cases`, `1 case`, `1,200 cases`, `2 entries`.
pub fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {}", plural(noun)),
        1 => format!("1 {noun}"),
        _ => format!("{} {}", digits(number), plural(noun)),
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ if noun.ends_with('s') => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

/// A number with its thousands apart: `99,989`.
pub(crate) fn digits(number: usize) -> String {
    let plain = number.to_string();
    let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Words in a row, as a sentence lists them: `a, b and c`.
pub(crate) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

/// Milliseconds as people read them: `840 ms`, `1.84 s`, `2 min 5 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// Microseconds as people read them: `0.21 ms`, `12.4 ms`, `840 ms`.
pub(crate) fn micros(us: u64) -> String {
    match us {
        0..10_000 => format!("{}.{:02} ms", us / 1_000, us % 1_000 / 10),
        10_000..100_000 => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
        _ => duration(us / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(
            escape("\u{1b}[2J\u{9b}31m\u{7}\r\n\tx\u{7f}"),
            "\\u001b[2J\\u009b31m\\u0007\\r\\n\\tx\\u007f"
        );
        assert_eq!(
            escape("a\u{202e}b\u{2066}c\u{200b}\u{feff}"),
            "a\\u202eb\\u2066c\\u200b\\ufeff"
        );
        assert_eq!(escape("\u{ffff}"), "\\uffff");
        assert_eq!(
            escape("plain, “quoted”, 👩‍👩‍👧 and 日本"),
            "plain, “quoted”, 👩‍👩‍👧 and 日本"
        );
    }

    #[test]
    fn shortening_says_how_much_is_missing_and_keeps_the_ends() {
        assert_eq!(shorten("short", 10, None), "short");
        let long = format!("<{}>", "x".repeat(1_000));
        assert_eq!(
            shorten(&long, 40, None),
            "<xxxxxxxxxxx…985 characters…xxxx>"
        );
    }

    #[test]
    fn shortening_keeps_the_place_that_matters() {
        let long = format!("<{}!{}>", "x".repeat(500), "x".repeat(500));
        assert_eq!(
            shorten(&long, 76, Some(501)),
            "<xxxxxxxxx…486 characters…xxxxx!xxxx…487 characters…xxxxxxxxx>"
        );
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(count(0, "case"), "no cases");
        assert_eq!(count(1, "entry"), "1 entry");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(3, "pass"), "3 passes");
        assert_eq!(count(1_234_567, "case"), "1,234,567 cases");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn times_are_read_at_a_glance() {
        assert_eq!(duration(999), "999 ms");
        assert_eq!(duration(1_849), "1.84 s");
        assert_eq!(duration(125_000), "2 min 5 s");
        assert_eq!(micros(213), "0.21 ms");
        assert_eq!(micros(12_450), "12.4 ms");
        assert_eq!(micros(1_200_000), "1.20 s");
    }

    proptest! {
        #[test]
        fn nothing_escaped_can_steer_a_terminal(text in any::<String>()) {
            prop_assert!(!escape(&text).contains(is_unsafe));
        }

        #[test]
        fn shortened_text_fits(text in "[ -~äß日本👍]{0,400}", room in 60_usize..200, focus in 0_usize..400) {
            let short = shorten(&text, room, Some(focus));
            prop_assert!(display_width(&short) <= room, "{short}");
        }
    }
}
