//! What programs read: JSON, and the schemas that are committed for it.

use std::path::{Path, PathBuf};

use chatspec_judge::bench::Bench;
use chatspec_judge::verdict::RunReport;
use chatspec_report::{bench, json, mutants};
use serde_json::{Value, json};

use crate::sample;

/// Ask for new files with this variable, then read what changed: readers of reports depend on it,
/// and an incompatible change needs a new `format`.
const UPDATE: &str = "UPDATE_SCHEMAS";

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas")
        .join(name)
}

fn agrees_with_the_committed(name: &str, schema: &schemars::Schema) {
    let path = committed(name);
    let mut text = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    text.push('\n');
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &text).expect("schemas/ can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "schemas/{name} is not the schema of what is written; if the change is meant, run\n    \
         {UPDATE}=1 cargo test -p chatspec-report --test it documents\nand commit what changed"
    );
}

fn validator(schema: &schemars::Schema) -> jsonschema::Validator {
    jsonschema::draft202012::new(schema.as_value()).expect("a schema of draft 2020-12")
}

fn written(report: &RunReport) -> String {
    let mut out = Vec::new();
    json::write(report, &mut out).expect("a Vec takes everything");
    String::from_utf8(out).expect("text")
}

/// A report in which every verdict and every rule occurs.
fn everything() -> RunReport {
    let mut report = sample::every_verdict();
    report
        .targets
        .push(sample::target("reference", sample::rules::every_rule()));
    let mut gone = sample::target("http://127.0.0.1:3999", Vec::new());
    gone.calibration = None;
    gone.unavailable = Some("nothing listens there".to_owned());
    report.targets.push(gone);
    report
}

#[test]
fn the_schema_of_reports_is_the_committed_one() {
    agrees_with_the_committed("report.schema.json", &json::schema());
}

#[test]
fn the_schema_of_mutant_reports_is_the_committed_one() {
    agrees_with_the_committed("mutants.schema.json", &mutants::schema());
}

#[test]
fn the_schema_of_benches_is_the_committed_one() {
    agrees_with_the_committed("bench.schema.json", &bench::json::schema());
}

#[test]
fn the_schema_of_histories_is_the_committed_one() {
    agrees_with_the_committed("history.schema.json", &chatspec_judge::stored::schema());
}

#[test]
fn every_bench_is_valid_and_reads_back_equal() {
    use crate::bench::sample;
    let validator = validator(&bench::json::schema());
    for bench in [
        sample::usual(),
        sample::lossy(),
        sample::doubtful(),
        sample::merged(),
        sample::part(),
        sample::limits(),
        sample::other_limits(),
    ] {
        let mut out = Vec::new();
        bench::json::write(&bench, &mut out).expect("a Vec takes everything");
        let document: Value = serde_json::from_slice(&out).expect("JSON");
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(
            serde_json::from_slice::<Bench>(&out).expect("a bench"),
            bench
        );
        let mut broken = document.clone();
        broken["targets"][0]["turns"] = json!("none");
        assert!(!validator.is_valid(&broken));
        let mut broken = document;
        broken.as_object_mut().expect("an object").remove("plan");
        assert!(!validator.is_valid(&broken));
    }
}

#[test]
fn what_is_written_is_valid_and_reads_back_equal() {
    let report = everything();
    let text = written(&report);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let errors: Vec<String> = validator(&json::schema())
        .iter_errors(&document)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(
        serde_json::from_str::<RunReport>(&text).expect("a report"),
        report
    );
}

/// What makes a valid document invalid.
type Breaker = fn(&mut Value);

#[test]
fn broken_documents_are_not_valid() {
    let validator = validator(&json::schema());
    let right: Value = serde_json::from_str(&written(&everything())).expect("JSON");
    assert!(validator.is_valid(&right));
    let breakers: [(&str, Breaker); 6] = [
        ("no seed", |document| {
            document.as_object_mut().expect("an object").remove("seed");
        }),
        ("a negative time", |document| {
            document["duration-ms"] = json!(-1);
        }),
        ("an unknown verdict", |document| {
            document["targets"][0]["cases"][0]["verdict"]["is"] = json!("perfect");
        }),
        ("a failure without violations", |document| {
            document["targets"][1]["cases"][0]["verdict"] = json!({"is": "fail"});
        }),
        ("an unknown rule", |document| {
            document["targets"][1]["cases"][0]["verdict"]["violations"][0]["rule"] = json!("x");
        }),
        ("a case without its command", |document| {
            document["targets"][0]["cases"][0]
                .as_object_mut()
                .expect("a case")
                .remove("again");
        }),
    ];
    for (what, breaks) in breakers {
        let mut document = right.clone();
        breaks(&mut document);
        assert!(
            document != right && !validator.is_valid(&document),
            "{what} is accepted"
        );
    }
}

#[test]
fn one_case_as_json() {
    let mut target = sample::target("reference", sample::own_welcome_cases());
    target.cases.truncate(1);
    insta::assert_snapshot!(written(&sample::run(vec![target])));
}

#[test]
fn mutant_reports_are_valid() {
    let mut out = Vec::new();
    mutants::write_json(&crate::mutants::with_every_problem(), &mut out).expect("written");
    let document: Value = serde_json::from_slice(&out).expect("JSON");
    let validator = validator(&mutants::schema());
    assert!(validator.is_valid(&document), "{document:#}");
    let mut broken = document.clone();
    broken["problems"][0]["is"] = json!("fine");
    assert!(!validator.is_valid(&broken));
    insta::assert_snapshot!(String::from_utf8(out).expect("text"));
}
