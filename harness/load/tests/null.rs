//! The bench finds what is known: the null server, with flaws of a known size.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use chatspec_judge::bench::measured::Shard;
use chatspec_judge::bench::plan::profiles;
use chatspec_judge::bench::{Pace, Plan, Turn};
use chatspec_load::null;
use chatspec_load::turn::{Setup, Site, TurnError, turn};

/// A null server of its own for each test; its thread ends with the process.
fn site(options: &str) -> Site {
    let listener = null::listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let options: null::Options = options.parse().unwrap();
    thread::spawn(move || null::serve(listener, &options).unwrap());
    Site {
        address,
        authority: address.to_string(),
        path: "/socket.io/".to_owned(),
        processes: None,
    }
}

fn setup() -> Setup {
    static TAG: AtomicU32 = AtomicU32::new(1);
    Setup {
        workers: 1,
        cores: [].into(),
        shard: None,
        tag: TAG.fetch_add(1, Ordering::Relaxed),
        chat_at: None,
    }
}

fn run(site: &Site, plan: &Plan, setup: &Setup) -> Turn {
    turn(site, plan, setup, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// A profile that takes two seconds.
fn short(name: &str) -> Plan {
    let (.., plan) = profiles()
        .into_iter()
        .find(|(known, ..)| *known == name)
        .unwrap();
    Plan {
        members: plan.members.min(100),
        warm_up: 0.3,
        duration: 1.5,
        ..plan
    }
}

fn assert_whole(turn: &Turn) {
    assert!(turn.reach.is_whole(), "{:?}", turn.reach);
    assert!(
        turn.reach.sent > 0 && turn.reach.owed > 0,
        "{:?}",
        turn.reach
    );
    let joined = &turn.joined;
    assert_eq!(joined.members, joined.wanted, "{joined:?}");
    assert_eq!(joined.welcomes, joined.welcomes_owed, "{joined:?}");
    assert!(joined.failures.is_empty(), "{joined:?}");
    let counted: u64 = turn
        .seconds
        .iter()
        .map(|second| second.latency.count())
        .sum();
    assert_eq!(counted, turn.latency.count());
    assert_eq!(turn.latency.count(), turn.reach.received);
    assert_eq!(
        turn.last.count(),
        turn.reach.sent,
        "each message has a last receiver"
    );
    assert_eq!(turn.ack.count(), turn.reach.acked);
}

#[test]
fn every_profile_finds_a_right_server_right() {
    for name in ["small-talk", "town-hall", "storm", "mixed"] {
        let plan = short(name);
        let turn = run(&site(""), &plan, &setup());
        assert_whole(&turn);
        assert_eq!(turn.guests.is_some(), plan.guests > 0.0, "{name}");
        if let Some(guests) = turn.guests {
            assert!(guests.entered > 20 && guests.failed == 0, "{guests:?}");
            assert!(
                guests.owed > 0 && guests.received == guests.owed,
                "{guests:?}"
            );
        }
        let rate = plan.rate().unwrap();
        let wanted = rate * plan.duration;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred messages")]
        let due = turn.reach.due as f64;
        assert!(
            (due - wanted).abs() <= 1.0,
            "{name}: {due} of {wanted} messages were due"
        );
    }
}

#[test]
fn several_workers_share_the_rooms_and_find_the_same() {
    let setup = Setup {
        workers: 3,
        ..setup()
    };
    let turn = run(&site(""), &short("small-talk"), &setup);
    assert_whole(&turn);
    assert_eq!(turn.joined.wanted, 1_000);
    assert_eq!(turn.reach.due, 750);
}

#[test]
fn the_parts_of_a_plan_are_the_plan() {
    let site = site("");
    let plan = short("storm");
    let parts = [1, 2, 3].map(|part| {
        let setup = Setup {
            shard: Some(Shard { part, of: 3 }),
            ..setup()
        };
        run(&site, &plan, &setup)
    });
    let joined: u64 = parts.iter().map(|part| part.joined.members).sum();
    assert_eq!(joined, plan.connections());
    let due: u64 = parts.iter().map(|part| part.reach.due).sum();
    assert!(due.abs_diff(300) <= 3, "{due} of 300 messages were due");
    parts.iter().for_each(assert_whole);
}

#[test]
fn a_closed_loop_has_so_many_under_way() {
    let plan = Plan {
        pace: Pace::Outstanding(2),
        ..short("small-talk")
    };
    let turn = run(&site("delay=100ms"), &plan, &setup());
    assert_whole(&turn);
    // A thousand senders with two messages each, ten times a second.
    assert!(turn.reach.sent <= 2 * 1_000 * 16, "{:?}", turn.reach);
    assert_eq!(turn.latency.quantile(0.5), turn.uncorrected.quantile(0.5));
}

#[test]
fn a_delay_is_found_again() {
    let turn = run(&site("delay=50ms"), &short("small-talk"), &setup());
    assert_whole(&turn);
    let [p50, least] = [turn.latency.quantile(0.5), turn.latency.min()];
    // How exactly is for `ci/bench/accuracy` to say, on a machine that does nothing else.
    assert!((50_000..60_000).contains(&p50), "{p50} µs");
    assert!(least >= 49_900, "{least} µs");
}

#[test]
fn a_stall_is_found_though_nothing_was_asked_meanwhile() {
    let plan = Plan {
        duration: 4.0,
        ..short("small-talk")
    };
    let turn = run(&site("stall=500ms/2s"), &plan, &setup());
    assert_whole(&turn);
    let worst = turn.latency.max();
    assert!((400_000..1_500_000).contains(&worst), "{worst} µs");
    // Of two seconds one half: what is due in it waits for a quarter on average.
    let share = turn
        .latency
        .counts()
        .filter(|(after, _)| *after > 100_000)
        .map(|(_, times)| times);
    let share = share.sum::<u64>() * 100 / turn.latency.count();
    assert!((10..45).contains(&share), "{share} % were late");
}

#[test]
fn what_is_dropped_is_missed() {
    let turn = run(&site("drop=1%"), &short("small-talk"), &setup());
    let share = turn.reach.share();
    assert!((0.985..0.995).contains(&share), "{:?}", turn.reach);
    assert_eq!(turn.reach.acked, turn.reach.sent);
    assert!(
        turn.last.count() < turn.reach.sent,
        "some messages have no last receiver"
    );
}

#[test]
fn nobody_there_is_no_result() {
    let listener = null::listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let site = Site {
        address,
        authority: address.to_string(),
        path: "/socket.io/".to_owned(),
        processes: None,
    };
    let error = turn(&site, &short("small-talk"), &setup(), &mut |_| {
        ControlFlow::Continue(())
    });
    let error = error.unwrap_err().to_string();
    insta::assert_snapshot!(error);
}

#[test]
fn a_watcher_can_end_it() {
    let mut seen = 0;
    let ended = turn(&site(""), &short("small-talk"), &setup(), &mut |_| {
        seen += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(ended, Err(TurnError::Told)), "{ended:?}");
    assert_eq!(seen, 1);
}

#[test]
fn a_part_that_is_not_ready_in_time_has_no_result() {
    let setup = Setup {
        chat_at: Some(1_000_000_000),
        ..setup()
    };
    let late = turn(&site(""), &short("storm"), &setup, &mut |_| {
        ControlFlow::Continue(())
    });
    assert!(matches!(late, Err(TurnError::TooLate { .. })), "{late:?}");
}
