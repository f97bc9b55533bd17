//! The manifests in `ci/bench`: they are YAML, and every command line in them, in what they run and in
//! what their comments tell to type, is one that `chatspec` understands.

use std::path::Path;
use std::process::Stdio;

use saphyr::{LoadableYamlNode as _, Yaml};
use tokio::process::Command;

use crate::support::CHATSPEC;

/// What is set where these commands run: by hand, by Compose or by Kubernetes.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("TARGET", "http://localhost:3000"),
    ("PROFILE", "town-hall"),
    ("START_AT", "2030-01-31T12:00:00Z"),
    ("PART", "2"),
    ("BENCH_TARGET", "http://localhost:3000"),
    ("BENCH_PROFILE", "stadium"),
    ("BENCH_PARTS", "4"),
    ("BENCH_START_AT", "2030-01-31T12:00:00Z"),
    ("part", "2"),
    ("file", "part-2.json"),
];

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ci/bench");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The commands in `text`, which a shell reads, or a human in a comment.
fn commands(text: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ").replace("$$", "$");
    let lines = text.lines().map(|line| line.trim_start_matches(['#', ' ']));
    let commands = lines.filter(|line| line.starts_with("chatspec "));
    let ends = |line: &str| line.split(" || ").next().unwrap_or_default().to_owned();
    commands.map(ends).collect()
}

/// All that a manifest runs: scripts for a shell, and lists of words for the image's entry point.
fn runs(node: &Yaml<'_>, found: &mut Vec<String>) {
    if let Some(text) = node.as_str() {
        found.extend(commands(text));
    }
    if let Some(list) = node.as_sequence() {
        let words: Option<Vec<&str>> = list.iter().map(|node| node.as_str()).collect();
        match words.as_deref() {
            Some(words @ ["merge" | "bench", ..]) => {
                found.push(format!("chatspec {}", words.join(" ")));
            }
            _ => list.iter().for_each(|node| runs(node, found)),
        }
    }
    if let Some(map) = node.as_mapping() {
        map.iter().for_each(|(_, node)| runs(node, found));
    }
}

/// Whether `chatspec` knows all that stands in a command line, and takes its values.
///
/// `--help` comes last, so that nothing is measured; what comes before it is read before it.
async fn is_understood(command: &str) -> bool {
    let script = format!("chatspec() {{ \"$CHATSPEC\" \"$@\" --help; }}\n{command}");
    let mut shell = Command::new("sh");
    shell
        .args(["-euc", &script])
        .env("CHATSPEC", CHATSPEC)
        .envs(ENVIRONMENT.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    shell.output().await.unwrap().status.success()
}

#[tokio::test]
async fn what_they_run_is_understood() {
    for name in ["compose.yaml", "kubernetes.yaml"] {
        let text = read(name);
        let mut found = Vec::new();
        for document in Yaml::load_from_str(&text).unwrap() {
            runs(&document, &mut found);
        }
        assert!(
            found.iter().any(|line| line.starts_with("chatspec bench ")),
            "{name}: {found:?}"
        );
        let comments = text.lines().filter(|line| line.starts_with('#'));
        found.extend(commands(&comments.collect::<Vec<_>>().join("\n")));
        assert!(
            found.iter().any(|line| line.starts_with("chatspec merge ")),
            "{name}: {found:?}"
        );
        for command in found {
            assert!(is_understood(&command).await, "{name}: {command}");
            // Otherwise this test would say nothing.
            let renamed = command.replacen(" --", " --no-such-", 1);
            assert!(!is_understood(&renamed).await, "{name}: {renamed}");
        }
    }
}

#[tokio::test]
async fn the_image_has_the_binary_as_its_entry_point() {
    let text = read("Dockerfile");
    assert!(text.contains("\nENTRYPOINT [\"chatspec\"]\n"), "{text}");
}
