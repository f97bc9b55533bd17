//! What members write, and what is found in it again.
//!
//! A message says in its text which one it is, so that a delivery is told from another by looking for
//! a few bytes; whoever wrote it, and when, is looked up by that number.

use memchr::memmem::Finder;

/// What every number begins with.
const MARK: &[u8] = b"[cs";

/// Digits of an [`Origin`].
const ORIGIN: usize = 4;

/// Digits of a number.
const NUMBER: usize = 8;

/// Which worker of which process wrote something, in which turn: what came from another is somebody
/// else's, however it got here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin(pub(crate) u16);

/// What is said about a text that carries a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Ours, with this number.
    Ours(u32),
    /// A bench's, and not ours.
    Foreign,
}

/// Writes numbers into texts and finds them again.
#[derive(Debug)]
pub(crate) struct Texts {
    origin: Origin,
    finder: Finder<'static>,
    /// A text as long as they all are, whose number is still to be written.
    blank: Vec<u8>,
}

impl Texts {
    /// Texts of `length` bytes: a mark, and letters up to that length.
    pub(crate) fn new(origin: Origin, length: usize) -> Self {
        let mut blank = MARK.to_vec();
        blank.extend(format!("{:0width$x}", origin.0, width = ORIGIN).bytes());
        blank.extend([b'0'; NUMBER]);
        blank.push(b']');
        blank.resize(length.max(blank.len()), b'x');
        Self {
            origin,
            finder: Finder::new(MARK),
            blank,
        }
    }

    /// Adds `42ACK["new_message","...","ROOM"]` to `out`: a message that asks for an ack. `room` is a
    /// string as JSON has it.
    pub(crate) fn message(&self, out: &mut Vec<u8>, ack: u32, number: u32, room: &str) {
        out.extend(b"42");
        out.extend(ack.to_string().bytes());
        out.extend(b"[\"new_message\",\"");
        self.text(out, number);
        out.extend(b"\",");
        out.extend(room.bytes());
        out.push(b']');
    }

    /// Adds `42["new_message","NICKNAME: ..."]` to `out`: what a server makes of a message.
    pub(crate) fn relayed(&self, out: &mut Vec<u8>, nickname: &str, number: u32) {
        out.extend(b"42[\"new_message\",\"");
        out.extend(nickname.bytes());
        out.extend(b": ");
        self.text(out, number);
        out.extend(b"\"]");
    }

    /// Adds the text of a message to `out`.
    fn text(&self, out: &mut Vec<u8>, number: u32) {
        let text = out.len();
        out.extend(&self.blank);
        let digits = text + MARK.len() + ORIGIN;
        for (byte, digit) in out[digits..].iter_mut().zip(hex(number)) {
            *byte = digit;
        }
    }

    /// The number in a text; none where there is none.
    pub(crate) fn find(&self, text: &[u8]) -> Option<Found> {
        let mark = self.finder.find(text)?;
        let digits = text.get(mark + MARK.len()..)?;
        let (origin, rest) = digits.split_at_checked(ORIGIN)?;
        let (number, rest) = rest.split_at_checked(NUMBER)?;
        if rest.first() != Some(&b']') {
            return Some(Found::Foreign);
        }
        Some(match (value(origin), value(number)) {
            (Some(origin), Some(number)) if origin == u32::from(self.origin.0) => {
                Found::Ours(number)
            }
            _ => Found::Foreign,
        })
    }

    /// What a member is called: by its origin and its place among all.
    pub(crate) fn nickname(&self, member: u32) -> String {
        format!("m{:04x}{member:08x}", self.origin.0)
    }

    /// Whose nickname `text` begins with; none where it is nobody's of ours.
    pub(crate) fn whose(&self, text: &[u8]) -> Option<u32> {
        let (origin, rest) = text.strip_prefix(b"m")?.split_at_checked(ORIGIN)?;
        (value(origin)? == u32::from(self.origin.0)).then_some(())?;
        value(rest.get(..NUMBER)?)
    }
}

/// The digits of a number, the first first.
fn hex(number: u32) -> [u8; NUMBER] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut digits = [0; NUMBER];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest & 15) as usize];
        rest >>= 4;
    }
    digits
}

fn value(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |value, digit| {
        Some(value << 4 | char::from(*digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests {
    use chatspec_judge::bench::plan::SHORTEST_TEXT;

    use super::*;

    fn texts(length: usize) -> Texts {
        Texts::new(Origin(0x0c5e), length)
    }

    #[test]
    fn a_message_is_what_the_contract_asks_for() {
        let mut out = Vec::new();
        texts(24).message(&mut out, 7, 0xfe, "\"room 1\"");
        let said = String::from_utf8(out).unwrap();
        assert_eq!(
            said,
            r#"427["new_message","[cs0c5e000000fe]xxxxxxxx","room 1"]"#
        );
    }

    #[test]
    fn the_shortest_text_has_room_for_a_number() {
        let texts = texts(SHORTEST_TEXT as usize);
        assert_eq!(texts.blank.len(), SHORTEST_TEXT as usize);
    }

    #[test]
    fn what_was_written_is_found() {
        let texts = texts(64);
        for number in [0, 1, 0x1234_abcd, u32::MAX] {
            let mut out = Vec::new();
            texts.relayed(&mut out, "Ana", number);
            assert_eq!(texts.find(&out), Some(Found::Ours(number)));
        }
    }

    #[test]
    fn what_is_not_ours_is_not_taken_for_it() {
        let texts = texts(64);
        for text in ["", "[c", "hello", "[cs0c5e0000", "[cs0c5e000000f"] {
            assert_eq!(texts.find(text.as_bytes()), None, "{text}");
        }
        for text in [
            "[cs0c5f00000001]",
            "[cs0c5e0000000g]",
            "[cs0c5e00000001 ",
            "[csxxxx00000001]",
        ] {
            assert_eq!(texts.find(text.as_bytes()), Some(Found::Foreign), "{text}");
        }
    }

    #[test]
    fn nicknames_say_whose_they_are() {
        let texts = texts(64);
        let name = texts.nickname(300);
        assert_eq!(texts.whose(name.as_bytes()), Some(300));
        assert_eq!(texts.whose(b"m0c5f0000012c"), None);
        assert_eq!(texts.whose(b"Ana"), None);
        assert_eq!(texts.whose(b"m0c5e12"), None);
    }
}
