//! `chatspec mutants`.

use crate::support::{HELLO, Place};

#[tokio::test]
async fn a_mutant_that_is_caught_as_its_scenarios_say() {
    let place = Place::new();
    let said = place.run("mutants room-name-case --json matrix.json").await;
    assert_eq!(said.code(), 0, "{said}");
    insta::assert_snapshot!(said.to_string());
    let matrix: serde_json::Value = serde_json::from_str(&place.read("matrix.json")).unwrap();
    let schema = include_str!("../../../../schemas/mutants.schema.json");
    let schema = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let problems: Vec<_> = validator
        .iter_errors(&matrix)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_scenario_that_does_not_catch_what_it_names() {
    let hello = HELLO
        .replace("mine.answered", "seed.relay")
        .replace("no-ack-message", "room-name-case");
    let place = Place::new().with("cases/mine/hello.chat", &hello);
    let said = place.run("mutants room-name-case --scenarios cases").await;
    assert_eq!(said.code(), 1, "{said}");
    insta::assert_snapshot!(said.to_string());
}

#[tokio::test]
async fn mutants_that_show_themselves_without_a_scenario() {
    let place = Place::new();
    let said = place
        .run("mutants ack-with-arguments --explore 2 --seed 7")
        .await;
    assert_eq!(said.code(), 0, "{said}");
    insta::assert_snapshot!(said.to_string());
}
