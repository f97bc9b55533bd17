//! What a server in a folder is made of, as the files say that pin its packages. What they do not say, or say
//! in another way than their tools do, is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The packages that the server in `folder` asks for itself, each with its version.
pub(super) fn of(folder: &Path) -> Vec<(String, String)> {
    let found = npm(folder).or_else(|| pip(folder));
    found.or_else(|| cargo(folder)).unwrap_or_default()
}

/// Those of package.json, at the versions of package-lock.json; and socket.io, where another brings it along.
fn npm(folder: &Path) -> Option<Vec<(String, String)>> {
    let json = |name: &str| -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(folder.join(name)).ok()?).ok()
    };
    let (asked, locked) = (json("package.json")?, json("package-lock.json")?);
    let asked = asked.get("dependencies")?.as_object()?;
    let names: BTreeSet<_> = asked
        .keys()
        .map(String::as_str)
        .chain(["socket.io"])
        .collect();
    let version = |name: &str| {
        let package = locked
            .get("packages")?
            .get(format!("node_modules/{name}"))?;
        Some((
            name.to_owned(),
            package.get("version")?.as_str()?.to_owned(),
        ))
    };
    Some(names.into_iter().filter_map(version).collect())
}

/// Those of requirements.txt, to the first empty line: below it are those that these ask for.
fn pip(folder: &Path) -> Option<Vec<(String, String)>> {
    let text = fs::read_to_string(folder.join("requirements.txt")).ok()?;
    let asked = text.lines().take_while(|line| !line.trim().is_empty());
    let pinned = asked.filter_map(|line| line.split_once("=="));
    Some(
        pinned
            .map(|(name, version)| (name.trim().to_owned(), version.trim().to_owned()))
            .collect(),
    )
}

/// Those of Cargo.toml, at the versions of the Cargo.lock of its workspace.
fn cargo(folder: &Path) -> Option<Vec<(String, String)>> {
    let toml = |path: &Path| -> Option<toml::Table> { fs::read_to_string(path).ok()?.parse().ok() };
    let manifest = toml(&folder.join("Cargo.toml"))?;
    let asked = manifest.get("dependencies")?.as_table()?;
    let folder = folder.canonicalize().ok()?;
    let lock = folder
        .ancestors()
        .find_map(|at| toml(&at.join("Cargo.lock")))?;
    let locked = lock.get("package")?.as_array()?;
    let version = |name: &String| {
        let package = locked
            .iter()
            .find(|package| package.get("name").and_then(toml::Value::as_str) == Some(name))?;
        Some((name.clone(), package.get("version")?.as_str()?.to_owned()))
    };
    Some(asked.keys().filter_map(version).collect())
}
