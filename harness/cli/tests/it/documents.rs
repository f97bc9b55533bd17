//! The files that a run writes.

use chatspec_judge::verdict::RunReport;
use quick_junit::Report;

use crate::support::{Place, assert_fits};

#[tokio::test]
async fn reports_are_what_their_readers_expect() {
    let place = Place::with_scenarios();
    let said = place
        .run("run mine --scenarios cases --seed 7 --junit junit.xml --json report.json")
        .await;
    assert_eq!(said.code(), 1, "{said}");

    let junit = Report::deserialize_from_str(&place.read("junit.xml")).unwrap();
    let counts: Vec<_> = junit
        .test_suites
        .iter()
        .map(|suite| suite.test_cases.len())
        .collect();
    assert_eq!((junit.tests, junit.failures, counts), (2, 1, vec![2]));

    let json = place.read("report.json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_fits(
        &json,
        include_str!("../../../../schemas/report.schema.json"),
    );
    let report: RunReport = serde_json::from_value(json).unwrap();
    assert_eq!((report.seed, report.targets.len()), (7, 1));
    assert_eq!(report.targets[0].cases.len(), 2);
}

#[tokio::test]
async fn a_transcript_is_a_scenario_that_says_the_same_again() {
    let place = Place::with_scenarios();
    let said = place
        .run("run mine chat/relay/to-and-fro --scenarios cases --transcripts out --seed 7")
        .await;
    assert_eq!(said.code(), 1, "{said}");
    for (case, code) in [
        ("mine/hello@websocket", 0),
        ("chat/relay/to-and-fro@websocket", 0),
        ("chat/relay/to-and-fro@polling", 0),
        ("chat/relay/to-and-fro@upgrade", 0),
    ] {
        let file = format!("out/reference/{case}.chat");
        chatspec_notation::parse(&file, &place.read(&file)).unwrap();
        let again = place.run(&format!("run {file} --scenarios cases")).await;
        assert_eq!(again.code(), code, "{again}");
    }
}

/// The id of a case is a path; a transcript stays below the folder that was asked for.
#[tokio::test]
async fn a_transcript_goes_nowhere_else() {
    let hello = crate::support::HELLO.replace("mine.answered", "seed.relay");
    let place = Place::new()
        .with("inner/none", "")
        .with("outer.chat", &hello);
    let file = place.path("outer.chat");
    let line = format!("run ../outer.chat {} --transcripts out", file.display());
    let mut command = place.command(line.split(' '));
    command.current_dir(place.path("inner"));
    let said = crate::support::said(&line, command).await;
    assert_eq!(said.code(), 0, "{said}");
    assert!(
        place
            .path("inner/out/reference/outer@websocket.chat")
            .is_file()
    );
    assert!(!place.path("outer@websocket.chat").exists());
}
