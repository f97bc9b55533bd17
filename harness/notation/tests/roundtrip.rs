//! What is printed is read as what it was; nothing that is read makes the parser panic.

use chatspec_notation::ast::Scenario;
use chatspec_notation::{Look, ParseError, parse};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::FileFailurePersistence;

mod common;

/// The scenario, or why its own text was refused.
fn read(text: &str) -> Result<Scenario, TestCaseError> {
    let refused =
        |error: ParseError| TestCaseError::fail(format!("{}\n{text}", error.render(Look::PLAIN)));
    parse("printed.chat", text).map_err(refused)
}

/// What must hold whatever a file holds.
fn told_or_stable(text: &str) -> Result<(), TestCaseError> {
    match parse("any.chat", text) {
        Ok(scenario) => {
            let printed = scenario.to_string();
            let again = read(&printed)?;
            prop_assert_eq!(&again, &scenario);
            prop_assert_eq!(again.to_string(), printed);
        }
        Err(error) => {
            prop_assert!(!error.mistakes().is_empty());
            let rendered = error.render(Look::PLAIN);
            for mistake in error.mistakes() {
                let span = mistake.span;
                prop_assert!(
                    text.get(span.start..span.end).is_some(),
                    "{span:?} in {text:?}"
                );
                let (line, column) = error.place(mistake);
                let place = format!("any.chat:{line}:{column}]");
                prop_assert!(rendered.contains(&place), "{place} in\n{rendered}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/roundtrip.txt",
        ))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn parse_after_print_is_the_identity(scenario in common::scenario()) {
        let printed = scenario.to_string();
        let again = read(&printed)?;
        prop_assert_eq!(&again, &scenario);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn any_text_is_told_or_stable(text in any::<String>()) {
        told_or_stable(&text)?;
    }

    #[test]
    fn any_words_are_told_or_stable(lines in proptest::collection::vec(line(), 0..12)) {
        let header = "# A reason.\nmust     a\nclients  ana crowd*3\nrooms    lobby\n\n";
        told_or_stable(&format!("{header}{}", lines.concat()))?;
    }

    #[test]
    fn a_slip_of_the_pen_is_told_or_stable(
        scenario in common::scenario(),
        slips in proptest::collection::vec((any::<Index>(), slip()), 1..4),
    ) {
        let mut text: Vec<char> = scenario.to_string().chars().collect();
        for (at, slip) in slips {
            let at = at.index(text.len());
            match slip {
                Slip::Delete => { text.remove(at); }
                Slip::Insert(character) => text.insert(at, character),
                Slip::Swap => { let other = (at + 1).min(text.len() - 1); text.swap(at, other); }
                Slip::CutLine => {
                    let end = text[at..].iter().position(|c| *c == '\n').map_or(text.len(), |end| at + end + 1);
                    text.drain(at..end);
                }
            }
            if text.is_empty() { break; }
        }
        told_or_stable(&text.iter().collect::<String>())?;
    }
}

#[derive(Clone, Debug)]
enum Slip {
    Delete,
    Insert(char),
    Swap,
    CutLine,
}

fn slip() -> impl Strategy<Value = Slip> {
    let character = prop_oneof![
        "[ -~\n]".prop_map(|s| s.chars().next().unwrap_or(' ')),
        any::<char>()
    ];
    prop_oneof![
        Just(Slip::Delete),
        character.prop_map(Slip::Insert),
        Just(Slip::Swap),
        Just(Slip::CutLine),
    ]
}

/// A line that begins like one and goes on with anything.
fn line() -> impl Strategy<Value = String> {
    let start = select(&[
        "ana -> new_message \"m{n}\" lobby ",
        "ana -> ",
        "crowd -> message ",
        "ana -> welcome as m{n} for n in 1..3",
        "ana <- new_message ",
        "ana <- up to 2 of welcome \"{n}\" for n in 1..3",
        "crowd <- ",
        "ana <- ack ",
        "    crowd.2 >> ",
        "ana << ",
        "ana connects ",
        "ana GET \"/\" ",
        "together {",
        "in any order {",
        "}",
        "link ana ",
        "in lobby: ",
        "needs ",
        "",
    ]);
    let words = proptest::collection::vec(select(WORDS), 0..5);
    (start, words).prop_map(|(start, words)| format!("{start}{}\n", words.concat()))
}

/// The pieces that lines are made of, with the blanks between them.
const WORDS: &[&str] = &[
    "ana ",
    "crowd ",
    "crowd.2 ",
    "crowd.9 ",
    "bob ",
    "lobby ",
    "-> ",
    "<- ",
    ">> ",
    "<< ",
    "=> ",
    "=> () ",
    "=> (_, $x) ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "*",
    "..",
    "\"text\" ",
    "\"m{n}\" ",
    "\"",
    "\\",
    "bytes ",
    "00 ",
    "ff ",
    "12 ",
    "-1.5e3 ",
    "[1, \"x\"*3] ",
    "{\"k\": _} ",
    "500ms ",
    "2s ",
    "1.000ms ",
    "for n in 1..3 ",
    "for ",
    "n ",
    "in ",
    "as m{n} ",
    "as m1 ",
    "ack m1 () ",
    "m{n} () ",
    "already ",
    "within 2s ",
    "within ",
    "nothing ",
    "closed ",
    "connect_error _ ",
    "up to 2 of ",
    ", then closed",
    ", or all",
    "[should] ",
    "[may] ",
    "welcome ",
    "new_message ",
    "connects ",
    "via polling ",
    "auth ",
    "to /x ",
    "disconnects ",
    "falls silent ",
    "=> 200 ",
    "restarts ",
    "delays ",
    "$x ",
    "_ ",
    "# comment",
    "padded 9 ",
    "\n",
    "é",
    "\t",
    "\r",
];
