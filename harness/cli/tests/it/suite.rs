//! The suite inside the binary.

use std::path::Path;

use crate::support::Place;

fn scenarios_below(folder: &Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| match path.extension() {
            _ if path.is_dir() => scenarios_below(&path),
            Some(extension) if extension == "chat" => 1,
            _ => 0,
        })
        .sum()
}

#[tokio::test]
async fn every_scenario_travels_in_the_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let said = Place::new().run("list --json").await;
    let listed: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let listed = listed.as_array().unwrap().len();
    assert_eq!(listed, scenarios_below(&folder));
    assert_ne!(listed, 0);
}

/// What is in the repository is in its canonical form.
#[tokio::test]
async fn every_scenario_is_canonical() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let folder = folder.display().to_string();
    let place = Place::new();
    let said = crate::support::said("", place.command(["fmt", "--check", &folder])).await;
    assert_eq!(said.code(), 0, "{said}");
}
