//! The reports that a run writes besides the terminal's, parts of a run, and comparisons.

use chatspec_judge::verdict::RunReport;
use chatspec_report::redact;

use crate::support::{Place, said};

const MINE: &str = "--scenarios cases --jobs 1 --seed 7";

#[tokio::test]
async fn a_run_and_its_replay_write_everything() {
    let place = Place::with_scenarios();
    let files = |name: &str| {
        format!(
            "--html {name}.html --markdown {name}.md --badge {name}-badge.json --junit {name}.xml"
        )
    };
    let run = place
        .run(&format!("run mine {MINE} --histories out {}", files("run")))
        .await;
    assert_eq!(run.code(), 1, "{run}");
    let replay = place.run(&format!("replay out {}", files("replay"))).await;
    assert_eq!(replay.code(), 1, "{replay}");
    for name in ["run", "replay"] {
        let page = place.read(&format!("{name}.html"));
        assert!(
            page.ends_with("</html>\n") && page.contains("mine/wrong"),
            "{page}"
        );
        assert!(
            page.contains("ana -&gt; enter_room") || page.contains("ana -> enter_room"),
            "{page}"
        );
    }
    let summary = redact::text(&place.read("run.md"));
    let badge = place.read("run-badge.json");
    assert_eq!(badge, place.read("replay-badge.json"));
    insta::assert_snapshot!(format!("{summary}\n{badge}"));
}

#[tokio::test]
async fn annotations_where_github_runs_it_or_somebody_asks() {
    let place = Place::with_scenarios();
    let run = |more: &str, on_github: bool| {
        let line = format!("run mine/wrong {MINE}{more}");
        let mut command = place.command(line.split(' '));
        if on_github {
            command.env("GITHUB_ACTIONS", "true");
        }
        async move { said(&line, command).await }
    };
    let annotated = |said: &crate::support::Said| {
        said.stdout
            .contains("\n::error file=cases/mine/wrong.chat,line=8,")
    };
    let here = run("", false).await;
    assert!(!annotated(&here), "{here}");
    assert!(annotated(&run("", true).await));
    assert!(!annotated(&run(" --annotations=never", true).await));
    let asked = run(" --annotations", false).await;
    assert!(annotated(&asked), "{asked}");
    insta::assert_snapshot!(asked.to_string());
}

#[tokio::test]
async fn what_has_changed_since_a_baseline() {
    let place = Place::with_scenarios();
    let line = format!("run mine {MINE} --target mutant:none --json old.json");
    assert_eq!(place.run(&line).await.code(), 1);
    // A server that fails more than it did; the exit code is that of this run.
    let worse = format!(
        "run mine {MINE} --target mutant:ack-with-arguments --baseline old.json --json old.json"
    );
    let worse = place.run(&worse).await;
    assert_eq!(worse.code(), 1, "{worse}");
    let (_, changes) = worse
        .stdout
        .split_once("Since the baseline")
        .expect("changes");
    let refused = place
        .with("other.json", "{\"seed\": 7}")
        .run_all(&[
            &format!("run mine {MINE} --baseline missing.json"),
            &format!("run mine {MINE} --baseline other.json"),
        ])
        .await;
    insta::assert_snapshot!(format!("{}\n{refused}", redact::text(changes)));
}

#[tokio::test]
async fn parts_are_the_whole_again() {
    let place = Place::with_scenarios();
    let cases = "mine chat/acks";
    let whole = place
        .run(&format!(
            "run {cases} --scenarios cases --seed 7 --json whole.json"
        ))
        .await;
    for part in 1..=3 {
        let line =
            format!("run {cases} --scenarios cases --seed 7 --shard {part}/3 --json {part}.json");
        let said = place.run(&line).await;
        assert!(said.code() == 0 || said.code() == 1, "{said}");
    }
    let merged = place
        .run("merge 3.json 1.json 2.json --json merged.json --html merged.html")
        .await;
    assert_eq!(merged.code(), whole.code(), "{merged}");
    let ids = |file: &str| {
        let report: RunReport = serde_json::from_str(&place.read(file)).unwrap();
        assert!(report.shard.is_none());
        let cases = report.targets.into_iter().flat_map(|target| target.cases);
        cases
            .map(|case| {
                (
                    case.case,
                    case.verdict == chatspec_judge::verdict::Verdict::Pass,
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("merged.json"), ids("whole.json"));
    assert!(place.read("merged.html").contains("mine/wrong"));

    // One case of the second part is cut out of it by hand.
    let mut part: RunReport = serde_json::from_str(&place.read("2.json")).unwrap();
    part.targets[0].cases.remove(0);
    std::fs::write(
        place.path("cut.json"),
        serde_json::to_string(&part).unwrap(),
    )
    .unwrap();
    let refused = place
        .run_all(&[
            "merge 1.json 3.json",
            "merge 1.json 2.json 3.json 2.json",
            "merge 1.json cut.json 3.json",
            "merge whole.json",
            "merge 1.json 2.json 3.json --histograms logs",
            "run mine --shard 1/3",
            "run mine --shard 4/3 --seed 7",
        ])
        .await;
    insta::assert_snapshot!(refused);
}

#[tokio::test]
async fn two_targets_compared() {
    let place = Place::with_scenarios();
    let same = place
        .run(&format!(
            "diff mutant:none mutant:none mine/hello chat/acks/message-without {MINE}"
        ))
        .await;
    assert_eq!(same.code(), 0, "{same}");
    let differ = place
        .run(&format!(
            "diff mutant:none mutant:ack-with-arguments mine/hello {MINE}"
        ))
        .await;
    assert_eq!(differ.code(), 1, "{differ}");
    insta::assert_snapshot!(format!("{same}\n{differ}"));
}

#[tokio::test]
async fn two_reports_compared() {
    let place = Place::with_scenarios();
    for (file, full, target) in [
        ("one.json", "--full", "mutant:none"),
        ("other.json", "--full", "mutant:ack-with-arguments"),
        ("slim.json", "--annotations=never", "mutant:none"),
    ] {
        let line = format!("run mine {MINE} {full} --target {target} --json {file}");
        place.run(&line).await;
    }
    let line = format!("run mine {MINE} --target mutant:none --target reference --json both.json");
    place.run(&line).await;
    let said = place
        .run_all(&[
            "diff one.json one.json",
            "diff one.json other.json",
            "diff slim.json one.json",
            "diff both.json one.json",
            "diff both.json#nobody one.json",
            "diff both.json#mutant:none both.json#reference",
            "diff missing.json one.json",
            "diff http://127.0.0.1:1 one.json mine/hello --scenarios cases",
        ])
        .await;
    insta::assert_snapshot!(said);
}
