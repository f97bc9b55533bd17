//! `chatspec run --write-ledger`: what is written, and what the next run says to it.

use crate::support::{HELLO, Place};

const RUN: &str = "run mine --target target.toml --scenarios cases --jobs 1 --seed 7";

/// The reference as somebody else's command, with `ledger` in its target.toml.
fn place(ledger: &str) -> Place {
    let target = format!(
        "name = \"ours\" # and nobody else's\n\n[launch]\ncommand = '\"$CHATSPEC\" serve'\n{ledger}"
    );
    Place::with_scenarios().with("target.toml", &target)
}

fn known(pattern: &str) -> String {
    format!("\n[[known-failure]]\npattern = \"{pattern}\"\nreason = \"as it always was\"\n")
}

#[tokio::test]
async fn what_fails_is_excused_from_then_on() {
    let place = place("");
    let written = place.run(&format!("{RUN} --write-ledger")).await;
    assert_eq!(written.code(), 1, "{written}");
    let ledger = place.read("target.toml");
    let again = place.run(&format!("{RUN} --write-ledger")).await;
    assert_eq!(again.code(), 0, "{again}");
    assert_eq!(place.read("target.toml"), ledger);
    insta::assert_snapshot!(format!("{written}\n{ledger}\n{again}"));
}

#[tokio::test]
async fn what_passes_is_excused_no_longer() {
    let stale = format!(
        "{}{}{}",
        known("mine/{hello,wrong}"),
        known("mine/gone"),
        known("mine/*")
    );
    let place = place(&stale).with("cases/mine/another.chat", HELLO);
    let written = place.run(&format!("{RUN} --write-ledger")).await;
    let ledger = place.read("target.toml");
    let next = place.run(RUN).await;
    assert_eq!((written.code(), next.code()), (1, 0), "{written}\n{next}");
    let told = written.stdout.split_once("ledger of").unwrap().1;
    insta::assert_snapshot!(format!("ledger of{told}\n{ledger}"));
}

#[tokio::test]
async fn what_has_expired_is_not_renewed() {
    let place = place(&format!(
        "{}expires = \"2020-01-01\"\n",
        known("mine/wrong")
    ));
    let before = place.read("target.toml");
    let said = place.run(&format!("{RUN} --write-ledger")).await;
    assert_eq!(said.code(), 1, "{said}");
    assert_eq!(place.read("target.toml"), before);
    let told = said.stdout.split_once("ledger of").unwrap().1;
    insta::assert_snapshot!(format!("ledger of{told}"));
}

#[tokio::test]
async fn what_could_not_be_judged_changes_nothing() {
    let target = "name = \"gone\"\n[launch]\nurl = \"http://127.0.0.1:1\"\n";
    let target = format!("{target}{}", known("mine/hello"));
    let place = Place::with_scenarios().with("target.toml", &target);
    let said = place.run(&format!("{RUN} --write-ledger")).await;
    assert_eq!(said.code(), 3, "{said}");
    assert_eq!(place.read("target.toml"), target);
    insta::assert_snapshot!(said.to_string());
}

/// It is said before the work.
#[tokio::test]
async fn a_ledger_that_cannot_be_written() {
    let list = "name = \"list\"\nknown-failure = [{ pattern = \"a\", reason = \"b\" }]\n\n\
                [launch]\ncommand = \"x\"\n";
    let two = "name = \"two\"\n[launch]\ncommand = \"x\"\nimage = \"x\"\n";
    let place = place("").with("list.toml", list).with("two.toml", two);
    let said = place
        .run_all(&[
            "run --write-ledger",
            "run --write-ledger --target http://127.0.0.1:3000",
            "run --write-ledger --target mutant:none",
            "run --write-ledger --target list.toml",
            "run --write-ledger --target two.toml --target two.toml#image",
        ])
        .await;
    insta::assert_snapshot!(said);
}
