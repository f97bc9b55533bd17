//! Benches to show: made by hand, as the load would measure them. Nothing in them is random.

use chatspec_judge::bench::measured::{
    Bench, Ended, FORMAT, Guests, Harness, Joined, Limit, Machine, Merged, Raised, Reach, Second,
    Server, Shard, Step, StepVerdict, TargetTurns, Turn,
};
use chatspec_judge::bench::{Histogram, Pace, Plan};

/// What one turn of a target is like.
#[derive(Clone, Copy)]
pub(crate) struct Like {
    /// The usual latency, in microseconds.
    pub(crate) usual: u64,
    /// How many times as long the slowest one takes.
    pub(crate) tail: u64,
    /// How long the server stands still in the fourth second, in microseconds.
    pub(crate) stall: u64,
    /// Processor time of the server, in seconds; none where it is not ours to look at.
    pub(crate) cpu: Option<f64>,
}

/// The reference, on a good day.
pub(crate) const CALM: Like = Like {
    usual: 400,
    tail: 4,
    stall: 0,
    cpu: Some(2.9),
};

/// About twice as slow.
pub(crate) const SLOW: Like = Like {
    usual: 830,
    tail: 9,
    stall: 0,
    cpu: Some(7.1),
};

const NULL: Like = Like {
    usual: 190,
    tail: 3,
    stall: 0,
    cpu: Some(0.8),
};

/// Latencies from the usual one to the slowest, most of them near the usual.
fn latencies(like: Like, factor: f64, number: u64) -> Histogram {
    let mut histogram = Histogram::new();
    for step in 0..number {
        #[expect(clippy::cast_precision_loss, reason = "a step of a few hundred")]
        let share = (step as f64 + 0.5) / number as f64;
        #[expect(clippy::cast_precision_loss, reason = "microseconds")]
        let (usual, tail) = (like.usual as f64, like.tail as f64);
        let latency = usual * factor * (0.7 + 0.6 * share + (tail - 1.3) * share.powi(60));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and a few seconds at most"
        )]
        histogram.record(latency as u64);
    }
    histogram
}

/// Ten seconds; `noise` makes turns differ a little.
pub(crate) fn turn(like: Like, noise: f64) -> Turn {
    let second = |index: u32| {
        let wobble = noise * (1.0 + f64::from(index * 7 % 5) / 50.0);
        let mut latency = latencies(like, wobble, 450);
        if index == 3 && like.stall > 0 {
            for waited in 1..=60 {
                latency.record(like.stall * waited / 60);
            }
        }
        Second {
            due: 500,
            arrived: 4_500,
            latency,
        }
    };
    let seconds: Vec<Second> = (0..10).map(second).collect();
    let members = 1_000;
    Turn {
        began: 1_780_000_000.0,
        measured: 10.0,
        joined: Joined {
            wanted: members,
            members,
            took: 0.84 * noise,
            latency: latencies(like, 3.0, 500),
            welcomes_owed: 4_500,
            welcomes: 4_500,
            failures: Vec::new(),
        },
        reach: Reach {
            due: 5_000,
            sent: 5_000,
            acked: 5_000,
            owed: 45_000,
            received: 45_000,
            ..Reach::default()
        },
        latency: seconds.iter().map(|second| &second.latency).collect(),
        uncorrected: latencies(like, noise, 4_500),
        ack: latencies(like, noise * 0.9, 500),
        first: latencies(like, noise * 0.6, 500),
        median: latencies(like, noise * 0.8, 500),
        last: latencies(like, noise * 1.2, 500),
        seconds,
        guests: None,
        harness: Harness {
            workers: 2,
            busy: 0.31,
            cpu: 5.2,
            send_lag: latencies(NULL, 0.2, 500),
            read_lag: Some(latencies(NULL, 0.5, 500)),
            memory_before: 12 << 20,
            memory_joined: 19 << 20,
        },
        server: like.cpu.map(|cpu| Server {
            cpu,
            memory_before: 9 << 20,
            memory_joined: 23 << 20,
            memory_peak: 31 << 20,
        }),
    }
}

/// Three turns that differ a little.
pub(crate) fn target(name: &str, like: Like) -> TargetTurns {
    TargetTurns {
        name: name.to_owned(),
        turns: [1.0, 1.04, 0.98].map(|noise| turn(like, noise)).into(),
        limits: Vec::new(),
        failed: None,
    }
}

/// Who could not be measured.
pub(crate) fn gone(name: &str) -> TargetTurns {
    TargetTurns {
        name: name.to_owned(),
        turns: Vec::new(),
        limits: Vec::new(),
        failed: Some("nothing listens on 127.0.0.1:3999".to_owned()),
    }
}

pub(crate) fn bench(targets: Vec<TargetTurns>) -> Bench {
    Bench {
        format: FORMAT,
        chatspec: "0.1.0".to_owned(),
        profile: Some("small-talk".to_owned()),
        plan: Plan::default(),
        machine: Machine {
            processor: "Some Processor at 3.0 GHz".to_owned(),
            cores: 2,
            memory: 8 << 30,
            system: "Linux 6.1".to_owned(),
            open_files: 65_536,
            harness_cores: Vec::new(),
        },
        shard: None,
        began: 1_780_000_000.0,
        took: 131.4,
        null: None,
        contention: None,
        merged: None,
        targets,
    }
}

/// Two targets, the null server, and the null server contended; nothing is wrong.
pub(crate) fn usual() -> Bench {
    let contended = Like { usual: 300, ..NULL };
    Bench {
        null: Some(target("null", NULL)),
        contention: Some(target("null", contended)),
        ..bench(vec![
            target("reference", CALM),
            target("cmd:node server.js", SLOW),
        ])
    }
}

/// One server that stands still for most of a second.
pub(crate) fn stalled() -> Bench {
    let like = Like {
        stall: 900_000,
        ..CALM
    };
    let mut bench = bench(vec![target("stalling", like)]);
    bench.machine.harness_cores = vec![0, 1];
    bench
}

/// Everything that a chat must not do, on one of two targets.
pub(crate) fn lossy() -> Bench {
    let mut lossy = target("lossy", CALM);
    let turn = &mut lossy.turns[1];
    turn.reach = Reach {
        due: 5_000,
        sent: 4_990,
        acked: 4_981,
        owed: 45_000,
        received: 43_796,
        duplicates: 12,
        misordered: 4,
        misdirected: 7,
        cut_off: 3,
    };
    turn.joined.members = 998;
    turn.joined.welcomes = 4_491;
    turn.joined.failures = vec![("connection refused".to_owned(), 2)];
    turn.guests = Some(Guests {
        entered: 498,
        failed: 2,
        latency: latencies(CALM, 3.0, 500),
        owed: 4_000,
        received: 3_999,
    });
    bench(vec![target("reference", CALM), lossy])
}

/// A harness that had no time left, a null server that lost something, and a target that went away.
pub(crate) fn doubtful() -> Bench {
    let mut busy = target("reference", CALM);
    busy.turns[1].harness.busy = 0.97;
    busy.turns[2].harness.send_lag = latencies(CALM, 20.0, 500);
    let mut null = target("null", NULL);
    null.turns[0].reach.received -= 1;
    Bench {
        null: Some(null),
        ..bench(vec![busy, gone("http://127.0.0.1:3999")])
    }
}

/// Parts of a plan put together, with guests and long-polling, in a closed loop, of a server that
/// cannot be looked into.
pub(crate) fn merged() -> Bench {
    let mut target = target("https://chat.example.org", Like { cpu: None, ..SLOW });
    for turn in &mut target.turns {
        turn.harness.read_lag = None;
        turn.guests = Some(Guests {
            entered: 500,
            failed: 0,
            latency: latencies(SLOW, 3.0, 500),
            owed: 4_000,
            received: 4_000,
        });
    }
    target.turns.truncate(1);
    Bench {
        profile: None,
        plan: Plan {
            senders: 3,
            pace: Pace::Outstanding(4),
            polling: 30,
            guests: 50.0,
            warm_up: 0.5,
            repeats: 1,
            ..Plan::default()
        },
        merged: Some(Merged {
            parts: 4,
            overlap: 0.973,
        }),
        ..bench(vec![target])
    }
}

/// One part of a plan.
pub(crate) fn part() -> Bench {
    Bench {
        shard: Some(Shard { part: 2, of: 4 }),
        ..bench(vec![target("reference", CALM)])
    }
}

/// A load that was tried: messages a second, members, its usual latency in microseconds.
fn step(rate: f64, members: u32, usual: u64, verdict: StepVerdict) -> Step {
    let mut turn = turn(Like { usual, ..CALM }, 1.0);
    turn.harness.busy = if verdict == StepVerdict::Doubtful {
        0.96
    } else {
        0.4
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few thousand messages"
    )]
    let messages = (rate * 10.0) as u64;
    turn.reach = Reach {
        due: messages,
        sent: messages,
        acked: messages,
        owed: messages * u64::from(members - 1),
        received: messages * u64::from(members - 1),
        ..Reach::default()
    };
    Step {
        rate,
        members,
        verdict,
        turn,
    }
}

fn limit(raised: Raised, ended: Ended, steps: Vec<Step>) -> Limit {
    Limit {
        objective: "p99<200ms".to_owned(),
        raised,
        steps,
        ended,
    }
}

fn searched(name: &str, limits: Vec<Limit>) -> TargetTurns {
    TargetTurns {
        limits,
        turns: Vec::new(),
        ..target(name, CALM)
    }
}

/// Two searches that ended where they should.
pub(crate) fn limits() -> Bench {
    use StepVerdict::{Broke, Doubtful, Held};
    let mut lost = step(4_500.0, 10, 9_000, Broke);
    lost.turn.reach.received -= 1_204;
    let reference = limit(
        Raised::Rate,
        Ended::Narrowed,
        vec![
            step(500.0, 10, 500, Held),
            step(1_000.0, 10, 700, Held),
            step(2_000.0, 10, 1_500, Held),
            step(4_000.0, 10, 38_000, Held),
            step(8_000.0, 10, 400_000, Broke),
            lost,
        ],
    );
    let node = limit(
        Raised::Rate,
        Ended::HarnessLimit,
        vec![
            step(500.0, 10, 900, Held),
            step(1_000.0, 10, 2_100, Held),
            step(2_000.0, 10, 30_000, Doubtful),
        ],
    );
    bench(vec![
        searched("reference", vec![reference]),
        searched("cmd:node server.js", vec![node]),
    ])
}

/// Every other way in which a search can end.
pub(crate) fn other_limits() -> Bench {
    use StepVerdict::{Broke, Doubtful, Held};
    let members = |ended, steps| limit(Raised::Members, ended, steps);
    let mut reach = limit(
        Raised::Rate,
        Ended::NothingHeld,
        vec![step(62.5, 10, 500, Broke), step(500.0, 10, 500, Broke)],
    );
    "reach>99.9%".clone_into(&mut reach.objective);
    for step in &mut reach.steps {
        step.turn.reach.received /= 2;
    }
    let noisy = members(
        Ended::Narrowed,
        vec![
            step(500.0, 40, 50_000, Broke),
            step(500.0, 80, 30_000, Held),
        ],
    );
    bench(vec![
        searched(
            "as many as there are",
            vec![members(
                Ended::Ceiling,
                vec![step(500.0, 10, 500, Held), step(500.0, 20, 600, Held)],
            )],
        ),
        searched("noisy", vec![noisy]),
        searched("never", vec![reach]),
        searched(
            "dies",
            vec![members(
                Ended::TargetFailed,
                vec![step(500.0, 10, 500, Held)],
            )],
        ),
        searched("dies at once", vec![members(Ended::TargetFailed, vec![])]),
        searched(
            "too fast",
            vec![members(
                Ended::HarnessLimit,
                vec![step(500.0, 10, 500, Doubtful)],
            )],
        ),
    ])
}
