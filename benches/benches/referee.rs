//! What the referee, and a history on disk, cost a run of 100,000 events.
#![expect(clippy::expect_used, reason = "the scenario is in this file")]

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;

use chatspec_judge::check::check;
use chatspec_judge::expand::expand;
use chatspec_judge::history::{Event, Header, History, Item, Kind, Leg, Outgoing};
use chatspec_judge::ids::{ActorId, CaseId, OpId, ScenarioId, Seq};
use chatspec_judge::pattern::{Captures, Pattern};
use chatspec_judge::plan::{Op, OpKind, Plan, Source, Wanted};
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// A scenario in which three hear so many messages of a fourth.
fn scenario(messages: usize) -> String {
    format!(
        r#"# Three members hear what a fourth one writes.
must     seed.new-message
catches  no-relay
clients  ana ben cyn dan
rooms    lobby
in       lobby: ana ben cyn dan

ana -> new_message "m{{n}}" lobby as m{{n}} for n in 1..{messages}
ben <- new_message "Ana: m{{n}}" for n in 1..{messages}
cyn <- new_message "Ana: m{{n}}" for n in 1..{messages}
dan <- new_message "Ana: m{{n}}" for n in 1..{messages}
ana <- ack m{{n}} () for n in 1..{messages}
"#
    )
}

fn plan(text: String) -> Plan {
    let scenario = chatspec_notation::parse("bench.chat", &text).expect("it is a scenario");
    let source = Source {
        file: "bench.chat".to_owned(),
        text,
        scenario,
    };
    let case = CaseId {
        scenario: ScenarioId::from_path("bench"),
        transport: Transport::Websocket,
    };
    expand(Arc::new(source), case, 42, 0)
}

/// A run in which everything happens as the plan has it.
#[derive(Default)]
struct Run {
    history: History,
    acks: BTreeMap<ActorId, u64>,
    requests: BTreeMap<OpId, u64>,
}

impl Run {
    fn of(plan: &Plan) -> History {
        let mut run = Self::default();
        for (stage, ops) in plan.stages.iter().enumerate() {
            run.record(Kind::Began { stage });
            for op in ops.ops() {
                run.carry_out(op, plan.op(op));
            }
            let ran_out_us = None;
            run.record(Kind::Ended { stage, ran_out_us });
        }
        run.history
    }

    fn carry_out(&mut self, id: OpId, op: &Op) {
        let leg = leg(op.actor);
        match &op.kind {
            OpKind::Connect { .. } => {
                self.record(Kind::Connecting { leg, op: id });
                self.record(Kind::Connected { leg });
            }
            OpKind::Emit { event, args, ack } => {
                let ack = ack.then(|| self.next_ack(op.actor));
                self.requests.extend(ack.map(|ack| (id, ack)));
                let (event, args) = (event.clone(), values(args));
                let what = Outgoing::Event { event, args, ack };
                self.record(Kind::Sent { leg, op: id, what });
            }
            OpKind::Receive { wanted, .. } => {
                let item = match wanted {
                    Wanted::Event { event, args } => Item::Event {
                        event: event.clone(),
                        args: values(args),
                        ack: None,
                    },
                    Wanted::Ack { request, args, .. } => Item::Ack {
                        id: self.requests[request],
                        args: values(args),
                    },
                    other => unreachable!("{other:?} is not in the scenario"),
                };
                self.record(Kind::Arrived { leg, item });
            }
            OpKind::Silence { .. } => self.prove(),
            other => unreachable!("{other:?} is not in the scenario"),
        }
    }

    /// Flush and fence, by everybody.
    fn prove(&mut self) {
        let actors: Vec<_> = self.acks.keys().copied().collect();
        for actor in &actors {
            let (leg, id) = (leg(*actor), self.next_ack(*actor));
            self.record(Kind::FlushSent { leg, id });
            self.record(Kind::FlushAcked { leg, id });
        }
        for actor in actors {
            let (leg, id) = (leg(actor), 0);
            self.record(Kind::FenceSent { leg, id });
            self.record(Kind::FenceAnswered { leg, id });
        }
    }

    fn next_ack(&mut self, actor: ActorId) -> u64 {
        let next = self.acks.entry(actor).or_default();
        *next += 1;
        *next - 1
    }

    fn record(&mut self, kind: Kind) {
        let seq = Seq(self.history.events.len() as u64);
        let at_us = seq.0;
        self.history.events.push(Event {
            seq,
            at_us,
            kind,
            wire: Vec::new(),
        });
    }
}

const fn leg(actor: ActorId) -> Leg {
    Leg { actor, number: 1 }
}

fn values(patterns: &[Pattern]) -> Vec<Data> {
    let captures = Captures::new();
    let values = patterns.iter().map(|pattern| pattern.resolve(&captures));
    values.collect::<Option<_>>().expect("it captures nothing")
}

fn judging(c: &mut Criterion) {
    let mut group = c.benchmark_group("referee");
    group.sample_size(10);
    for events in [1_000, 100_000] {
        // Each message is sent, heard by three and acked, and each of these has a stage.
        let plan = plan(scenario(events / 15));
        let history = Run::of(&plan);
        let findings = check(&plan, &history);
        assert!(
            findings.violations.is_empty() && findings.gave_up.is_none(),
            "{findings:?}"
        );
        group.throughput(Throughput::Elements(history.events.len() as u64));
        group.bench_function(BenchmarkId::new("check", events), |b| {
            b.iter(|| check(black_box(&plan), black_box(&history)));
        });
    }
    group.finish();
}

fn storing(c: &mut Criterion) {
    let plan = plan(scenario(100_000 / 15));
    let history = Run::of(&plan);
    let header = header(&plan);
    let text = history.to_jsonl(&header).expect("it can be written");
    let mut group = c.benchmark_group("stored history of 100,000 events");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("write", |b| {
        b.iter(|| black_box(&history).to_jsonl(&header));
    });
    group.bench_function("read", |b| b.iter(|| History::from_jsonl(black_box(&text))));
    group.finish();
}

fn header(plan: &Plan) -> Header {
    Header {
        version: "0.1.0".to_owned(),
        case: plan.case.clone(),
        target: "bench".to_owned(),
        seed: plan.seed,
        attempt: plan.attempt,
        file: plan.source.file.clone(),
        scenario: plan.source.text.clone(),
        clauses: Vec::new(),
        lacks: Vec::new(),
        aside: BTreeSet::new(),
        ways: plan.ways.clone(),
        known: None,
        calibration: None,
        duration_ms: 0,
        harness_lag_us: 0,
        again: String::new(),
    }
}

criterion_group!(benches, judging, storing);
criterion_main!(benches);
