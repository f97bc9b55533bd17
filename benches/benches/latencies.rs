//! What a latency costs: one is counted for each delivery, on the cores that the server is to have.
#![expect(clippy::expect_used, reason = "what is measured is made in this file")]

use std::hint::black_box;

use chatspec_judge::bench::compare::ratio;
use chatspec_judge::bench::measured::Second;
use chatspec_judge::bench::objective::{Metric, Of};
use chatspec_judge::bench::{Histogram, TargetTurns, Turn};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Latencies from 200 µs on, most of them short and a few long, the same at each call.
fn latencies(many: u64) -> impl Iterator<Item = u64> {
    (0..many).map(|index| {
        let spread = index.wrapping_mul(2_654_435_761) % 1_000;
        200 + spread + if spread > 990 { 40 * spread } else { 0 }
    })
}

fn histogram(many: u64) -> Histogram {
    let mut histogram = Histogram::new();
    for micros in latencies(many) {
        histogram.record(micros);
    }
    histogram
}

fn counting(c: &mut Criterion) {
    const MANY: u64 = 100_000;
    let mut group = c.benchmark_group("histogram");
    group.throughput(Throughput::Elements(MANY));
    let micros: Vec<_> = latencies(MANY).collect();
    let mut counted = Histogram::new();
    group.bench_function("record 100,000", |b| {
        b.iter(|| {
            for &micros in &micros {
                counted.record(black_box(micros));
            }
        });
    });
    group.finish();

    let full = histogram(MANY);
    let text = serde_json::to_string(&full).expect("it can be written");
    let mut group = c.benchmark_group("histogram of 100,000");
    let mut sum = Histogram::new();
    group.bench_function("add", |b| b.iter(|| sum.add(black_box(&full))));
    group.bench_function("quantile", |b| b.iter(|| black_box(&full).quantile(0.999)));
    group.bench_function("write", |b| {
        b.iter(|| serde_json::to_string(black_box(&full)));
    });
    group.bench_function("read", |b| {
        b.iter(|| serde_json::from_str::<Histogram>(black_box(&text)));
    });
    group.finish();
}

/// Three turns of ten seconds, as a profile has them.
fn target() -> TargetTurns {
    let turn = || {
        let second = |second: u64| Second {
            latency: histogram(10_000 + second),
            ..Second::default()
        };
        let seconds: Vec<_> = (0..10).map(second).collect();
        Turn {
            latency: seconds.iter().map(|second| &second.latency).collect(),
            seconds,
            ..Turn::default()
        }
    };
    TargetTurns {
        name: "bench".to_owned(),
        turns: vec![turn(), turn(), turn()],
        limits: Vec::new(),
        failed: None,
    }
}

fn comparing(c: &mut Criterion) {
    let target = target();
    let p99 = Metric::Percentile(Of::Delivery, 99.0);
    assert!(ratio(p99, &target, &target, 0).is_some());
    let mut group = c.benchmark_group("compare");
    group.sample_size(10);
    group.bench_function("p99, with its interval", |b| {
        b.iter(|| ratio(p99, black_box(&target), black_box(&target), 0));
    });
    group.finish();
}

criterion_group!(benches, counting, comparing);
criterion_main!(benches);
