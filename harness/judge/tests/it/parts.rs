//! A run in parts, and what has changed since an earlier one.

use std::collections::BTreeMap;

use chatspec_judge::changes::Changes;
use chatspec_judge::ids::CaseId;
use chatspec_judge::shard::{Shard, merge};
use chatspec_judge::verdict::{
    CaseReport, LedgerProblem, Level, Outcome, RunReport, ScenarioNote, TargetReport, Verdict,
};
use proptest::prelude::*;

fn ids(number: usize) -> Vec<CaseId> {
    (0..number)
        .map(|n| {
            format!("chat/part/case-{n:03}@polling")
                .parse()
                .expect("an id")
        })
        .collect()
}

fn case(id: &CaseId, verdict: Verdict) -> CaseReport {
    CaseReport {
        case: id.clone(),
        reason: String::new(),
        level: Level::Must,
        clauses: Vec::new(),
        duration_ms: 1,
        harness_lag_us: 0,
        proofs: Vec::new(),
        verdict,
        anomalies: Vec::new(),
        guarantee: None,
        rate: None,
        transcript: Vec::new(),
        marked: Vec::new(),
        wire: Vec::new(),
        again: String::new(),
    }
}

fn target(name: &str, cases: Vec<CaseReport>) -> TargetReport {
    TargetReport {
        name: name.to_owned(),
        calibration: None,
        unavailable: None,
        cases,
        ledger_problems: Vec::new(),
    }
}

fn run(targets: Vec<TargetReport>) -> RunReport {
    RunReport {
        format: RunReport::FORMAT,
        version: "0.1.0".to_owned(),
        seed: 7,
        duration_ms: 10,
        shard: None,
        scenarios: BTreeMap::new(),
        targets,
    }
}

/// The reports of all parts of a run of so many cases on two targets.
fn parts(number: usize, of: u32) -> Vec<RunReport> {
    let ids = ids(number);
    (1..=of)
        .map(|part| {
            let shard = Shard::new((part, of), &ids, &BTreeMap::new(), 0);
            let cases = || {
                shard
                    .cases()
                    .iter()
                    .map(|id| case(id, Verdict::Pass))
                    .collect()
            };
            RunReport {
                duration_ms: u64::from(part),
                shard: Some(shard.clone()),
                ..run(vec![target("one", cases()), target("other", cases())])
            }
        })
        .collect()
}

fn refused(parts: Vec<RunReport>) -> String {
    merge(parts).expect_err("these are no whole").to_string()
}

proptest! {
    #[test]
    fn the_parts_are_the_whole(number in 0_usize..40, of in 1_u32..9, turn in 0_usize..9) {
        let mut parts = parts(number, of);
        let sizes: Vec<usize> = parts.iter().map(|part| part.targets[0].cases.len()).collect();
        let (least, most) = (sizes.iter().min(), sizes.iter().max());
        prop_assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{sizes:?}");
        let places = parts.len();
        parts.rotate_left(turn % places);
        let whole = merge(parts).expect("a whole");
        prop_assert!(whole.shard.is_none());
        prop_assert_eq!(whole.duration_ms, u64::from(of));
        for target in &whole.targets {
            let found: Vec<CaseId> = target.cases.iter().map(|case| case.case.clone()).collect();
            prop_assert_eq!(found, ids(number));
        }
    }
}

#[test]
fn what_is_no_whole_says_why() {
    let three = || parts(10, 3);
    let changed = |change: fn(&mut RunReport)| {
        let mut parts = three();
        change(&mut parts[1]);
        refused(parts)
    };
    let mut without = three();
    without.remove(1);
    let mut twice = three();
    twice.push(twice[0].clone());
    let told = [
        refused(Vec::new()),
        refused(vec![run(Vec::new())]),
        refused(without),
        refused(twice),
        changed(|part| part.seed = 8),
        changed(|part| part.version = "0.2.0".to_owned()),
        changed(|part| part.targets[0].name = "another".to_owned()),
        changed(|part| part.targets[1].cases.truncate(1)),
        changed(|part| {
            part.targets[0].cases[0].case = "chat/part/case-000@polling".parse().expect("an id");
        }),
        changed(|part| {
            let again = part.targets[0].cases[0].clone();
            part.targets[0].cases.push(again);
        }),
        changed(|part| {
            part.shard.as_mut().expect("a part").suite = "0".repeat(16);
        }),
        changed(|part| {
            part.shard.as_mut().expect("a part").whole.pop();
        }),
        changed(|part| {
            part.shard.as_mut().expect("a part").of = 4;
        }),
        changed(|part| {
            part.shard.as_mut().expect("a part").retries = 4;
        }),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn another_text_is_another_suite() {
    let digest = |text: &str| {
        let note = ScenarioNote {
            file: String::new(),
            text: text.to_owned(),
        };
        let id = ids(1)[0].scenario.clone();
        Shard::new((1, 1), &ids(1), &BTreeMap::from([(id, note)]), 0).suite
    };
    assert_eq!(digest("a"), digest("a"));
    assert_ne!(digest("a"), digest("b"));
    assert_eq!(digest("a").len(), 16);
}

/// Its cases are not lost without a word: the whole is inconclusive.
#[test]
fn a_target_that_was_not_there_for_a_part() {
    let mut parts = parts(10, 3);
    parts[1].targets[0].cases.clear();
    parts[1].targets[0].unavailable = Some("nothing listens there".to_owned());
    let stale = LedgerProblem {
        pattern: "x".to_owned(),
        problem: "no such case".to_owned(),
        mend: "delete it".to_owned(),
    };
    for part in &mut parts {
        part.targets[1].ledger_problems.push(stale.clone());
    }
    let whole = merge(parts).expect("a whole");
    let unavailable = whole.targets[0].unavailable.as_deref();
    assert_eq!(unavailable, Some("part 2 of 3: nothing listens there"));
    assert_eq!(whole.targets[0].cases.len(), 7);
    assert_eq!(whole.targets[0].outcome(false), Outcome::Inconclusive);
    assert_eq!(whole.targets[1].ledger_problems, [stale], "each once");
}

fn open() -> Verdict {
    Verdict::Inconclusive {
        cause: "starved".to_owned(),
    }
}

fn fail() -> Verdict {
    Verdict::Fail {
        violations: Vec::new(),
    }
}

#[test]
fn what_has_changed() {
    let id = ids(9);
    let of = |verdicts: Vec<(usize, Verdict)>| {
        let cases = verdicts.into_iter();
        cases.map(|(n, verdict)| case(&id[n], verdict)).collect()
    };
    let skipped = || Verdict::Skipped {
        missing: Vec::new(),
    };
    let before = of(vec![
        (0, Verdict::Pass),
        (1, fail()),
        (2, fail()),
        (3, Verdict::Pass),
        (4, open()),
        (5, Verdict::Pass),
        (6, skipped()),
        (8, Verdict::Pass),
    ]);
    let now = of(vec![
        (0, fail()),
        (1, Verdict::Pass),
        (2, fail()),
        (3, Verdict::Pass),
        (4, Verdict::Pass),
        (5, open()),
        (6, fail()),
        (7, fail()),
    ]);
    let before = run(vec![target("a", before), target("gone", Vec::new())]);
    let now = run(vec![target("a", now), target("new", Vec::new())]);
    let changes = Changes::between(&before, &now);
    assert_eq!(changes.gone_targets, ["gone"]);
    assert_eq!(changes.new_targets, ["new"]);
    let [of_a] = changes.targets.as_slice() else {
        panic!("{changes:?}");
    };
    let numbers = |changes: &[chatspec_judge::changes::Change]| {
        let ids = changes.iter().map(|change| change.case.clone());
        ids.map(|changed| id.iter().position(|id| *id == changed).expect("known"))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&of_a.broken), [0, 6]);
    assert_eq!(numbers(&of_a.mended), [1, 4]);
    assert_eq!(numbers(&of_a.other), [5]);
    assert_eq!(numbers(&of_a.added), [7]);
    assert_eq!(of_a.removed, [id[8].clone()]);
    assert_eq!(of_a.still_broken, 1);
    assert!(
        Changes::between(&now, &now)
            .targets
            .iter()
            .all(chatspec_judge::changes::TargetChanges::is_none)
    );
}

/// The same server may be a command in one run and a URL in the other.
#[test]
fn targets_alone_are_matched_whatever_they_are_called() {
    let one = |name: &str, verdict| run(vec![target(name, vec![case(&ids(1)[0], verdict)])]);
    let changes = Changes::between(&one("a", Verdict::Pass), &one("b", fail()));
    assert_eq!(changes.targets[0].name, "b");
    assert_eq!(changes.targets[0].broken.len(), 1);
    assert!(changes.new_targets.is_empty() && changes.gone_targets.is_empty());
}
