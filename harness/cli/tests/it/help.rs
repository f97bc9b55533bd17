//! What every command says about itself.

use crate::support::Place;

#[tokio::test]
async fn every_command_explains_itself() {
    let place = Place::new();
    for command in [
        "run", "replay", "doctor", "init", "serve", "list", "explain", "coverage", "fmt",
        "mutants", "bench", "merge", "diff",
    ] {
        let said = place.run(&format!("{command} --help")).await;
        insta::assert_snapshot!(format!("help_{command}"), said.as_it_is());
    }
}

#[tokio::test]
async fn the_program_explains_itself() {
    let place = Place::new();
    insta::assert_snapshot!(place.run_all(&["--help", "-h", "--version"]).await);
}

#[tokio::test]
async fn nothing_to_do_and_unknown_things_to_do_are_bad_usage() {
    let place = Place::new();
    let mut said = crate::support::said("", place.command(Vec::<&str>::new()))
        .await
        .to_string();
    said += &place
        .run_all(&[
            "rum",
            "run --targte reference",
            "list --json=yes",
            "explain",
            "fmt",
        ])
        .await;
    insta::assert_snapshot!(said);
}
