//! `chatspec run --histories` and `chatspec replay`.

use chatspec_judge::verdict::{RunReport, Verdict};

use crate::support::{Place, assert_fits};

const MINE: &str = "--scenarios cases --jobs 1 --seed 7";

fn report(place: &Place, file: &str) -> RunReport {
    serde_json::from_str(&place.read(file)).unwrap()
}

/// A server that needs `needy`, and one that is known to fail.
fn with_everything() -> Place {
    let target = "name = \"ours\"\n[launch]\ncommand = '\"$CHATSPEC\" serve'\n\n\
        [[known-failure]]\npattern = \"mine/wrong\"\nreason = \"acks say nothing here\"\n";
    Place::with_scenarios().with("target.toml", target).with(
        "cases/mine/needy.chat",
        &crate::support::HELLO.replace("over ", "needs    nodes 3\nover "),
    )
}

#[tokio::test]
async fn a_replay_says_what_the_run_said() {
    let place = with_everything();
    let targets = "--target mutant:none --target mutant:no-ack-message --target mutant:dies-without-ack \
                   --target mutant:welcome-to-everyone --target target.toml";
    let patterns = "mine chat/acks chat/welcome/announced-to-room";
    let line = format!(
        "run {patterns} {targets} --scenarios cases --seed 7 --histories out --json run.json"
    );
    let run = place.run(&line).await;
    assert_eq!(run.code(), 1, "{run}");
    let replay = place.run("replay out --json replay.json").await;
    assert_eq!(replay.code(), 1, "{replay}");

    let mut ran = report(&place, "run.json").targets;
    ran.sort_by(|one, other| one.name.cmp(&other.name));
    let replayed = report(&place, "replay.json").targets;
    let kinds = ran.iter().flat_map(|target| &target.cases);
    let kinds: std::collections::BTreeSet<_> = kinds
        .map(|case| serde_json::to_value(&case.verdict).unwrap()["is"].to_string())
        .collect();
    for kind in ["pass", "fail", "skipped", "known-failure"] {
        assert!(kinds.contains(&format!("{kind:?}")), "{kind}: {kinds:?}");
    }
    assert_eq!(replayed, ran);

    let schema = include_str!("../../../../schemas/history.schema.json");
    for file in [
        "mutant-none/chat/acks/in-order@polling",
        "mutant-welcome-to-everyone/chat/welcome/announced-to-room@websocket",
        "ours/mine/wrong@websocket",
    ] {
        let history = place.read(&format!("out/{file}.jsonl"));
        assert!(history.lines().count() > 1);
        for line in history.lines() {
            assert_fits(&serde_json::from_str(line).unwrap(), schema);
        }
    }

    let passes = place.run("replay out/mutant-none/chat").await;
    assert_eq!(passes.code(), 0, "{passes}");
}

/// Also when scenarios and target have changed since.
#[tokio::test]
async fn a_replay_needs_nothing_but_the_file() {
    let place = Place::with_scenarios();
    let line = format!("run mine {MINE} --histories out");
    assert_eq!(place.run(&line).await.code(), 1);
    let other = Place::new().with(
        "wrong.jsonl",
        &place.read("out/reference/mine/wrong@websocket.jsonl"),
    );
    let replay = other.run("replay wrong.jsonl").await;
    insta::assert_snapshot!(replay.to_string());
}

/// A server that does not start again leaves the rest of a run open.
#[tokio::test]
async fn what_could_not_be_judged_is_inconclusive_again() {
    let place = Place::with_scenarios();
    // It starts once, and never again.
    let target = "cmd:test ! -e once && touch once && exec \"$CHATSPEC\" serve";
    let dies = crate::support::HELLO
        .replace("rooms    lobby\n\n", "rooms    lobby\n\nserver restarts\n")
        .replace("over ", "alone\nneeds    restart\nover ");
    let place = place
        .with("cases/mine/again.chat", &dies)
        .with("cases/mine/rest.chat", &dies);
    let line = format!("run mine {MINE} --start-timeout 2 --histories out --json run.json");
    let args = line.split(' ').chain(["--target", target]);
    let run = crate::support::said(&line, place.command(args)).await;
    let replay = place.run("replay out --json replay.json").await;
    assert_eq!(replay.code(), run.code(), "{run}\n{replay}");
    let (ran, replayed) = (report(&place, "run.json"), report(&place, "replay.json"));
    assert_eq!(replayed.targets, ran.targets);
    let open = ran.targets[0].cases.iter();
    let mut open = open.filter(|case| matches!(case.verdict, Verdict::Inconclusive { .. }));
    assert!(open.next().is_some(), "{run}");
}

#[tokio::test]
async fn several_runs_are_told_apart_and_one_case_is_not_told_twice() {
    let place = Place::with_scenarios();
    for seed in [7, 8] {
        let line = format!("run mine/hello --scenarios cases --seed {seed} --histories out/{seed}");
        assert_eq!(place.run(&line).await.code(), 0);
    }
    let both = place.run("replay out --json replay.json").await;
    assert_eq!(both.code(), 0, "{both}");
    let report = report(&place, "replay.json");
    let names: Vec<_> = report.targets.iter().map(|target| &target.name).collect();
    assert_eq!(names, ["reference (seed 7)", "reference (seed 8)"]);

    let file = "out/7/reference/mine/hello@websocket.jsonl";
    let place = place.with("copy.jsonl", "");
    std::fs::copy(place.path(file), place.path("copy.jsonl")).unwrap();
    insta::assert_snapshot!(
        place
            .run(&format!("replay {file} copy.jsonl"))
            .await
            .to_string()
    );
}

#[tokio::test]
async fn files_that_are_no_histories() {
    let place = Place::with_scenarios().with("empty/nothing.txt", "");
    let line = format!("run mine/hello {MINE} --histories out");
    assert_eq!(place.run(&line).await.code(), 0);
    let text = place.read("out/reference/mine/hello@websocket.jsonl");
    let lines: Vec<_> = text.lines().collect();
    let place = place
        .with("bad/cut.jsonl", &(lines[..4].join("\n") + "\n"))
        .with("bad/empty.jsonl", "")
        .with("bad/forged.jsonl", &text.replace("\"hi\"", "\"ho\""))
        .with(
            "bad/format.jsonl",
            &text.replacen("\"format\":2", "\"format\":1", 1),
        )
        .with(
            "bad/torn.jsonl",
            &(lines[..4].join("\n") + "\n" + &lines[4][..20]),
        )
        .with("bad/words.jsonl", "hello\n");
    std::fs::write(place.path("bytes.jsonl"), b"\xff\n").unwrap();
    let said = place
        .run_all(&[
            "replay bad",
            "replay bad/cut.jsonl --junit junit.xml",
            "replay missing.jsonl",
            "replay empty",
            "replay bytes.jsonl",
            "replay out --json missing/report.json",
            "replay",
        ])
        .await;
    insta::assert_snapshot!(said);
    assert!(!place.path("junit.xml").exists());
}
