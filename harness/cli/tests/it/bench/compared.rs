//! What was measured before, and the load that a server holds.

use super::{LOAD, SLOW, bench_in, steady};
use crate::support::Place;

/// A folder with what was measured of a slow server in `old.json`, of one that was much faster in
/// `fast.json`, and of one of which nothing is known in `none.json`, all under the same name.
async fn before() -> Place {
    let place = Place::new();
    let line = format!("bench --target null:delay=50ms {LOAD} --json fast.json");
    place.run(&line).await;
    let line = format!("bench --target {SLOW} {LOAD} --json old.json");
    let said = place.run(&line).await;
    assert_eq!(said.code(), 0, "{}", said.as_it_is());
    let mut fast = bench_in(&place, "fast.json");
    SLOW.clone_into(&mut fast.targets[0].name);
    let mut none = bench_in(&place, "old.json");
    none.targets[0].turns.clear();
    let [fast, none] = [fast, none].map(|bench| serde_json::to_string(&bench).unwrap());
    place.with("fast.json", &fast).with("none.json", &none)
}

#[tokio::test]
async fn a_change_passes_or_is_too_bad_or_nobody_can_tell() {
    let place = before().await;
    let mut told = String::new();
    for (gates, code) in [
        ("--baseline old.json --fail-if p99>3x", 0),
        (
            "--baseline fast.json --fail-if p50>1.5x --fail-if p99>100x",
            1,
        ),
        ("--baseline none.json --fail-if p99>1.2x", 0),
        ("--baseline none.json --fail-if p99>1.2x --strict", 3),
    ] {
        let line = format!("bench --target {SLOW} {LOAD} {gates}");
        let said = place.run(&line).await;
        assert_eq!(said.code(), code, "{}", said.as_it_is());
        told += &format!("{}\n", steady(&said));
    }
    insta::assert_snapshot!(told);
}

/// Nobody waits for a bench to hear that there is nothing to compare it with.
#[tokio::test]
async fn a_baseline_without_the_target() {
    let place = Place::new();
    let line = format!("bench --target null:delay=1ms {LOAD} --json other.json");
    place.run(&line).await;
    let line = "bench --target null --baseline other.json --fail-if p99>1.2x";
    insta::assert_snapshot!(place.run(line).await.as_it_is());
}

/// Nothing below this load is tried: too few messages would say nothing.
#[tokio::test]
async fn an_objective_that_no_load_holds() {
    let place = Place::new();
    let load = LOAD.replace("--rate 40", "--rate 20");
    let line = format!(
        "bench --target {SLOW} {load} --find-limit p99<10ms --raise rate --json bench.json"
    );
    let said = place.run(&line).await;
    assert_eq!(said.code(), 0, "{}", said.as_it_is());
    insta::assert_snapshot!(steady(&said));
    let bench = bench_in(&place, "bench.json");
    let limits = &bench.targets[0].limits;
    assert_eq!(limits.len(), 1);
    assert!(limits[0].held().is_none());
}
