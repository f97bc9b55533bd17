//! Durations and sizes as people write them: `25s`, `1MB`.

use std::time::Duration;

use bytesize::ByteSize;
use jiff::SignedDuration;

/// Reads `25s`, `1m 30s`, `500ms`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration: Option<SignedDuration> = text.parse().ok();
    duration
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or_else(|| format!("`{text}` is no duration; write 25s, 500ms, or 1m 30s"))
}

/// Writes what [`parse_duration`] reads.
pub(crate) fn print_duration(duration: Duration) -> String {
    // What is too long for the one type has been read from no text.
    SignedDuration::try_from(duration).map_or_else(
        |_| format!("{}s", duration.as_secs()),
        |duration| format!("{duration:#}"),
    )
}

/// Reads `1MB` (a million bytes), `64MiB`, `1000`.
pub(crate) fn parse_size(text: &str) -> Result<usize, String> {
    let size: Option<ByteSize> = text.parse().ok();
    size.and_then(|size| usize::try_from(size.as_u64()).ok())
        .ok_or_else(|| format!("`{text}` is no size; write 1000 (bytes), 64KiB, or 1MB"))
}

/// A [`Duration`] in a file.
pub(crate) mod duration {
    use std::fmt;
    use std::time::Duration;

    use serde::de::{self, Deserializer, Visitor};
    use serde::ser::Serializer;

    pub(crate) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::print_duration(*duration))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        deserializer.deserialize_str(Text)
    }

    struct Text;

    impl Visitor<'_> for Text {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a duration: \"25s\", \"500ms\", or \"1m 30s\"")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
            super::parse_duration(text).map_err(E::custom)
        }
    }
}

/// A size in a file: a number of bytes, or text. Written as a number, which loses nothing.
pub(crate) mod size {
    use std::fmt;

    use serde::de::{self, Deserializer, Visitor};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<usize, D::Error> {
        deserializer.deserialize_any(Size)
    }

    /// A size that there need not be.
    pub(crate) mod optional {
        use serde::de::Deserializer;

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<usize>, D::Error> {
            super::deserialize(deserializer).map(Some)
        }
    }

    struct Size;

    impl Visitor<'_> for Size {
        type Value = usize;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a size: 1000 (bytes), \"64KiB\", or \"1MB\"")
        }

        fn visit_i64<E: de::Error>(self, bytes: i64) -> Result<usize, E> {
            usize::try_from(bytes)
                .map_err(|_| E::invalid_value(de::Unexpected::Signed(bytes), &self))
        }

        fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<usize, E> {
            usize::try_from(bytes)
                .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(bytes), &self))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<usize, E> {
            super::parse_size(text).map_err(E::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_they_are_written() {
        for (text, duration) in [
            ("25s", Duration::from_secs(25)),
            ("500ms", Duration::from_millis(500)),
            ("1m 30s", Duration::from_secs(90)),
            ("0s", Duration::ZERO),
        ] {
            assert_eq!(parse_duration(text), Ok(duration), "{text}");
            assert_eq!(parse_duration(&print_duration(duration)), Ok(duration));
        }
        for text in ["", "25", "-1s", "soon"] {
            parse_duration(text).unwrap_err();
        }
        assert_eq!(print_duration(Duration::MAX), format!("{}s", u64::MAX));
    }

    #[test]
    fn sizes_have_units_or_none() {
        for (text, size) in [
            ("1000", 1000),
            ("1MB", 1_000_000),
            ("64KiB", 65_536),
            ("1.5 kB", 1500),
        ] {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
        for text in ["", "-1", "much", "1 mile"] {
            parse_size(text).unwrap_err();
        }
    }
}
