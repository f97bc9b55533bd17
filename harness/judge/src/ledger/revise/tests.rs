//! What becomes of a ledger, verdict by verdict.

use super::*;
use crate::verdict::{Level, Rule, Violation};

/// A run: each case with its verdict (`fail`, `should`, `pass`, `skip`, `open`), as the ledger has it.
fn revised(entries: &[(&str, Option<&str>)], run: &[(&str, &str)]) -> Revision {
    rerun(entries, run, &[], false)
}

/// As [`revised`], with cases of the suite that were not run.
fn rerun(
    entries: &[(&str, Option<&str>)],
    run: &[(&str, &str)],
    not_run: &[&str],
    strict: bool,
) -> Revision {
    let entries = entries.iter().map(|(pattern, expires)| KnownFailure {
        pattern: (*pattern).to_owned(),
        reason: "a bug".to_owned(),
        link: None,
        expires: expires.map(|day| Day::try_from(day.to_owned()).unwrap()),
    });
    let ledger = Ledger::new(entries.collect()).unwrap();
    let cases: Vec<_> = run
        .iter()
        .map(|(id, verdict)| {
            let case: CaseId = id.parse().unwrap();
            let verdict = verdict_of(verdict);
            let verdict = match ledger.entry(&case) {
                Some(entry) => entry.apply(verdict),
                None => verdict,
            };
            report(case, verdict)
        })
        .collect();
    let ids = run.iter().map(|(id, _)| id).chain(not_run);
    let mut suite: Vec<CaseId> = ids.map(|id| id.parse().unwrap()).collect();
    suite.sort();
    let today = Day::try_from("2027-03-02".to_owned()).unwrap();
    ledger.revised(&cases, &suite, &today, strict)
}

fn verdict_of(word: &str) -> Verdict {
    let broken = |level, summary: &str| Violation {
        rule: Rule::Missing,
        level,
        summary: summary.to_owned(),
        line: None,
        expected: Vec::new(),
        actual: Vec::new(),
        notes: Vec::new(),
        evidence: Vec::new(),
    };
    match word {
        "fail" => Verdict::of(vec![broken(Level::Must, "nothing came; it printed:\nOops")]),
        "should" => Verdict::of(vec![broken(Level::Should, "nobody was told")]),
        "may" => Verdict::of(vec![broken(Level::May, "it is silent")]),
        "pass" => Verdict::Pass,
        "skip" => Verdict::Skipped {
            missing: vec!["transport polling".to_owned()],
        },
        "open" => Verdict::Inconclusive {
            cause: "the server was gone".to_owned(),
        },
        other => panic!("{other}"),
    }
}

fn report(case: CaseId, verdict: Verdict) -> CaseReport {
    CaseReport {
        case,
        reason: String::new(),
        level: Level::Must,
        clauses: Vec::new(),
        duration_ms: 0,
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

/// The patterns that are added.
fn added(revision: &Revision) -> Vec<&str> {
    let changes = revision.changes.iter();
    changes
        .filter_map(|change| match change {
            Change::Add(entry) => Some(entry.pattern.as_str()),
            _ => None,
        })
        .collect()
}

fn removed(pattern: &str, why: Stale) -> Change {
    let pattern = pattern.to_owned();
    Change::Remove { pattern, why }
}

fn narrowed(pattern: &str, to: &str) -> Change {
    Change::Narrow {
        pattern: pattern.to_owned(),
        to: to.to_owned(),
    }
}

#[test]
fn a_scenario_that_fails_everywhere_is_one_entry() {
    let revision = revised(
        &[],
        &[
            ("a@websocket", "fail"),
            ("a@polling", "fail"),
            ("b@websocket", "fail"),
            ("b@polling", "pass"),
            // The target has no polling: what fails is all there is.
            ("c@websocket", "fail"),
            ("c@polling", "skip"),
        ],
    );
    assert_eq!(added(&revision), ["a", "b@websocket", "c"]);
    let Some(Change::Add(entry)) = revision.changes.first() else {
        panic!("{revision:?}")
    };
    assert_eq!(entry.reason, "nothing came; it printed:");
    assert_eq!((&entry.link, &entry.expires), (&None, &None));
}

#[test]
fn what_was_not_run_is_not_said_to_fail() {
    let revision = rerun(&[], &[("a@polling", "fail")], &["a@websocket"], false);
    assert_eq!(added(&revision), ["a@polling"]);
}

#[test]
fn only_what_fails_the_run_is_excused() {
    let run = [
        ("a@websocket", "should"),
        ("b@websocket", "may"),
        ("c@websocket", "open"),
    ];
    let open = Left::Open {
        case: "c@websocket".parse().unwrap(),
    };
    let revision = revised(&[], &run);
    assert_eq!((added(&revision), &revision.left), (vec![], &vec![open]));
    assert_eq!(added(&rerun(&[], &run, &[], true)), ["a"]);
}

#[test]
fn what_fails_now_and_then_is_not_excused() {
    let rate = Rate { broken: 1, runs: 3 };
    let case: CaseId = "a@websocket".parse().unwrap();
    let now_and_then = CaseReport {
        rate: Some(rate),
        ..report(case.clone(), verdict_of("fail"))
    };
    let today = Day::of(2027, 3, 2);
    let revision =
        Ledger::default().revised(&[now_and_then], std::slice::from_ref(&case), &today, false);
    assert_eq!(revision.changes, []);
    assert_eq!(revision.left, [Left::NowAndThen { case, rate }]);
}

#[test]
fn an_entry_goes_when_all_that_it_excuses_passes() {
    let run = [
        ("a@websocket", "pass"),
        ("a@polling", "skip"),
        ("b@polling", "fail"),
    ];
    let revision = revised(&[("a", None), ("gone/*", None), ("b", None)], &run);
    assert_eq!(
        revision.changes,
        [
            removed("a", Stale::Passes),
            removed("gone/*", Stale::NoCase)
        ]
    );
    assert_eq!(revision.left, []);
}

#[test]
fn an_entry_is_narrowed_to_what_still_fails_and_what_was_not_run() {
    let run = [
        ("a@websocket", "pass"),
        ("a@polling", "fail"),
        ("b@websocket", "fail"),
        ("b@polling", "fail"),
    ];
    let revision = rerun(&[("{a,b,c}*", None)], &run, &["c@polling"], false);
    assert_eq!(revision.changes, [narrowed("{a,b,c}*", "{a@polling,b,c}")]);
    let revision = revised(&[("a", None)], &run[..2]);
    assert_eq!(revision.changes, [narrowed("a", "a@polling")]);
}

#[test]
fn an_entry_behind_another_excuses_the_rest() {
    let run = [("a@websocket", "fail"), ("a@polling", "pass")];
    let revision = revised(&[("a@websocket", None), ("a", None)], &run);
    assert_eq!(revision.changes, [removed("a", Stale::Passes)]);
}

#[test]
fn an_expired_entry_is_not_renewed() {
    let expired = Left::Expired {
        pattern: "a".to_owned(),
        on: Day::of(2027, 3, 1),
    };
    let entries = [("a", Some("2027-03-01"))];
    let revision = revised(&entries, &[("a@websocket", "fail")]);
    assert_eq!((revision.changes, revision.left), (vec![], vec![expired]));
    let revision = revised(&entries, &[("a@websocket", "pass")]);
    assert_eq!(revision.changes, [removed("a", Stale::Passes)]);
    assert_eq!(revision.left, []);
}

/// What is written excuses what it was written for, and nothing else, whatever an id is made of.
#[test]
fn a_pattern_is_taken_literally() {
    let odd = "deep/[odd] {name}, *";
    let run = [
        (format!("{odd}@websocket"), "fail"),
        (format!("{odd}@polling"), "pass"),
    ];
    let run: Vec<_> = run.iter().map(|(id, is)| (id.as_str(), *is)).collect();
    let revision = revised(&[], &run);
    let entry = |pattern: &str| KnownFailure {
        pattern: pattern.to_owned(),
        reason: "a bug".to_owned(),
        link: None,
        expires: None,
    };
    let brace = format!("{{{},other}}", added(&revision)[0]);
    for pattern in [added(&revision)[0], brace.as_str()] {
        let ledger = Ledger::new(vec![entry(pattern)]).unwrap();
        assert!(
            ledger.entry(&run[0].0.parse().unwrap()).is_some(),
            "{pattern}"
        );
        assert!(
            ledger.entry(&run[1].0.parse().unwrap()).is_none(),
            "{pattern}"
        );
        let another = "deep/o name, x@websocket".parse().unwrap();
        assert!(ledger.entry(&another).is_none(), "{pattern}");
    }
}
