//! What is written into a target.toml, and what is left alone.

use std::fmt::Write as _;

use chatspec_judge::ledger::Stale;

use super::*;

/// A file as somebody may have written it.
const FILE: &str = r#"# The chat of the sales department.
name    =  "sales"    # nobody else calls it so
capabilities = [
  "restart",          # since March
]

[launch]
command = 'node server.js'

# Everything about acks:
[[known-failure]]
pattern = "chat/acks/*-without"   # both
reason = "calls the ack without asking whether there is one"
link = "https://tracker.example/1"

[[known-failure]]
reason  = "too slow"
pattern = 'chat/load/*'
expires = "2027-03-01"

# Ask Ana about this one.
[[known-failure]]
pattern = "chat/text/long"
reason = "cuts it off"
# That is all.
"#;

fn add(pattern: &str, reason: &str) -> Change {
    Change::Add(KnownFailure {
        pattern: pattern.to_owned(),
        reason: reason.to_owned(),
        link: None,
        expires: None,
    })
}

fn remove(pattern: &str) -> Change {
    Change::Remove {
        pattern: pattern.to_owned(),
        why: Stale::Passes,
    }
}

fn narrow(pattern: &str, to: &str) -> Change {
    Change::Narrow {
        pattern: pattern.to_owned(),
        to: to.to_owned(),
    }
}

#[test]
fn what_is_written_and_what_is_left_alone() {
    let bare = "name = \"a\"\n[launch]\ncommand = \"x\"";
    let texts = [
        (
            "an entry more",
            FILE,
            vec![add("chat/relay/in-a-burst", "said \"no\"")],
        ),
        ("the first less", FILE, vec![remove("chat/acks/*-without")]),
        ("the last less", FILE, vec![remove("chat/text/long")]),
        (
            "one narrowed",
            FILE,
            vec![narrow("chat/acks/*-without", "chat/acks/message-without")],
        ),
        (
            "one that is not there",
            FILE,
            vec![remove("chat/gone"), narrow("chat/gone", "x")],
        ),
        (
            "the first of all",
            bare,
            vec![add("a@polling", "nothing came"), add("b", "no")],
        ),
    ];
    let mut said = String::new();
    for (what, text, changes) in texts {
        let written = edited(text, &changes).unwrap();
        writeln!(said, "=== {what}\n{written}").unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn nothing_to_write_leaves_every_byte() {
    for text in [FILE, "name = \"a\"\r\n[launch]\r\ncommand = \"x\"\r\n"] {
        assert_eq!(edited(text, &[]).unwrap(), text);
    }
}

#[test]
fn a_ledger_that_is_one_list_is_refused() {
    let text = "known-failure = [{ pattern = \"a\", reason = \"b\" }]\n";
    for changes in [vec![], vec![add("c", "d")]] {
        assert!(matches!(edited(text, &changes), Err(None)), "{changes:?}");
    }
}

/// The comments and the entries that are not meant, whatever is done to the others.
#[test]
fn no_comment_is_lost() {
    let patterns = ["chat/acks/*-without", "chat/load/*", "chat/text/long"];
    let comments = |text: &str| text.matches('#').count();
    for chosen in 0..1_u32 << patterns.len() {
        let gone = |index: usize| chosen & (1 << index) != 0;
        let removed: Vec<_> = (0..patterns.len()).filter(|index| gone(*index)).collect();
        let changes: Vec<_> = removed
            .iter()
            .map(|index| remove(patterns[*index]))
            .collect();
        let written = edited(FILE, &changes).unwrap();
        // The comment behind a pattern goes with it.
        let lost = usize::from(gone(0));
        assert_eq!(comments(&written), comments(FILE) - lost, "{written}");
        for (index, pattern) in patterns.iter().enumerate() {
            assert_eq!(written.contains(pattern), !gone(index), "{written}");
        }
    }
}

#[test]
fn a_target_without_a_file_is_told_how_to_get_one() {
    let targets = [
        "reference",
        "http://127.0.0.1:3000",
        "cmd:node \"my server.js\"",
        "image:my/chat#8080",
        "mutant:none",
    ];
    let said: Vec<_> = targets
        .iter()
        .map(|argument| {
            let target = Target::parse(argument).unwrap();
            LedgerFile::of(&target).unwrap_err().to_string()
        })
        .collect();
    insta::assert_snapshot!(said.join("\n\n---\n"));
}
