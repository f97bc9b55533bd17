//! What a long scenario costs: a transcript that a failed run has printed, and that is run again, may
//! have thousands of lines.
#![expect(clippy::expect_used, reason = "the scenario is in this file")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const HEAD: &str = "\
# Members of two rooms talk, and some of them leave and come back.
must     seed.new-message
catches  no-relay
needs    echo
clients  ana ben cyn crowd*20
rooms    lobby kitchen
in       lobby: ana ben
in       kitchen: cyn
";

/// Lines of every kind that chats are made of, as often as it takes.
fn text(lines: usize) -> String {
    let mut text = HEAD.to_owned();
    // Each round has eleven lines.
    for round in 0..lines.div_ceil(11) {
        write!(
            text,
            r#"
ana -> new_message "hello {round}" lobby => ()
ben <- new_message "Ana: hello {round}"
together {{
    ana -> new_message "question {round}" lobby as q{round}
    cyn -> message bytes*1000 {{"kind": ["png", {round}, true, null]}} kitchen
}}
in any order {{
    ana <- ack q{round} ()
    ben <- new_message "Ana: question {round}" within 500ms
}}
ben -> new_message "m{{n}}" lobby for n in 1..10
"#
        )
        .expect("a string has room");
    }
    text
}

fn reading_and_writing(c: &mut Criterion) {
    for lines in [10, 10_000] {
        let text = text(lines);
        let scenario = chatspec_notation::parse("bench.chat", &text).expect("it is a scenario");
        let mut group = c.benchmark_group("notation");
        group.sample_size(20);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("parse", lines), |b| {
            b.iter(|| chatspec_notation::parse("bench.chat", black_box(&text)));
        });
        group.bench_function(BenchmarkId::new("print", lines), |b| {
            b.iter(|| black_box(&scenario).to_string());
        });
        group.finish();
    }
}

criterion_group!(benches, reading_and_writing);
criterion_main!(benches);
