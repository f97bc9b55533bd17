//! What a long history costs the checkers: 100,000 events should take well under a second.
#![expect(clippy::expect_used, reason = "the scenario is in this file")]

use std::hint::black_box;
use std::sync::Arc;

use chatspec_judge::anomalies::examine;
use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE, expand};
use chatspec_judge::history::{Event, History, Item, Kind, Leg, Outgoing};
use chatspec_judge::ids::{ActorId, CaseId, OpId, ScenarioId, Seq};
use chatspec_judge::plan::{Plan, Source};
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SCENARIO: &str = "\
# Four clients write to one room.
must     seed.new-message
catches  no-relay
clients  ana ben cyn dan
rooms    lobby

ana <- nothing
";

fn plan() -> Plan {
    let scenario = chatspec_notation::parse("bench.chat", SCENARIO).expect("it is a scenario");
    let source = Source {
        file: "bench.chat".to_owned(),
        text: SCENARIO.to_owned(),
        scenario,
    };
    let case = CaseId {
        scenario: ScenarioId::from_path("bench"),
        transport: Transport::Websocket,
    };
    expand(Arc::new(source), case, 42, 0)
}

/// All enter; then each writes in turn, the others hear it, and it is acked: five events a message.
fn history(plan: &Plan, events: u64) -> History {
    let mut history = History::default();
    let room = plan.rooms.first().expect("it has a room").1.as_str();
    let leg = |who| Leg {
        actor: ActorId(who),
        number: 1,
    };
    let mut record = |kind| {
        let seq = Seq(history.events.len() as u64);
        let at_us = seq.0;
        history.events.push(Event {
            seq,
            at_us,
            kind,
            wire: Vec::new(),
        });
    };
    let sends = |who, id, event: &str, text: &str| Kind::Sent {
        leg: leg(who),
        op: OpId(0),
        what: Outgoing::Event {
            event: event.to_owned(),
            args: vec![Data::from(text), Data::from(room)],
            ack: Some(id),
        },
    };
    let arrives = |who, item| Kind::Arrived {
        leg: leg(who),
        item,
    };
    let names = ["Ana", "Ben", "Cyn", "Dan"];
    for (who, name) in (0..).zip(names) {
        record(sends(who, 0, ENTER_ROOM, name));
        record(arrives(
            who,
            Item::Ack {
                id: 0,
                args: Vec::new(),
            },
        ));
    }
    for id in 1..events / 5 {
        for (who, name) in (0..).zip(names).skip((id % 4) as usize).take(1) {
            let text = format!("m{id}");
            record(sends(who, id, NEW_MESSAGE, &text));
            for other in (0..4).filter(|other| *other != who) {
                let item = Item::Event {
                    event: NEW_MESSAGE.to_owned(),
                    args: vec![Data::from(format!("{name}: {text}"))],
                    ack: None,
                };
                record(arrives(other, item));
            }
            record(arrives(
                who,
                Item::Ack {
                    id,
                    args: Vec::new(),
                },
            ));
        }
    }
    history
}

fn examining(c: &mut Criterion) {
    let plan = plan();
    let mut group = c.benchmark_group("examine");
    group.sample_size(10);
    for events in [1_000, 10_000, 100_000] {
        let history = history(&plan, events);
        group.throughput(Throughput::Elements(events));
        let id = BenchmarkId::from_parameter(events);
        group.bench_with_input(id, &history, |b, history| {
            b.iter(|| examine(black_box(&plan), black_box(history)));
        });
    }
    group.finish();
}

criterion_group!(benches, examining);
criterion_main!(benches);
