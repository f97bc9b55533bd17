//! Histories on disk: what was written is judged alike, and what was not written is found out.

use std::collections::BTreeSet;

use chatspec_judge::check::check;
use chatspec_judge::history::{Event, Header, History};
use chatspec_judge::ledger::KnownFailure;
use chatspec_judge::plan::Plan;
use chatspec_judge::stored::{FORMAT, HistoryError, Stored, report};
use chatspec_judge::verdict::{Calibration, ClauseNote, Verdict};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::properties::{bug, config, history, right_run};
use crate::support::random::{Levels, choose};
use crate::support::script;
use crate::support::{plan, right, run};

fn header(plan: &Plan) -> Header {
    Header {
        version: "0.1.0".to_owned(),
        case: plan.case.clone(),
        target: "reference".to_owned(),
        seed: plan.seed,
        attempt: plan.attempt,
        file: plan.source.file.clone(),
        scenario: plan.source.text.clone(),
        clauses: vec![ClauseNote {
            id: "seed.welcome".to_owned(),
            sentence: "A newcomer is announced.".to_owned(),
            source: "seed contract".to_owned(),
        }],
        lacks: Vec::new(),
        aside: plan.aside.clone(),
        ways: plan.ways.clone(),
        known: None,
        calibration: Some(Calibration {
            across_nodes: None,
            round_trip_us: 213,
            worst_round_trip_us: 904,
            concurrent: false,
            quiet_window_us: 0,
        }),
        duration_ms: 12,
        harness_lag_us: 310,
        again: "chatspec run a/case@websocket --seed 42".to_owned(),
    }
}

/// A run with or without a bug, as it is stored.
fn stored_run() -> impl Strategy<Value = String> {
    (right_run(Levels::Mixed), bug()).prop_map(|((text, values, order), bug)| {
        let plan = plan(&text);
        let right = right::items(&plan, &mut choose(values));
        let sent = bug.done(&plan, &right).unwrap_or(right);
        let history = history(&plan, sent, order);
        history.to_jsonl(&header(&plan)).expect("a history is JSON")
    })
}

/// The events with one digit of one line altered, if that is still an event.
fn altered(history: &History, line: Index, place: Index, digit: u8) -> Option<History> {
    let mut events = history.events.clone();
    let event = line.get_mut(&mut events);
    let mut text = serde_json::to_string(event).expect("JSON").into_bytes();
    let digits: Vec<_> = (0..text.len())
        .filter(|at| text[*at].is_ascii_digit())
        .collect();
    text[*place.get(&digits)] = b'0' + digit;
    *event = serde_json::from_slice::<Event>(&text).ok()?;
    Some(History { events })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_stored_history_is_judged_as_the_run_was((text, values, order) in right_run(Levels::Mixed), bug in bug()) {
        let plan = plan(&text);
        let right = right::items(&plan, &mut choose(values));
        let sent = bug.done(&plan, &right).unwrap_or(right);
        let history = history(&plan, sent, order);
        let header = header(&plan);
        let stored = Stored::read(&history.to_jsonl(&header).expect("a history is JSON"));
        let stored = stored.expect("what was written");
        prop_assert_eq!(&stored.header, &header);
        prop_assert_eq!(&stored.history, &history);
        let told = report(&header, &plan, &history, check(&plan, &history), true);
        prop_assert_eq!(stored.judge(true), told);
    }

    #[test]
    fn a_history_that_was_cut_off_is_an_error(text in stored_run(), cut in any::<Index>()) {
        let at = text.floor_char_boundary(cut.index(text.len() - 1));
        let error = Stored::read(&text[..at]).expect_err("a part of it");
        prop_assert!(error.place().0 <= text.lines().count() + 1, "{error}");
    }

    #[test]
    fn a_history_with_other_lines_is_an_error(text in stored_run(), line in any::<Index>(), to in any::<Index>(), twice: bool) {
        let mut lines: Vec<_> = text.lines().map(ToOwned::to_owned).collect();
        let moved = if twice { line.get(&lines).clone() } else { lines.remove(line.index(lines.len())) };
        lines.insert(to.index(lines.len() + 1), moved);
        let other = lines.join("\n") + "\n";
        prop_assume!(other != text);
        prop_assert!(Stored::read(&other).is_err(), "{other}");
    }

    #[test]
    fn a_history_with_another_character_is_an_error(text in stored_run(), place in any::<Index>(), with in "[0-9a-z]") {
        let plain: Vec<_> = (0..text.len()).filter(|at| text.as_bytes()[*at].is_ascii_alphanumeric()).collect();
        let at = *place.get(&plain);
        let mut other = text.clone();
        other.replace_range(at..=at, &with);
        prop_assume!(other != text);
        prop_assert!(Stored::read(&other).is_err(), "{at}: {other}");
    }

    /// With a seal that fits, anything may be said of the server, but it is said.
    #[test]
    fn no_forgery_breaks_the_judge(
        text in stored_run(), line in any::<Index>(), to in any::<Index>(), place in any::<Index>(), digit in 0u8..10, renumber: bool,
    ) {
        let stored = Stored::read(&text).expect("what was written");
        let judged = |history: &History| {
            let forged = history.to_jsonl(&stored.header).expect("a history is JSON");
            Stored::read(&forged).expect("with its own seal").judge(true)
        };
        let mut moved = stored.history.clone();
        let event = moved.events.remove(line.index(moved.events.len()));
        moved.events.insert(to.index(moved.events.len() + 1), event);
        if renumber {
            for (index, event) in moved.events.iter_mut().enumerate() {
                event.seq.0 = index as u64;
            }
        } else if moved != stored.history {
            let verdict = judged(&moved).verdict;
            prop_assert!(matches!(verdict, Verdict::Inconclusive { .. }), "{verdict:?}");
        }
        judged(&moved);
        if let Some(altered) = altered(&stored.history, line, place, digit) {
            judged(&altered);
        }
    }
}

const SCENARIO: &str = "\
# A newcomer is acknowledged.
must     seed.enter
catches  no-ack-enter
clients  ana
rooms    lobby

ana -> enter_room \"Ana\" lobby => ()
";

#[test]
fn what_is_no_history_is_told_with_its_place() {
    let plan = plan(SCENARIO);
    let header = header(&plan);
    let right = right::items(&plan, &mut choose(Vec::new()));
    let text = history(&plan, right, Vec::new())
        .to_jsonl(&header)
        .expect("a history is JSON");
    let with = |from: &str, to: &str| text.replacen(from, to, 1);
    let bad_scenario = Header {
        scenario: SCENARIO.replace("=> ()", "=> ("),
        ..header
    };
    let told = [
        String::new(),
        "{}\n".to_owned(),
        "not JSON\n".to_owned(),
        with("\"format\":2", "\"format\":1"),
        with("\"format\":2", "\"format\":3,\"new\":[]"),
        with("\"seed\":42,", ""),
        with("\"is\":\"began\"", "\"is\":\"begun\""),
        text[..text.len() - 20].to_owned(),
        text.split_inclusive('\n').take(3).collect(),
        format!("{text}\n"),
        with("\"seed\":42,", "\"seed\":43,"),
        History::default().to_jsonl(&bad_scenario).expect("JSON"),
    ]
    .map(|text| {
        let error = Stored::read(&text).expect_err("no history");
        let (line, column) = error.place();
        format!("{line}:{column:?} {error}")
    });
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(FORMAT, 2);
}

#[test]
fn what_was_skipped_excused_or_given_up_is_so_again() {
    let plan = plan(SCENARIO);
    let right = right::items(&plan, &mut choose(Vec::new()));
    let run = history(&plan, right, Vec::new());
    let verdict = |header: Header, history: &History| {
        let text = history.to_jsonl(&header).expect("a history is JSON");
        Stored::read(&text)
            .expect("what was written")
            .judge(true)
            .verdict
    };
    let lacks = Header {
        lacks: vec!["restart".to_owned()],
        ..header(&plan)
    };
    let missing = vec!["restart".to_owned()];
    assert_eq!(
        verdict(lacks, &History::default()),
        Verdict::Skipped { missing }
    );
    let known = Header {
        known: Some(KnownFailure {
            pattern: "a/*".to_owned(),
            reason: "it does not".to_owned(),
            link: None,
            expires: None,
        }),
        ..header(&plan)
    };
    let passes = verdict(known, &run);
    assert!(
        matches!(passes, Verdict::UnexpectedPass { .. }),
        "{passes:?}"
    );
    assert_eq!(verdict(header(&plan), &run), Verdict::Pass);
    let nothing = verdict(header(&plan), &History::default());
    assert!(
        matches!(nothing, Verdict::Inconclusive { .. }),
        "{nothing:?}"
    );
    assert!(matches!(Stored::read(""), Err(HistoryError::Empty)));
}

/// What a target says unasked is in its history, and no replay takes it for the scenario's.
#[test]
fn what_was_set_aside_stays_so() {
    let plan = plan(SCENARIO).on(&["bye".to_owned()]);
    let (_, mut server) = script::read(
        &plan,
        "# passes: it is set aside\nana <- bye \"Zoe\"\nright to the end\n",
    );
    let run = run::run(&plan, &mut server);
    let text = run.to_jsonl(&header(&plan)).expect("a history is JSON");
    assert!(text.contains("Zoe"), "{text}");
    let stored = Stored::read(&text).expect("what was written");
    assert_eq!(stored.judge(true).verdict, Verdict::Pass);
    let forgotten = Header {
        aside: BTreeSet::new(),
        ..header(&plan)
    };
    let text = run.to_jsonl(&forgotten).expect("a history is JSON");
    let verdict = Stored::read(&text).expect("what was written").judge(true);
    assert!(
        matches!(verdict.verdict, Verdict::Fail { .. }),
        "{:?}",
        verdict.verdict
    );
}
