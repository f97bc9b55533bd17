//! What a page of the guide holds, as far as it can be tested.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::repository;

/// A page below `docs/src`.
pub(super) struct Page {
    /// The name of its file.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// Its blocks of commands.
    pub(super) blocks: Vec<Block>,
    /// Parts of a target.toml, and of a client.toml.
    pub(super) configurations: Vec<String>,
    /// What its blocks are written in, these and all others.
    pub(super) languages: Vec<String>,
    /// Where its links lead.
    pub(super) links: Vec<String>,
}

/// A block of commands.
#[derive(Default)]
pub(super) struct Block {
    /// The exit code of its last command.
    pub(super) exit: i32,
    /// The port where the page has a server.
    pub(super) server: Option<String>,
    /// Why it cannot be run.
    pub(super) not_run: Option<String>,
    text: String,
}

impl Block {
    /// Its commands, each on a line of its own.
    pub(super) fn commands(&self) -> Vec<String> {
        let text = self.text.replace("\\\n", " ");
        let lines = text.lines().map(str::trim);
        let commands = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        commands.map(str::to_owned).collect()
    }

    /// What the words behind `sh` say of it. A word that nobody knows is a slip of the pen.
    fn new(page: &str, words: &str) -> Self {
        let mut block = Self::default();
        let mut rest = words.trim();
        while !rest.is_empty() {
            let (name, value) = rest
                .split_once('=')
                .unwrap_or_else(|| panic!("{page}: `{rest}` has no value"));
            let (value, left) = match value.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .unwrap_or_else(|| panic!("{page}: `{rest}` does not end")),
                None => value.split_once(' ').unwrap_or((value, "")),
            };
            match name {
                "exit" => block.exit = value.parse().unwrap(),
                "server" => block.server = Some(value.to_owned()),
                "not-run" => block.not_run = Some(value.to_owned()),
                other => panic!("{page}: what is `{other}`?"),
            }
            rest = left.trim();
        }
        block
    }
}

/// All pages but the contents, by name.
pub(super) fn read() -> Vec<Page> {
    let folder = repository("docs/src");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths
        .into_iter()
        .filter(|path| name(path) != "SUMMARY.md")
        .map(|path| page(name(&path), path))
        .collect()
}

fn page(name: String, path: PathBuf) -> Page {
    let text = std::fs::read_to_string(&path).unwrap();
    let (mut blocks, mut configurations, mut languages) = (Vec::new(), Vec::new(), Vec::new());
    let mut prose = String::new();
    let mut inside: Option<Block> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), inside.take()) {
            (Some(info), None) => {
                let (language, words) = info.split_once(' ').unwrap_or((info, ""));
                languages.push(language.to_owned());
                // Those of other languages may say of themselves what they like.
                inside = Some(match language {
                    "sh" => Block::new(&name, words),
                    _ => Block::default(),
                });
            }
            (Some(end), Some(block)) => {
                assert_eq!(end, "", "{name}: a block that does not end");
                match languages.last().map(String::as_str) {
                    Some("sh") => blocks.push(block),
                    Some("toml") => configurations.push(block.text),
                    _ => {}
                }
            }
            (None, Some(mut block)) => {
                block.text += &format!("{line}\n");
                inside = Some(block);
            }
            (None, None) => prose += &format!("{line}\n"),
        }
    }
    assert!(inside.is_none(), "{name}: a block that does not end");
    Page {
        name,
        path,
        blocks,
        configurations,
        languages,
        links: links(&prose),
    }
}

/// Where the links in `text` lead.
pub(super) fn links(text: &str) -> Vec<String> {
    let behind = text.split("](").skip(1);
    behind
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// What the headings in `text` are called in links, as GitHub and mdBook call them.
pub(super) fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}
