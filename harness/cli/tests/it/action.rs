//! The action and the files around it, as far as they can be known without a runner: what they say of each
//! other agrees, no input becomes a part of a script, and what they run is understood. `ci/action/test` runs
//! the scripts themselves.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode as _, Yaml};

use crate::support::{Place, said};

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(file(path)).unwrap()
}

fn keys(node: &Yaml<'_>) -> BTreeSet<String> {
    let mapping = node.as_mapping().unwrap().iter();
    mapping
        .map(|(key, _)| key.as_str().unwrap().to_owned())
        .collect()
}

/// All values of `key`, at any depth.
fn values(node: &Yaml<'_>, key: &str, found: &mut Vec<String>) {
    if let Some(list) = node.as_sequence() {
        for node in list {
            values(node, key, found);
        }
    }
    if let Some(map) = node.as_mapping() {
        for (name, value) in map {
            match value.as_str() {
                Some(text) if name.as_str() == Some(key) => found.push(text.to_owned()),
                _ => values(value, key, found),
            }
        }
    }
}

/// All values of `key` in a file.
fn all(path: &str, key: &str) -> Vec<String> {
    let mut found = Vec::new();
    for document in Yaml::load_from_str(&read(path)).unwrap() {
        values(&document, key, &mut found);
    }
    found
}

const WORKFLOWS: [&str; 4] = [
    "ci/action/action.yml",
    "ci/examples/github.yml",
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
];

/// A value between `${{` and `}}` is put into a script before a shell reads it, whatever it holds.
#[test]
fn no_script_has_somebody_elses_words_in_it() {
    let mut scripts = 0;
    for path in WORKFLOWS {
        for script in all(path, "run") {
            scripts += 1;
            assert!(!script.contains("${{"), "{path}: {script}");
        }
    }
    assert!(scripts > 0);
}

#[test]
fn what_is_used_has_a_version_and_is_seldom_somebody_elses() {
    let mut used = BTreeSet::new();
    for path in WORKFLOWS {
        used.extend(all(path, "uses"));
    }
    insta::assert_snapshot!(used.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Every input of the action reaches the script, which knows no other.
#[test]
fn each_input_is_read_and_each_output_is_written() {
    let documents = Yaml::load_from_str(&read("ci/action/action.yml")).unwrap();
    let action = &documents[0];
    let script = read("ci/action/judge");
    let mut inputs = keys(&action["inputs"]);
    assert!(inputs.remove("artifact"), "it is the upload's alone");
    let upper = inputs.iter().map(|name| name.to_uppercase());
    let given: BTreeSet<_> = upper.map(|name| format!("INPUT_{name}")).collect();
    let words = script.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    let read: BTreeSet<_> = words
        .filter(|word| word.starts_with("INPUT_") && *word != "INPUT_")
        .map(str::to_owned)
        .collect();
    assert_eq!(given, read);
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let judge = steps
        .iter()
        .find(|step| step["id"].as_str() == Some("judge"));
    let environment = judge.unwrap()["env"].as_mapping().unwrap();
    for (name, value) in environment {
        let (name, value) = (name.as_str().unwrap(), value.as_str().unwrap());
        if let Some(input) = name.strip_prefix("INPUT_") {
            assert_eq!(value, format!("${{{{ inputs.{} }}}}", input.to_lowercase()));
        }
    }
    assert_eq!(environment.len(), given.len() + 1, "and CHATSPEC");
    for output in keys(&action["outputs"]) {
        assert!(script.contains(&format!("{output}=%s")), "{output}");
    }
}

#[test]
fn the_example_gives_inputs_that_there_are() {
    let documents = Yaml::load_from_str(&read("ci/action/action.yml")).unwrap();
    let inputs = keys(&documents[0]["inputs"]);
    let example = Yaml::load_from_str(&read("ci/examples/github.yml")).unwrap();
    let steps = example[0]["jobs"]["chatspec"]["steps"]
        .as_sequence()
        .unwrap();
    let given = keys(&steps.last().unwrap()["with"]);
    assert!(given.is_subset(&inputs), "{given:?}");
}

/// What a release is packed as is what the action asks for.
#[test]
fn the_platforms_of_a_release_are_those_that_are_asked_for() {
    let released: BTreeSet<_> = all(".github/workflows/release.yml", "platform")
        .into_iter()
        .collect();
    let install = read("ci/action/install");
    let lines = install
        .lines()
        .filter_map(|line| line.split_once("platform="));
    let asked: BTreeSet<_> = lines
        .map(|(_, name)| name.trim_end_matches(" ;;").to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(released, asked);
    assert!(!asked.is_empty());
    let pack = all(".github/workflows/release.yml", "run").join("\n");
    assert!(
        pack.contains("tar -czf \"chatspec-$PLATFORM.tar.gz\""),
        "{pack}"
    );
    assert!(
        install.contains("file=chatspec-$platform.tar.gz"),
        "{install}"
    );
}

/// What `docker` runs, with the program that is in the image.
#[tokio::test]
async fn what_runs_in_the_image_is_understood() {
    const DOCKER: &str = "#!/bin/sh
set -eu
while [ \"$1\" != chatspec ]; do shift; done
shift
exec \"$CHATSPEC\" \"$@\" --help
";
    let place = Place::new().with("bin/docker", DOCKER);
    std::fs::set_permissions(place.path("bin/docker"), PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        place.path("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let script = file("ci/examples/docker.sh");
    for (argument, works) in [(Some("http://127.0.0.1:3000"), true), (None, false)] {
        let mut command = place.program(script.to_str().unwrap());
        command.args(argument).env("PATH", &path);
        let said = said("ci/examples/docker.sh", command).await;
        assert_eq!(said.code() == 0, works, "{said}");
        assert_eq!(said.stdout.contains("Usage: chatspec run"), works, "{said}");
    }
    assert!(place.path("chatspec-report").is_dir());

    let lines = read("ci/examples/gitlab-ci.yml");
    let lines = Yaml::load_from_str(&lines).unwrap();
    let lines = lines[0]["chatspec"]["script"].as_sequence().unwrap();
    assert!(!lines.is_empty());
    for line in lines {
        let line = line.as_str().unwrap();
        let words = line.strip_prefix("chatspec ").unwrap();
        let said = place.run(&format!("{words} --help")).await;
        assert_eq!(said.code(), 0, "{said}");
    }
}

#[test]
fn the_image_has_the_binary_as_its_entry_point_and_is_not_root() {
    let text = read("ci/Dockerfile");
    let last = text.rsplit_once("\nFROM ").unwrap().1;
    for line in [
        "USER 65534:65534",
        r#"ENTRYPOINT ["chatspec"]"#,
        "COPY --from=build /src/target/release/chatspec /usr/local/bin/chatspec",
    ] {
        assert!(last.lines().any(|known| known == line), "{line}");
    }
    // Otherwise what was built here would go into it, or be sent to the engine for nothing.
    assert!(read(".dockerignore").lines().any(|line| line == "target"));
}
