//! Every message that a mistake can have: a file in `ui/`, and what is told about it.
//!
//! A new message needs a new file and nothing else.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helpers fail with the test"
)]

use std::collections::BTreeSet;
use std::path::Path;

use chatspec_notation::{Kind, Look, ParseError, parse};

fn error(path: &Path) -> ParseError {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let parsed = parse(&format!("ui/{name}"), &text);
    parsed.expect_err("a file in `ui/` has a mistake")
}

#[test]
fn mistakes_are_told() {
    insta::glob!("ui/*.chat", |path| {
        insta::assert_snapshot!(error(path).render(Look::PLAIN));
    });
}

#[test]
fn every_message_has_a_golden_file() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui");
    let told: BTreeSet<&str> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| error(&entry.unwrap().path()))
        .flat_map(|error| {
            error
                .mistakes()
                .iter()
                .map(|it| it.kind.name())
                .collect::<Vec<_>>()
        })
        .collect();
    let untold: Vec<_> = Kind::NAMES
        .iter()
        .filter(|name| !told.contains(*name))
        .collect();
    assert!(
        untold.is_empty(),
        "no file in `ui/` is told about {untold:?}"
    );
}

#[test]
fn every_message_says_what_to_write() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui");
    for entry in std::fs::read_dir(folder).unwrap() {
        let error = error(&entry.unwrap().path());
        for mistake in error.mistakes() {
            // What was expected is what to write.
            let said = matches!(
                mistake.kind,
                Kind::Expected { .. } | Kind::UnexpectedCharacter(_)
            );
            assert!(
                said || mistake.kind.help().is_some(),
                "no help for {:?}",
                mistake.kind
            );
        }
    }
}
