//! The matrix of scenarios and mutants.

use chatspec_judge::explore::Size;
use chatspec_judge::verdict::Rate;
use chatspec_report::Style;
use chatspec_report::mutants::explored::{self, ExploredMutant, ExploredMutants, Shown};
use chatspec_report::mutants::{self, MutantMatrix, MutantRow, ScenarioRow};

const NARROW: Style = Style::plain(80);
const WIDE: Style = Style::plain(110);

fn written(matrix: &MutantMatrix, style: Style) -> String {
    let mut out = Vec::new();
    mutants::write(matrix, &style, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

fn mutant(name: &str, summary: &str) -> MutantRow {
    MutantRow {
        name: name.to_owned(),
        summary: summary.to_owned(),
    }
}

fn scenario(id: &str, catches: &[&str], caught: &[&str]) -> ScenarioRow {
    let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    ScenarioRow {
        id: id.to_owned(),
        catches: own(catches),
        caught: own(caught),
    }
}

/// A suite that proves itself, as small as it can be.
fn proven() -> MutantMatrix {
    MutantMatrix {
        scenarios: vec![
            scenario(
                "chat/acks/arity",
                &["ack-with-ok"],
                &["ack-with-ok", "no-ack"],
            ),
            scenario("chat/acks/order", &["no-ack"], &["no-ack"]),
            scenario(
                "chat/welcome/announced-to-room",
                &["welcome-to-self", "welcome-twice"],
                &["no-ack", "welcome-to-self", "welcome-twice"],
            ),
        ],
        mutants: vec![
            mutant("ack-with-ok", "acks carry an argument"),
            mutant("no-ack", "acks are never sent"),
            mutant("welcome-to-self", "the newcomer hears its own welcome"),
            mutant(
                "welcome-twice",
                "everybody in the room is told twice of each newcomer",
            ),
        ],
        clean: Vec::new(),
        strict: false,
        duration_ms: 3_210,
    }
}

/// The same with everything wrong that can be.
pub(crate) fn with_every_problem() -> MutantMatrix {
    let mut matrix = proven();
    matrix.strict = true;
    matrix.clean.push("chat/acks/order@polling".to_owned());
    matrix.mutants.push(mutant(
        "leaks-on-close",
        "a closed socket stays in its rooms for ever",
    ));
    matrix.scenarios.push(scenario(
        "chat/relay/format",
        &["welcome-twice"],
        &["no-ack"],
    ));
    matrix.scenarios.push(scenario(
        "chat/relay/rooms",
        &["no-ack", "ack-with-ok"],
        &["no-ack"],
    ));
    matrix
        .scenarios
        .push(scenario("chat/relay/silent", &[], &["no-ack"]));
    matrix
        .scenarios
        .push(scenario("chat/relay/text", &["no-akc"], &["no-ack"]));
    matrix
}

/// As large as the suite is meant to become.
fn large() -> MutantMatrix {
    let mutants: Vec<MutantRow> = (1..=27)
        .map(|n| {
            mutant(
                &format!("mutant-number-{n}"),
                "does something that a chat server must not do, now and then",
            )
        })
        .collect();
    let scenarios = (0..40)
        .map(|n| {
            let chapter = ["acks", "enter", "relay", "robustness", "welcome"][n / 8];
            let own = mutants[n % 27].name.as_str();
            let other = mutants[(n * 7 + 3) % 27].name.as_str();
            scenario(
                &format!("chat/{chapter}/scenario-with-a-name-{n}"),
                &[own],
                &[own, other],
            )
        })
        .collect();
    MutantMatrix {
        scenarios,
        mutants,
        clean: Vec::new(),
        strict: false,
        duration_ms: 64_000,
    }
}

#[test]
fn a_suite_that_proves_itself() {
    let matrix = proven();
    assert_eq!(matrix.code(), 0);
    insta::assert_snapshot!(written(&matrix, NARROW));
}

#[test]
fn every_problem() {
    let matrix = with_every_problem();
    assert_eq!(matrix.code(), 1);
    insta::assert_snapshot!(written(&matrix, NARROW));
}

#[test]
fn a_large_suite_stays_readable() {
    let text = written(&large(), WIDE);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(110), "{widest:?}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_narrow_screen_has_two_matrices() {
    let text = written(&large(), NARROW);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}");
    assert_eq!(text.matches("scenario-with-a-name-39").count(), 2);
}

#[test]
fn in_colour() {
    let text = written(
        &with_every_problem(),
        Style {
            colour: true,
            ..NARROW
        },
    );
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

fn shown(after_ms: u64, clients: usize, steps: usize, broken: u32) -> Shown {
    Shown {
        after_ms,
        left: Size {
            clients,
            steps,
            concurrent: 0,
            payload: 0,
        },
        rate: Rate { broken, runs: 10 },
    }
}

fn explored() -> ExploredMutants {
    let mutant = |name: &str, chapter: &str, shown| ExploredMutant {
        name: name.to_owned(),
        chapter: chapter.to_owned(),
        shown,
    };
    ExploredMutants {
        seconds: 30,
        mutants: vec![
            mutant("no-relay", "relay", Some(shown(7, 2, 3, 10))),
            mutant("relay-to-fifty", "relay", None),
            mutant("reorders", "order", Some(shown(12_400, 1, 2, 7))),
            mutant("ack-twice", "acks", Some(shown(90, 1, 1, 10))),
        ],
        accused: None,
    }
}

fn told(explored: &ExploredMutants) -> String {
    let mut out = Vec::new();
    explored::write(explored, &NARROW, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

#[test]
fn mutants_that_were_explored() {
    assert_eq!(explored().code(), 0);
    insta::assert_snapshot!(told(&explored()));
}

#[test]
fn a_right_server_that_was_accused() {
    let explored = ExploredMutants {
        accused: Some("lost: ana never received the message \"m1\" of ben".to_owned()),
        ..explored()
    };
    assert_eq!(explored.code(), 1);
    let text = told(&explored);
    insta::assert_snapshot!(text.lines().last().unwrap_or_default());
}
