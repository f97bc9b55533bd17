//! What the harness spends on a delivery, without a socket: all that it spends more is the system's.

use chatspec_load::fan_out::FanOut;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// How long the text of a message is in most profiles.
const PAYLOAD: usize = 64;

/// As much as is read at once from one member, at most times.
const MESSAGES: u32 = 16;

fn fan_out(c: &mut Criterion) {
    let mut group = c.benchmark_group("fan-out");
    for members in [10, 100, 1_000, 10_000] {
        let deliveries = u64::from(members - 1) * u64::from(MESSAGES);
        group.throughput(Throughput::Elements(deliveries));
        if members == 10_000 {
            group.sample_size(20);
        }
        let id = BenchmarkId::from_parameter(members);
        group.bench_with_input(id, &members, |b, &members| {
            b.iter_batched(
                || FanOut::new(members, MESSAGES, PAYLOAD),
                |room| assert_eq!(room.read().received, deliveries),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
