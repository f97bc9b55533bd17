use chatspec_judge::bench::plan::{Pace, profiles};
use chatspec_load::turn::*;
use std::ops::ControlFlow;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let port: u16 = a[1].parse().unwrap();
    let mut plan = profiles().into_iter().find(|p| p.0 == a[2]).unwrap().2;
    if let Some(r) = a.get(3) {
        plan.pace = if let Some(o) = r.strip_prefix('o') {
            Pace::Outstanding(o.parse().unwrap())
        } else {
            Pace::Rate(r.parse().unwrap())
        };
    }
    if let Some(m) = a.get(4) {
        plan.members = m.parse().unwrap();
        plan.senders = plan.senders.min(plan.members)
    }
    plan.duration = 5.0;
    plan.warm_up = 1.0;
    let site = Site {
        address: ([127, 0, 0, 1], port).into(),
        authority: format!("127.0.0.1:{port}"),
        path: "/socket.io/".into(),
        group: None,
    };
    let setup = Setup {
        workers: 1,
        cores: Default::default(),
        shard: None,
        tag: std::process::id(),
        chat_at: None,
    };
    let turn = turn(&site, &plan, &setup, &mut |l| {
        eprintln!("{} in, {}/{}", l.joined, l.received, l.owed);
        ControlFlow::Continue(())
    })
    .unwrap();
    println!(
        "{:?}\n{:?}\nlat {:?} {} unc {:?} ack {:?}\nfirst {:?} med {:?} last {:?}\nguests {:?}\n{:?}",
        turn.joined,
        turn.reach,
        turn.latency,
        turn.latency.max(),
        turn.uncorrected,
        turn.ack,
        turn.first,
        turn.median,
        turn.last,
        turn.guests,
        turn.harness
    );
    println!(
        "memory per client {}",
        (turn.harness.memory_joined - turn.harness.memory_before) / plan.connections()
    );
    println!("{:.0} deliveries/s", turn.deliveries_a_second());
}
