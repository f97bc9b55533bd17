//! The parts of a plan become one bench, or nobody is told that they are one.

use chatspec_judge::bench::measured::{
    FORMAT, Guests, Harness, Joined, Limit, Machine, Merged, Raised, Reach, Second, Server, Shard,
};
use chatspec_judge::bench::merge::{MergeError, merge};
use chatspec_judge::bench::{Bench, Histogram, Plan, TargetTurns, Turn};

fn latencies(micros: &[u64]) -> Histogram {
    let mut histogram = Histogram::new();
    for &micros in micros {
        histogram.record(micros);
    }
    histogram
}

/// What one part measured: everything in it is another number than in any other part.
fn turn(part: u32, began: f64) -> Turn {
    let number = u64::from(part);
    let latency = latencies(&[number * 1_000, number * 2_000]);
    Turn {
        began,
        measured: 10.0,
        joined: Joined {
            wanted: 500,
            members: 500 - number,
            took: f64::from(part),
            latency: latency.clone(),
            welcomes_owed: 100 * number,
            welcomes: 99 * number,
            failures: vec![("refused".to_owned(), number)],
        },
        reach: Reach {
            due: number,
            sent: number,
            acked: number,
            owed: 9 * number,
            received: 9 * number,
            ..Reach::default()
        },
        latency: latency.clone(),
        uncorrected: latency.clone(),
        ack: latency.clone(),
        first: latency.clone(),
        median: latency.clone(),
        last: latency.clone(),
        seconds: vec![
            Second {
                due: number,
                arrived: 9 * number,
                latency: latency.clone(),
            };
            part as usize
        ],
        guests: None,
        harness: Harness {
            workers: 1,
            busy: 0.1 * f64::from(part),
            cpu: f64::from(part),
            send_lag: latency.clone(),
            read_lag: Some(latency),
            memory_before: number,
            memory_joined: 10 * number,
        },
        server: None,
    }
}

fn target(name: &str, part: u32, turns: u32) -> TargetTurns {
    let began = |turn| 1_000.0 + 60.0 * f64::from(turn) + 0.1 * f64::from(part);
    TargetTurns {
        name: name.to_owned(),
        turns: (0..turns).map(|number| turn(part, began(number))).collect(),
        limits: Vec::new(),
        failed: None,
    }
}

fn bench(part: u32, of: u32) -> Bench {
    Bench {
        format: FORMAT,
        chatspec: "0.1.0".to_owned(),
        profile: Some("small-talk".to_owned()),
        plan: Plan::default(),
        machine: Machine {
            processor: format!("processor {part}"),
            cores: part,
            memory: 0,
            system: "Linux".to_owned(),
            open_files: 1_024,
            harness_cores: Vec::new(),
        },
        shard: Some(Shard { part, of }),
        began: 990.0 + f64::from(part),
        took: 200.0 + f64::from(part),
        null: None,
        contention: None,
        merged: None,
        targets: vec![target("one", part, 2), target("other", part, 2)],
    }
}

fn three() -> Vec<Bench> {
    (1..=3).map(|part| bench(part, 3)).collect()
}

#[test]
fn what_the_parts_have_counted_is_added() {
    let whole = merge(three()).unwrap();
    assert_eq!((whole.began, whole.took), (991.0, 203.0));
    assert_eq!(whole.machine.processor, "processor 1");
    assert_eq!(whole.shard, None);
    let merged = whole.merged.unwrap();
    assert_eq!(merged.parts, 3);
    // A second of ten in tenths: the first began two tenths before the last.
    assert!((merged.overlap - 0.98).abs() < 1e-9, "{merged:?}");
    for target in &whole.targets {
        assert_eq!(target.turns.len(), 2);
        for turn in &target.turns {
            adds_up(turn);
        }
    }
}

/// One, two and three are six.
fn adds_up(turn: &Turn) {
    assert_eq!(turn.joined.wanted, 1_500);
    assert_eq!(turn.joined.members, 1_494);
    assert!((turn.joined.took - 3.0).abs() < 1e-9);
    let welcomes = (turn.joined.welcomes_owed, turn.joined.welcomes);
    assert_eq!(welcomes, (600, 594));
    assert_eq!(turn.joined.failures, [("refused".to_owned(), 6)]);
    assert_eq!((turn.reach.due, turn.reach.owed), (6, 54));
    for histogram in [
        &turn.joined.latency,
        &turn.latency,
        &turn.uncorrected,
        &turn.ack,
        &turn.first,
        &turn.median,
        &turn.last,
        &turn.harness.send_lag,
        turn.harness.read_lag.as_ref().unwrap(),
    ] {
        let all = latencies(&[1_000, 2_000, 2_000, 4_000, 3_000, 6_000]);
        assert_eq!(*histogram, all);
    }
    // The first part has one second, the second two, and the third three.
    let due: Vec<_> = turn.seconds.iter().map(|second| second.due).collect();
    assert_eq!(due, [6, 5, 3]);
    let arrived = turn.seconds.iter().map(|second| second.arrived);
    assert_eq!(arrived.collect::<Vec<_>>(), [54, 45, 27]);
    assert_eq!(turn.seconds[2].latency, latencies(&[3_000, 6_000]));
    let harness = &turn.harness;
    assert_eq!(harness.workers, 3);
    assert!((harness.busy - 0.3).abs() < 1e-9 && (harness.cpu - 6.0).abs() < 1e-9);
    assert_eq!((harness.memory_before, harness.memory_joined), (6, 60));
    assert_eq!((&turn.guests, turn.server), (&None, None));
}

/// The first turn of the first target.
fn first(bench: &mut Bench) -> &mut Turn {
    &mut bench.targets[0].turns[0]
}

#[test]
fn one_server_is_not_added_to_itself_and_a_null_server_of_each_part_is() {
    let server = |part: u32| Server {
        cpu: f64::from(part),
        memory_before: u64::from(10 + part),
        memory_joined: u64::from(100 + part),
        memory_peak: u64::from(1_000 + part),
    };
    let mut parts = three();
    for (number, part) in (1..).zip(&mut parts).skip(1) {
        first(part).server = Some(server(number));
    }
    for (number, part) in (1..).zip(&mut parts) {
        let mut null = target("null", number, 1);
        null.turns[0].server = Some(server(number));
        part.null = Some(null.clone());
        part.contention = Some(null);
    }
    let mut whole = merge(parts).unwrap();
    let shared = Server {
        cpu: 3.0,
        memory_before: 12,
        memory_joined: 103,
        memory_peak: 1_003,
    };
    assert_eq!(first(&mut whole).server, Some(shared));
    let added = Server {
        cpu: 6.0,
        memory_before: 36,
        memory_joined: 306,
        memory_peak: 3_006,
    };
    for null in [whole.null, whole.contention] {
        let null = null.unwrap();
        assert_eq!(null.turns[0].server, Some(added));
        assert_eq!(null.turns[0].reach.due, 6);
    }
}

#[test]
fn null_servers_need_not_be_measured_at_once() {
    let mut parts = three();
    for (number, part) in (1..).zip(&mut parts) {
        let mut null = target("null", number, 1);
        null.turns[0].began = 100.0 * f64::from(number);
        part.null = Some(null);
    }
    assert!(merge(parts).is_ok());
}

#[test]
fn what_only_some_parts_know() {
    let mut parts = three();
    first(&mut parts[1]).harness.read_lag = None;
    for index in [0, 2] {
        first(&mut parts[index]).guests = Some(Guests {
            entered: 4,
            failed: 1,
            latency: latencies(&[7_000]),
            owed: 3,
            received: 2,
        });
    }
    parts[2].targets[1].failed = Some("connection refused".to_owned());
    let mut whole = merge(parts).unwrap();
    assert_eq!(first(&mut whole).harness.read_lag, None);
    let guests = Guests {
        entered: 8,
        failed: 2,
        latency: latencies(&[7_000, 7_000]),
        owed: 6,
        received: 4,
    };
    assert_eq!(first(&mut whole).guests, Some(guests));
    assert_eq!(whole.targets[0].failed, None);
    let failed = whole.targets[1].failed.as_deref();
    assert_eq!(failed, Some("part 3: connection refused"));
}

#[test]
fn reasons_to_stay_out_are_counted_each_once() {
    let mut parts = three();
    first(&mut parts[1]).joined.failures =
        vec![("timeout".to_owned(), 5), ("refused".to_owned(), 1)];
    let mut whole = merge(parts).unwrap();
    let failures = [("refused".to_owned(), 5), ("timeout".to_owned(), 5)];
    assert_eq!(first(&mut whole).joined.failures, failures);
}

/// Nine tenths of ten seconds are enough, and less is not.
#[test]
fn parts_must_have_measured_at_once() {
    let apart = |seconds: f64| {
        let mut parts = three();
        let began = first(&mut parts[0]).began;
        for part in &mut parts {
            first(part).began = began;
        }
        first(&mut parts[1]).began = began + seconds;
        merge(parts)
    };
    let overlap = apart(0.99).unwrap().merged.unwrap().overlap;
    assert!((overlap - 0.901).abs() < 1e-9, "{overlap}");
    assert!(matches!(apart(1.01), Err(MergeError::Apart { .. })));
    // One that ended before the last began shares nothing, and no less than that.
    let Err(MergeError::Apart { shared, .. }) = apart(50.0) else {
        panic!("they have nothing in common");
    };
    assert!(shared.abs() < 1e-9);
}

#[test]
fn a_part_that_measured_no_time_overlaps_with_nothing() {
    let mut parts = three();
    first(&mut parts[0]).measured = 0.0;
    assert!(matches!(merge(parts), Err(MergeError::Apart { .. })));
}

#[test]
fn a_whole_of_one_part_is_that_part() {
    let mut part = bench(1, 1);
    let whole = merge(vec![part.clone()]).unwrap();
    part.shard = None;
    part.merged = Some(Merged {
        parts: 1,
        overlap: 1.0,
    });
    assert_eq!(whole, part);
}

#[test]
fn what_is_no_whole_is_refused_with_what_to_do() {
    let with = |change: &dyn Fn(&mut Vec<Bench>)| {
        let mut parts = three();
        change(&mut parts);
        merge(parts).unwrap_err().to_string()
    };
    let limit = Limit {
        objective: "p99<200ms".to_owned(),
        raised: Raised::Rate,
        steps: Vec::new(),
        ended: chatspec_judge::bench::measured::Ended::NothingHeld,
    };
    let said = [
        with(&|parts| parts.clear()),
        with(&|parts| parts[1].format = 9),
        with(&|parts| parts[1].shard = None),
        with(&|parts| parts[1].shard = Some(Shard { part: 4, of: 3 })),
        with(&|parts| parts[1].shard = Some(Shard { part: 0, of: 3 })),
        with(&|parts| parts[1].shard = Some(Shard { part: 2, of: 4 })),
        with(&|parts| parts.push(bench(2, 3))),
        with(&|parts| {
            parts.remove(1);
        }),
        with(&|parts| parts.truncate(1)),
        with(&|parts| parts[1].chatspec = "0.2.0".to_owned()),
        with(&|parts| parts[1].profile = None),
        with(&|parts| parts[2].plan.members = 20),
        with(&|parts| parts[2].plan.pace = chatspec_judge::bench::Pace::Outstanding(4)),
        with(&|parts| parts[1].targets.reverse()),
        with(&|parts| parts[1].null = Some(target("null", 2, 1))),
        with(&|parts| parts[1].contention = Some(target("null", 2, 1))),
        with(&|parts| {
            parts[1].targets[0].turns.pop();
        }),
        with(&|parts| {
            let target = &mut parts[2].targets[1];
            target.turns.clear();
            target.failed = Some("connection refused".to_owned());
        }),
        with(&|parts| parts[1].targets[0].limits.push(limit.clone())),
        with(&|parts| parts[2].targets[0].turns[1].began += 4.0),
    ];
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn null_servers_must_have_been_measured_as_often() {
    let mut parts = three();
    for (number, part) in (1..).zip(&mut parts) {
        part.null = Some(target("null", number, number));
    }
    assert!(matches!(
        merge(parts),
        Err(MergeError::Turns {
            found: 2,
            wanted: 1,
            ..
        })
    ));
}

#[test]
fn the_order_in_which_parts_are_named_does_not_matter() {
    let parts = three();
    let whole = merge(parts.clone());
    for order in [[2, 1, 0], [1, 2, 0]] {
        let shuffled = order.map(|index| parts[index].clone()).to_vec();
        assert_eq!(merge(shuffled), whole);
    }
}
