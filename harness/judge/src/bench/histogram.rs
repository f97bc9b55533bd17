//! Latencies, as an `HdrHistogram` that JSON can carry.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram as Hdr;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, de, ser};

/// Three significant digits: a value is off by a thousandth at most.
const DIGITS: u8 = 3;

/// The longest latency that is told apart, in microseconds: ten minutes. What took longer counts as
/// this, and is never left out: the worst samples are what a histogram is made for.
const LONGEST: u64 = 600_000_000;

/// Latencies in microseconds, to three significant digits.
///
/// Written to JSON as the base64 text of an `HdrHistogram` in its V2 format, deflated: what other
/// tools of that family read, and what adds without loss.
#[derive(Clone, PartialEq)]
pub struct Histogram(Hdr<u64>);

impl Histogram {
    /// An empty one.
    #[expect(
        clippy::expect_used,
        reason = "the bounds are constants that the crate accepts, and every test makes one"
    )]
    pub fn new() -> Self {
        Self(Hdr::new_with_bounds(1, LONGEST, DIGITS).expect("valid bounds"))
    }

    /// Counts one latency.
    pub fn record(&mut self, micros: u64) {
        self.record_many(micros, 1);
    }

    /// Counts one latency as often as it was met.
    pub fn record_many(&mut self, micros: u64, times: u64) {
        self.0.saturating_record_n(micros, times);
    }

    /// Adds what another one has counted.
    #[expect(
        clippy::expect_used,
        reason = "adding fails only for a value that is too large, and both have the same limit"
    )]
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("the same limit");
    }

    /// How many latencies it holds.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The latency in microseconds that this share of all (`0.0..=1.0`) does not exceed; zero where
    /// there is none.
    pub fn quantile(&self, share: f64) -> u64 {
        self.0.value_at_quantile(share)
    }

    /// The longest, in microseconds; zero where there is none.
    pub fn max(&self) -> u64 {
        self.0.max()
    }

    /// The shortest, in microseconds; zero where there is none.
    pub fn min(&self) -> u64 {
        if self.is_empty() { 0 } else { self.0.min() }
    }

    /// The mean, in microseconds; zero where there is none.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// Each latency that was met and how often, the shortest first.
    pub fn counts(&self) -> impl Iterator<Item = (u64, u64)> {
        let recorded = self.0.iter_recorded();
        recorded.map(|step| (step.value_iterated_to(), step.count_at_value()))
    }

    /// The histogram itself, for whoever writes it in a format of its own.
    pub const fn hdr(&self) -> &Hdr<u64> {
        &self.0
    }

    fn encoded(&self) -> Result<String, String> {
        let mut bytes = Vec::new();
        let written = V2DeflateSerializer::new().serialize(&self.0, &mut bytes);
        written.map_err(|error| error.to_string())?;
        Ok(STANDARD.encode(bytes))
    }

    fn decoded(text: &str) -> Result<Self, String> {
        let bytes = STANDARD.decode(text).map_err(|error| error.to_string())?;
        let hdr: Hdr<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| error.to_string())?;
        let mut histogram = Self::new();
        // Into bounds of our own: those of a stranger may be others, and what is added later would not fit.
        histogram.0.add(&hdr).map_err(|error| error.to_string())?;
        Ok(histogram)
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> FromIterator<&'a Histogram> for Histogram {
    fn from_iter<I: IntoIterator<Item = &'a Histogram>>(parts: I) -> Self {
        let mut whole = Self::new();
        for part in parts {
            whole.add(part);
        }
        whole
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, p50, p99) = (self.count(), self.quantile(0.5), self.quantile(0.99));
        write!(f, "Histogram({count} of p50 {p50} µs, p99 {p99} µs)")
    }
}

impl Serialize for Histogram {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.encoded().map_err(ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Histogram {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::decoded(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Histogram {
    fn schema_name() -> Cow<'static, str> {
        "Histogram".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "contentEncoding": "base64",
            "description": "An HdrHistogram of microseconds in its V2 format, deflated",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out_however_long_it_took() {
        let mut histogram = Histogram::new();
        histogram.record(u64::MAX);
        histogram.record(0);
        assert_eq!(histogram.count(), 2);
        assert!(histogram.max() >= LONGEST);
    }

    #[test]
    fn what_is_written_is_read_again_and_adds() {
        let mut one = Histogram::new();
        one.record_many(1_500, 99);
        one.record(80_000_000);
        let text = serde_json::to_string(&one).unwrap();
        let again: Histogram = serde_json::from_str(&text).unwrap();
        assert_eq!(again.count(), 100);
        let both: Histogram = [&one, &again].into_iter().collect();
        assert_eq!(both.count(), 200);
        assert_eq!(both.quantile(0.5), one.quantile(0.5));
        assert_eq!(both.max(), one.max());
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        for text in ["\"\"", "\"AAAA\"", "\"%\"", "7"] {
            assert!(serde_json::from_str::<Histogram>(text).is_err(), "{text}");
        }
    }
}
