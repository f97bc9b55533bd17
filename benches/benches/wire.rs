//! What one packet costs the codec.

use std::hint::black_box;

use bytes::Bytes;
use chatspec_wire::data::Data;
use chatspec_wire::engine::{self, payload};
use chatspec_wire::socket::{Decoder, Packet};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// What a member of a chat receives most.
fn message() -> Packet {
    Packet::event(
        "new_message",
        [Data::from("ana: see you in the lobby at nine")],
        None,
    )
}

fn file() -> Packet {
    let name = Data::from("picture.png");
    let content = Data::from(Bytes::from(vec![0x5a; 10_000]));
    Packet::event("new_file", [name, content], Some(7))
}

fn event(c: &mut Criterion) {
    let packet = message();
    let text = packet.encode().text;
    let mut group = c.benchmark_group("event");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("encode", |b| b.iter(|| black_box(&packet).encode()));
    group.bench_function("decode", |b| {
        b.iter(|| Decoder::new().text(black_box(&text)));
    });
    group.finish();
}

fn ack(c: &mut Criterion) {
    let packet = Packet::ack(12_345, []);
    let text = packet.encode().text;
    let mut group = c.benchmark_group("ack");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("encode", |b| b.iter(|| black_box(&packet).encode()));
    group.bench_function("decode", |b| {
        b.iter(|| Decoder::new().text(black_box(&text)));
    });
    group.finish();
}

fn binary_event(c: &mut Criterion) {
    let packet = file();
    let encoded = packet.encode();
    let mut group = c.benchmark_group("binary event, 10 kB");
    group.throughput(Throughput::Bytes(10_000));
    group.bench_function("encode", |b| b.iter(|| black_box(&packet).encode()));
    group.bench_function("decode", |b| {
        b.iter(|| {
            let mut decoder = Decoder::new();
            let pending = decoder.text(black_box(&encoded.text));
            (pending, decoder.binary(encoded.attachments[0].clone()))
        });
    });
    group.finish();
}

fn polling(c: &mut Criterion) {
    let packets: Vec<_> = (0..100)
        .map(|_| engine::Packet::Message(message().encode().text))
        .collect();
    let body = payload::encode(&packets);
    let mut group = c.benchmark_group("payload of 100 messages");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("encode", |b| {
        b.iter(|| payload::encode(black_box(&packets)));
    });
    group.bench_function("decode", |b| b.iter(|| payload::decode(black_box(&body))));
    group.finish();

    let file = file()
        .encode()
        .attachments
        .into_iter()
        .map(engine::Packet::Binary);
    let packets: Vec<_> = file.collect();
    let body = payload::encode(&packets);
    let mut group = c.benchmark_group("payload of 10 kB binary");
    group.throughput(Throughput::Bytes(10_000));
    group.bench_function("encode", |b| {
        b.iter(|| payload::encode(black_box(&packets)));
    });
    group.bench_function("decode", |b| b.iter(|| payload::decode(black_box(&body))));
    group.finish();
}

criterion_group!(benches, event, ack, binary_event, polling);
criterion_main!(benches);
