//! `docs/src/cli.md`: the command line as the guide shows it, from the command line as it is read.

use std::fmt::Write;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{Command, CommandFactory};

use super::Args;

/// Ask for a new file with this variable, and read what changed.
const UPDATE: &str = "UPDATE_DOCS";

/// How wide the texts are: what a page has room for.
const WIDTH: usize = 100;

const HEAD: &str = "\
# Command line

What each command says of itself with `--help`. This page is made from the program: do not edit it, but what it
shows, in `harness/cli/src/args.rs`.
";

fn page() -> String {
    let root = Args::command().term_width(WIDTH);
    let mut text = HEAD.to_owned();
    section(&mut text, &root, None);
    for command in root
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        section(&mut text, &root, Some(command.get_name()));
    }
    text
}

/// What `chatspec NAME --help` prints, or `chatspec --help`.
fn section(text: &mut String, root: &Command, name: Option<&str>) {
    let words = ["chatspec"].into_iter().chain(name);
    let asked = words.clone().chain(["--help"]);
    let help = root.clone().try_get_matches_from(asked).unwrap_err();
    assert_eq!(help.kind(), ErrorKind::DisplayHelp);
    let help = help.to_string();
    // It would end the block.
    assert!(!help.contains("```"), "{help}");
    let lines = help.trim_end().lines().map(str::trim_end);
    let help = lines.collect::<Vec<_>>().join("\n");
    let name = words.collect::<Vec<_>>().join(" ");
    write!(text, "\n## `{name}`\n\n```text\n{help}\n```\n").unwrap();
}

#[test]
fn the_guide_shows_the_command_line_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/cli.md");
    let page = page();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/src/cli.md is not what the commands say; run\n    \
         {UPDATE}=1 cargo nextest run -p chatspec docs\nand commit what changed"
    );
}
