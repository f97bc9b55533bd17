//! `HdrHistogram` logs, which other tools of that family read and draw.
//!
//! One file for each target. Each second of each turn is an interval of its own, so that a stall is
//! seen when it was; what is only known of a whole turn (`uncorrected`, `ack`, `first`, `median`,
//! `last`) has its own tag. Values are microseconds.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use chatspec_judge::bench::measured::{Bench, TargetTurns};
use chatspec_judge::bench::{Histogram, Turn};
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{
    IntervalLogWriterBuilder, IntervalLogWriterError, Tag,
};

/// Every target that was measured, and the name of its file.
pub fn files(bench: &Bench) -> Vec<(&TargetTurns, String)> {
    let mut taken = BTreeSet::new();
    let all = bench
        .null
        .iter()
        .chain(&bench.contention)
        .chain(&bench.targets);
    let named = all.map(|target| {
        let plain = |char: char| {
            if char.is_ascii_alphanumeric() {
                char
            } else {
                '-'
            }
        };
        let mut name: String = target.name.chars().map(plain).collect();
        while !taken.insert(name.clone()) {
            name.push('-');
        }
        (target, format!("{name}.hlog"))
    });
    named.collect()
}

/// Writes the log of one target of `bench`.
pub fn write(bench: &Bench, target: &TargetTurns, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    let mut out = Out(out);
    let began = SystemTime::UNIX_EPOCH + duration(bench.began);
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment(&format!(
        "chatspec {}, {}, microseconds",
        bench.chatspec, target.name
    ));
    // The numbers are microseconds, and are wanted as such.
    builder
        .with_max_value_divisor(1.0)
        .with_start_time(began)
        .with_base_time(SystemTime::UNIX_EPOCH);
    let mut log = builder.begin_log_with(&mut out, &mut serializer)?;
    for turn in &target.turns {
        for (second, at) in turn.seconds.iter().zip(0_u32..) {
            if !second.latency.is_empty() {
                let starts = duration(turn.began) + Duration::from_secs(at.into());
                let hdr = second.latency.hdr();
                log.write_histogram(hdr, starts, Duration::from_secs(1), tag("latency"))
                    .map_err(failed)?;
            }
        }
        for (name, histogram) in of_a_turn(turn) {
            let (starts, lasts) = (duration(turn.began), duration(turn.measured));
            log.write_histogram(histogram.hdr(), starts, lasts, tag(name))
                .map_err(failed)?;
        }
    }
    Ok(())
}

fn of_a_turn(turn: &Turn) -> [(&'static str, &Histogram); 5] {
    [
        ("uncorrected", &turn.uncorrected),
        ("ack", &turn.ack),
        ("first", &turn.first),
        ("median", &turn.median),
        ("last", &turn.last),
    ]
}

fn tag(name: &str) -> Option<Tag<'_>> {
    Tag::new(name)
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn failed<E: std::error::Error>(error: IntervalLogWriterError<E>) -> io::Error {
    match error {
        IntervalLogWriterError::IoError(error) => error,
        other @ IntervalLogWriterError::SerializeError(_) => io::Error::other(other.to_string()),
    }
}

/// The crate's writer wants one whose size it knows.
struct Out<'a>(&'a mut dyn Write);

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use chatspec_judge::bench::Plan;
    use chatspec_judge::bench::measured::{FORMAT, Machine, Second};
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;

    #[test]
    fn what_is_written_is_read_by_the_tools_of_that_family() {
        let mut second = Second::default();
        second.latency.record(1_500);
        let mut turn = Turn {
            began: 1_800_000_010.0,
            measured: 2.0,
            seconds: vec![Second::default(), second],
            ..Turn::default()
        };
        turn.last.record(9_000);
        let target = TargetTurns {
            turns: vec![turn],
            ..TargetTurns::new("a/b")
        };
        let bench = Bench {
            format: FORMAT,
            chatspec: "0.1.0".to_owned(),
            profile: None,
            plan: Plan::default(),
            machine: Machine {
                processor: String::new(),
                cores: 1,
                memory: 0,
                system: String::new(),
                open_files: 0,
                harness_cores: Vec::new(),
            },
            shard: None,
            began: 1_800_000_000.0,
            took: 1.0,
            null: None,
            contention: None,
            merged: None,
            targets: vec![target.clone(), TargetTurns::new("a-b")],
        };
        let names: Vec<_> = files(&bench).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["a-b.hlog", "a-b-.hlog"]);
        let mut log = Vec::new();
        write(&bench, &target, &mut log).unwrap();
        let entries: Vec<_> = IntervalLogIterator::new(&log).map(Result::unwrap).collect();
        let intervals = entries.iter().filter_map(|entry| match entry {
            LogEntry::Interval(interval) => Some((
                interval.tag().map_or("", |tag| tag.as_str()).to_owned(),
                interval.start_timestamp().as_secs(),
                interval.max(),
            )),
            _ => None,
        });
        let intervals: Vec<_> = intervals.collect();
        assert_eq!(intervals[0], ("latency".to_owned(), 1_800_000_011, 1_500.0));
        assert_eq!(intervals.len(), 6);
        let last = intervals.last().unwrap();
        assert_eq!(last.0, "last");
        assert!((9_007.0..9_008.0).contains(&last.2), "{last:?}");
        assert!(log.starts_with(b"#"));
    }
}
