//! Every example of `scenarios/README.md` is good, and canonical.

use chatspec_notation::{Look, parse};

const GUIDE: &str = include_str!("../../../scenarios/README.md");

/// What an example of steps alone takes for granted.
const HEADER: &str = "\
# An example.
must     seed.relay
needs    restart
alone
clients  ana ben eve crowd*50
rooms    lobby kitchen

";

/// The examples, each with the line that it begins below.
fn examples() -> Vec<(usize, String)> {
    let mut examples = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, text) in GUIDE.lines().enumerate() {
        match (&mut open, text) {
            (None, "```chat") => open = Some((line + 1, String::new())),
            (None, "```chat steps") => open = Some((line + 1, HEADER.to_owned())),
            (Some(_), "```") => examples.extend(open.take()),
            (Some((_, example)), _) => {
                example.push_str(text);
                example.push('\n');
            }
            (None, _) => {}
        }
    }
    assert!(open.is_none(), "an example is never closed");
    examples
}

#[test]
fn every_example_is_good_and_canonical() {
    let examples = examples();
    assert!(!examples.is_empty(), "no examples were found");
    for (line, text) in examples {
        let name = format!("scenarios/README.md, example below line {line}");
        match parse(&name, &text) {
            Ok(scenario) => assert_eq!(scenario.to_string(), text, "{name}"),
            Err(error) => panic!("{}", error.render(Look::PLAIN)),
        }
    }
}

#[test]
fn every_fence_is_an_example_or_says_what_it_is() {
    let fences = GUIDE.lines().filter(|line| line.starts_with("```"));
    let unknown: Vec<_> = fences
        .filter(|fence| !matches!(*fence, "```" | "```chat" | "```chat steps" | "```text"))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn the_mistake_it_shows_is_told_like_that() {
    let (_, text) = examples().swap_remove(0);
    let text = text.replace("ana <- welcome", "ana <- welcom");
    let error = parse("chat/welcome/to-others.chat", &text).expect_err("it has a mistake");
    let (shown, _) = GUIDE
        .split_once("```text\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .expect("the guide shows a mistake");
    assert_eq!(
        error.render(Look::PLAIN),
        format!("{shown}\n1 mistake in {}\n", error.name())
    );
}
