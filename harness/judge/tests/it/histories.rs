//! Golden histories: a folder for each scenario in `tests/histories`, with what servers may do to it
//! and what the judge says about that; a file `capabilities` says what the target has besides. How such a file reads is said in `support/script.rs`.

use std::path::{Path, PathBuf};

use chatspec_judge::check::check;
use chatspec_judge::history::History;
use chatspec_judge::plan::Plan;
use chatspec_judge::referee::Findings;
use chatspec_judge::verdict::Verdict;

use crate::support::run::run;
use crate::support::script::{self, Claim};
use crate::support::{plan, show};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories")
}

/// One file of one folder, run.
struct Told {
    folder: String,
    name: String,
    claim: Claim,
    plan: Plan,
    history: History,
    findings: Findings,
    /// Lines that never happened.
    rest: Vec<String>,
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().expect("a name");
    stem.to_string_lossy().into_owned()
}

fn all() -> Vec<Told> {
    let mut told = Vec::new();
    for folder in sorted(&folder()).into_iter().filter(|path| path.is_dir()) {
        let scenario = std::fs::read_to_string(folder.join("scenario.chat"));
        let scenario = scenario.unwrap_or_else(|_| panic!("{} has a scenario", folder.display()));
        let capabilities = std::fs::read_to_string(folder.join("capabilities"));
        let capabilities = capabilities.unwrap_or_default();
        let capabilities: Vec<_> = capabilities.split_whitespace().map(str::to_owned).collect();
        let files = sorted(&folder);
        let files = files
            .iter()
            .filter(|file| file.extension().is_some_and(|ending| ending == "events"));
        for file in files {
            let text = std::fs::read_to_string(file).expect("a text");
            println!("{}", file.display()); // shown when it goes wrong
            let plan = plan(&scenario).on(&capabilities);
            let (claim, mut script) = script::read(&plan, &text);
            let history = run(&plan, &mut script);
            let rest: Vec<_> = script
                .rest()
                .into_iter()
                .filter(|line| !line.starts_with("right"))
                .collect();
            let findings = check(&plan, &history);
            told.push(Told {
                folder: stem(&folder),
                name: stem(file),
                claim,
                history,
                findings,
                rest,
                plan,
            });
        }
    }
    assert!(!told.is_empty(), "there are histories");
    told
}

#[test]
fn each_history_is_judged_as_it_says_and_in_these_words() {
    let mut wrong = Vec::new();
    for told in all() {
        let Told {
            folder,
            name,
            claim,
            plan,
            history,
            findings,
            rest,
        } = &told;
        let text = show::findings(plan, history, findings);
        let verdict = match (&findings.gave_up, Verdict::of(findings.violations.clone())) {
            (Some(_), _) => "gives up",
            (None, Verdict::Pass) => "passes",
            (None, Verdict::Fail { .. }) => "fails",
            (None, Verdict::Warning { .. }) => "warns",
            (None, _) => "informs",
        };
        let place = format!("{folder}/{name}.events");
        if !rest.is_empty() {
            wrong.push(format!("{place}: never happened: {rest:?}\n{text}"));
            continue;
        }
        if verdict != claim.verdict {
            wrong.push(format!("{place} {verdict}:\n{text}"));
            continue;
        }
        if findings.gave_up.is_none() {
            let violations = Verdict::of(findings.violations.clone());
            let worst = violations.violations().first();
            let rule = worst.map(|violation| show::name(violation.rule));
            if rule != claim.rule {
                wrong.push(format!("{place} is {rule:?}:\n{text}"));
                continue;
            }
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(self::folder().join(folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_input_file(self::folder().join(folder).join(format!("{name}.events")));
        settings.bind(|| insta::assert_snapshot!(name.as_str(), text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_judgement_is_the_same_when_it_is_made_again() {
    for told in all() {
        assert_eq!(
            check(&told.plan, &told.history),
            told.findings,
            "{}/{}",
            told.folder,
            told.name
        );
    }
}

#[test]
fn every_rule_is_broken_somewhere_and_held_in_the_same_scenario() {
    use chatspec_judge::verdict::Rule;
    let told = all();
    for rule in [
        Rule::Mismatch,
        Rule::Missing,
        Rule::Late,
        Rule::Unexpected,
        Rule::Closed,
        Rule::BrokenPacket,
        Rule::ConnectFailed,
        Rule::ProofFailed,
        Rule::ServerDied,
        Rule::HttpAnswer,
    ] {
        let rule = show::name(rule);
        let broken = told
            .iter()
            .filter(|told| told.claim.rule.as_deref() == Some(&rule));
        let mut folders = broken.map(|told| &told.folder);
        let held = |folder: &String| {
            let mut same = told.iter().filter(|told| told.folder == *folder);
            same.any(|told| told.claim.verdict == "passes")
        };
        assert!(
            folders.any(held),
            "{rule} has no good and bad history of one scenario"
        );
    }
}
