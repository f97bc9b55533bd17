//! The guide in `docs/`: every command in it is run, every link leads somewhere, every page is in the contents.
//!
//! What is run is each line of each block that begins with ```` ```sh ````, by a shell, in a folder that a page
//! has for itself: there are copies of `ci/servers` and `scenarios`, `chatspec` is the binary under test,
//! and `node server.js` is the reference, for readers have a server and the guide
//! has none. A reader finds the words behind `sh` in the source of the page alone:
//!
//! - `exit=1`: the exit code of the last line; of all others it is 0;
//! - `server=3000`: something listens on that port of 127.0.0.1 (here on a free one, which the commands get);
//! - `not-run="why"`: it cannot be run here. A golden file has all of these, so that they do not become
//!   many unseen.

mod pages;

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pages::{Block, Page};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::support::{CHATSPEC, Place, said_within};

/// How long a command may take: some judge with the whole suite, on a machine that has other tests to run.
const BOUND: Duration = Duration::from_mins(5);

/// What the guide calls `node server.js`.
const NODE: &str = "#!/bin/sh
exec chatspec serve
";

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// Copies a folder, without what was installed or built in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if ["node_modules", ".venv", "target"]
            .iter()
            .any(|built| name == *built)
        {
            continue;
        }
        let (from, to) = (entry.path(), to.join(&name));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// A folder as a reader has it before the first line of a page.
fn place() -> Place {
    let place = Place::new().with("bin/node", NODE);
    std::fs::set_permissions(place.path("bin/node"), PermissionsExt::from_mode(0o755)).unwrap();
    symlink(CHATSPEC, place.path("bin/chatspec")).unwrap();
    copy(&repository("scenarios"), &place.path("scenarios"));
    copy(&repository("ci/servers"), &place.path("ci/servers"));
    place
}

/// A server as the guide has one at a port that it names, and where it is.
async fn server(place: &Place) -> (Child, String) {
    let node = place.path("bin/node");
    let mut command = place.program(node.to_str().unwrap());
    command
        .env("PATH", path_of(place))
        .env("PORT", "0")
        .stderr(Stdio::inherit());
    let mut server = command.spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line.strip_prefix("listening on http://").unwrap();
    (server, address.to_owned())
}

fn path_of(place: &Place) -> String {
    let usual = std::env::var("PATH").unwrap();
    format!("{}:{usual}", place.path("bin").display())
}

/// Runs a block; gives what did not end as it says.
async fn run(place: &Place, page: &Page, block: &Block) -> Vec<String> {
    let server = match &block.server {
        Some(_) => Some(server(place).await),
        None => None,
    };
    let mut wrong = Vec::new();
    let commands = block.commands();
    for (index, command) in commands.iter().enumerate() {
        let mut line = command.replace("cargo run --release -- ", "chatspec ");
        if let (Some(port), Some((_, address))) = (&block.server, &server) {
            line = line.replace(&format!("127.0.0.1:{port}"), address);
        }
        let mut shell = place.program("sh");
        shell.args(["-euc", &line]).env("PATH", path_of(place));
        let said = said_within(BOUND, &line, shell).await;
        let last = index + 1 == commands.len();
        let expected = if last { block.exit } else { 0 };
        if said.status.code() != Some(expected) {
            wrong.push(format!(
                "{}, `{command}`: it should end with {expected}\n{said}",
                page.name
            ));
        }
    }
    wrong
}

#[tokio::test]
async fn every_command_does_as_the_guide_says() {
    let pages = pages::read();
    let mut commands = 0;
    for block in pages.iter().flat_map(|page| &page.blocks) {
        commands += block.commands().len();
    }
    assert!(commands > 0, "a guide without commands");
    let mut wrong = Vec::new();
    for page in &pages {
        let place = place();
        for block in page.blocks.iter().filter(|block| block.not_run.is_none()) {
            wrong.extend(run(&place, page, block).await);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_run_has_its_reason() {
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for page in pages::read() {
        for block in &page.blocks {
            if let Some(reason) = &block.not_run {
                let lines = block.commands();
                let lines = lines.iter().map(|line| format!("{}: {line}", page.name));
                reasons.entry(reason.clone()).or_default().extend(lines);
            }
        }
    }
    let text = reasons.iter().map(|(reason, lines)| {
        let lines = lines.iter().map(|line| format!("  {line}\n"));
        format!("{reason}\n{}", lines.collect::<String>())
    });
    insta::assert_snapshot!(text.collect::<String>());
}

/// They are put into a file each, with what it must have besides. What it starts is no server and no driver,
/// which is found out only when the file has been read.
#[tokio::test]
async fn every_part_of_a_configuration_is_one() {
    let mut parts = 0;
    for page in pages::read() {
        for part in &page.configurations {
            parts += 1;
            let (file, line, text) = if page.name == "driver.md" {
                let line = "run chat/welcome/nobody-to-tell@websocket --client .";
                ("client.toml", line, part.clone())
            } else if part.contains("[launch]") {
                ("target.toml", "doctor target.toml", part.clone())
            } else {
                let text =
                    format!("name = \"x\"\n{part}\n[launch]\ncommand = \"node server.js\"\n");
                ("target.toml", "doctor target.toml", text)
            };
            let text = text
                .replace("node server.js", "false")
                .replace("node driver.js", "false");
            let place = Place::new().with(file, &text);
            let said = place.run(line).await;
            assert!(
                [1, 3].contains(&said.code()),
                "{}: {text}\n{said}",
                page.name
            );
        }
    }
    assert!(parts > 0, "a guide without configurations");
}

/// Nobody can see in a block without a language whether it is run.
#[test]
fn every_block_says_what_it_is() {
    for page in pages::read() {
        assert!(
            page.languages.iter().all(|language| !language.is_empty()),
            "{}: a block without a language",
            page.name
        );
        for language in &page.languages {
            // These would be commands that are not run.
            let shell = ["bash", "shell", "console", "zsh"];
            assert!(
                !shell.contains(&language.as_str()),
                "{}: {language}",
                page.name
            );
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in pages::read() {
        for link in &page.links {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = match file {
                "" => page.path.clone(),
                file => page.path.parent().unwrap().join(file),
            };
            let there = match std::fs::read_to_string(&file) {
                Ok(text) => anchor.is_empty() || pages::anchors(&text).contains(anchor),
                Err(_) => file.is_dir() && anchor.is_empty(),
            };
            if !there {
                wrong.push(format!("{}: {link}", page.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_page_is_in_the_contents_once() {
    let contents = std::fs::read_to_string(repository("docs/src/SUMMARY.md")).unwrap();
    let mut listed = pages::links(&contents);
    let mut names: Vec<_> = pages::read().into_iter().map(|page| page.name).collect();
    listed.sort();
    names.sort();
    assert_eq!(listed, names);
}
