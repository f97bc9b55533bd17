//! `chatspec list` and `chatspec explain`.

use crate::support::Place;

#[tokio::test]
async fn scenarios_are_listed_and_explained() {
    let place = Place::with_scenarios();
    let said = place
        .run_all(&[
            "list mine --scenarios cases",
            "list mine/hello --scenarios cases --json",
            "explain mine/hello --scenarios cases",
            "explain scenarios/mine/hello.chat --scenarios cases",
            "explain mine/hello@websocket --scenarios cases",
        ])
        .await;
    insta::assert_snapshot!(said);
}

/// The committed table is what the command prints now: `chatspec coverage > scenarios/COVERAGE.md`.
#[tokio::test]
async fn every_behaviour_has_its_scenarios_or_its_reason() {
    let said = Place::new().run("coverage").await;
    assert_eq!(said.code(), 0, "{said}");
    let committed = include_str!("../../../../scenarios/COVERAGE.md");
    assert!(
        said.stdout == committed,
        "scenarios/COVERAGE.md is out of date: chatspec coverage > scenarios/COVERAGE.md"
    );
}

#[tokio::test]
async fn a_behaviour_with_neither_is_named() {
    let catalogue = r#"
[Z01]
behaviour = "It has nothing."

[Z02]
behaviour = "It has a clause that nobody cites."
clauses = ["mine.nobody"]

[Z03]
behaviour = "It has both."
clauses = ["mine.answered"]
open = "for no reason"
"#;
    let place = Place::with_scenarios().with("cases/catalogue.toml", catalogue);
    let said = place.run("coverage --scenarios cases").await;
    assert_eq!(said.code(), 1, "{said}");
    insta::assert_snapshot!(said.stderr);
}
