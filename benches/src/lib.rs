//! Criterion benchmarks of the harness; they live in `benches/`, and this library is empty.
//!
//! The harness shares the machine with the server that it judges, so what it spends on a packet is
//! taken from the measurement.
