//! `chatspec run`: verdicts and their exit codes.

use crate::support::{CLAUSES, HELLO, Place, WRONG, said};

const MINE: &str = "--scenarios cases --jobs 1 --seed 7";

#[tokio::test]
async fn a_right_server_is_conformant() {
    let place = Place::with_scenarios();
    insta::assert_snapshot!(
        place
            .run(&format!("run mine/hello {MINE}"))
            .await
            .to_string()
    );
}

/// From any folder, without arguments, the whole suite inside the binary on the reference.
#[tokio::test]
async fn the_main_job_needs_nothing() {
    let place = Place::new();
    let said = place.run("run").await;
    assert_eq!(said.code(), 0, "{said}");
    assert!(
        said.stdout.ends_with("conformant (exit code 0)\n"),
        "{said}"
    );
    assert!(said.stderr.starts_with("reference: "), "{said}");
}

#[tokio::test]
async fn a_failure_is_told_in_full() {
    let place = Place::with_scenarios();
    insta::assert_snapshot!(
        place
            .run(&format!("run mine/wrong {MINE}"))
            .await
            .to_string()
    );
}

#[tokio::test]
async fn a_mutant_is_caught_and_the_server_without_a_bug_is_not() {
    let place = Place::with_scenarios();
    let said = place
        .run_all(&[
            &format!("run mine/hello --target mutant:no-ack-message {MINE}"),
            &format!("run mine/hello --target mutant:none {MINE}"),
        ])
        .await;
    insta::assert_snapshot!(said);
}

/// What it sends beyond that may or may not be seen before the case is over.
#[tokio::test]
async fn a_mutant_that_says_too_much_is_caught() {
    let place = Place::with_scenarios();
    let line = format!("run mine/hello --target mutant:echo-to-sender {MINE}");
    let said = place.run(&line).await;
    assert_eq!(said.code(), 1, "{said}");
    let lines = said.stdout.lines().map(str::trim);
    let found: Vec<_> = lines
        .filter(|line| {
            ["FAIL", "found:", "expected:", "actual:"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

#[tokio::test]
async fn a_mutant_is_caught_by_the_suite_itself() {
    let place = Place::new();
    let case = "chat/entering/acknowledged@websocket";
    let line = format!("run {case} --target mutant:ack-with-arguments --jobs 1 --seed 7");
    insta::assert_snapshot!(place.run(&line).await.to_string());
}

#[tokio::test]
async fn several_targets_make_a_matrix() {
    let place = Place::with_scenarios();
    let targets = "--target reference --target mutant:none --target mutant:no-ack-message";
    let line = format!("run mine {targets} {MINE}");
    insta::assert_snapshot!(place.run(&line).await.to_string());
}

#[tokio::test]
async fn the_command_that_a_failure_names_runs_it_again() {
    let place = Place::with_scenarios();
    let said = place.run(&format!("run mine {MINE}")).await;
    let again = said
        .stdout
        .lines()
        .find_map(|line| line.trim().strip_prefix("again:"))
        .expect("a command")
        .trim()
        .strip_prefix("chatspec ")
        .expect("ours")
        .to_owned();
    let again = place.run(&again).await;
    assert_eq!(again.code(), 1, "{again}");
    assert!(
        again
            .stdout
            .contains("FAIL mine/wrong@websocket on reference"),
        "{again}"
    );
    assert!(!again.stdout.contains("mine/hello"), "{again}");
}

/// One that may be broken, and one that should not.
const ADVISED: &str = "\
# Somebody who writes is told by whom it was read.
LEVEL   mine.answered
catches  no-ack-message
over     websocket
clients  ana
rooms    lobby

ana -> new_message \"hi\" lobby => (\"read by nobody\")
";

#[tokio::test]
async fn a_broken_should_fails_a_strict_run() {
    let place = Place::new()
        .with("cases/clauses.toml", CLAUSES)
        .with("cases/mine/may.chat", &ADVISED.replace("LEVEL ", "may   "))
        .with(
            "cases/mine/should.chat",
            &ADVISED.replace("LEVEL ", "should"),
        );
    let said = place
        .run_all(&[
            &format!("run mine {MINE}"),
            &format!("run mine/should {MINE} --strict"),
            &format!("run mine/may {MINE} --strict"),
        ])
        .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn cases_are_chosen_by_pattern_and_transport() {
    let place = Place::new().with("cases/clauses.toml", CLAUSES);
    let place = place
        .with(
            "cases/mine/a.chat",
            &HELLO.replace("over     websocket\n", ""),
        )
        .with(
            "cases/mine/b.chat",
            &HELLO.replace("over     websocket\n", ""),
        );
    let chosen = |line: String| {
        let place = &place;
        async move {
            let said = place.run(&line).await;
            assert_eq!(said.code(), 0, "{said}");
            said.stderr
        }
    };
    for (line, cases) in [
        ("mine", 6),
        ("mine/", 6),
        ("mine/a", 3),
        ("mine/a mine/b@polling", 4),
        ("mine/*@upgrade", 2),
        ("mine/{a,b}@*o*", 4),
        ("mine --over polling", 2),
        ("scenarios/mine/a.chat", 3),
    ] {
        let stderr = chosen(format!("run {line} --scenarios cases")).await;
        assert_eq!(stderr, format!("reference: {cases} passed\n"), "{line}");
    }
}

#[tokio::test]
async fn what_chooses_no_case_runs_nothing() {
    let place = Place::with_scenarios().with(
        "cases/mine/needy.chat",
        &HELLO.replace("over ", "needs    nodes 2\nover "),
    );
    let said = place
        .run_all(&[
            &format!("run mine/hello --over polling {MINE}"),
            &format!("run mine/needy {MINE}"),
        ])
        .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn what_the_target_has_no_transport_for_is_skipped() {
    let target = "name = \"ours\"\ntransports = [\"polling\"]\n\n[launch]\n\
                  command = '\"$CHATSPEC\" serve'\n";
    let everywhere = HELLO.replace("over     websocket\n", "");
    let place = Place::with_scenarios()
        .with("cases/mine/everywhere.chat", &everywhere)
        .with("target.toml", target);
    let said = place
        .run_all(&[
            &format!("run mine/hello mine/everywhere --target target.toml {MINE}"),
            &format!("run mine/hello --target target.toml {MINE}"),
        ])
        .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn what_cannot_be_judged_is_inconclusive() {
    let place = Place::with_scenarios();
    let said = place
        .run_all(&[
            &format!("run mine/hello --target http://127.0.0.1:1 {MINE}"),
            &format!("run mine/hello --target http://127.0.0.1:1 --target reference {MINE}"),
            &format!("run mine/wrong --target http://127.0.0.1:1 --target reference {MINE}"),
        ])
        .await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn a_command_that_does_not_become_a_server() {
    let place = Place::with_scenarios();
    let mut text = String::new();
    for (command, more) in [
        ("cmd:echo 'no config' >&2; exit 3", ""),
        (
            "cmd:echo 'listening on port 3000'; exec sleep 100",
            "--start-timeout 1",
        ),
    ] {
        let line = format!("run mine/hello {MINE} {more}");
        let args = line.split_whitespace().chain(["--target", command]);
        let said = said(&format!("{line} --target '{command}'"), place.command(args)).await;
        text += &format!("{said}\n");
    }
    insta::assert_snapshot!(text);
}

/// The reference as somebody else's command, with `ledger` in its target.toml.
fn with_ledger(ledger: &str) -> Place {
    let target = format!("name = \"ours\"\n[launch]\ncommand = '\"$CHATSPEC\" serve'\n{ledger}");
    Place::with_scenarios().with("target.toml", &target)
}

fn known(pattern: &str) -> String {
    format!("\n[[known-failure]]\npattern = \"{pattern}\"\nreason = \"acks say nothing here\"\n")
}

#[tokio::test]
async fn the_ledger_excuses_what_it_names_and_nothing_else() {
    let line = format!("run mine --target target.toml {MINE}");
    let excused = with_ledger(&known("mine/wrong")).run(&line).await;
    let missing = with_ledger("").run(&line).await;
    insta::assert_snapshot!(format!("{excused}\n{missing}"));
}

#[tokio::test]
async fn a_ledger_that_is_out_of_date_fails_the_run() {
    let line = format!("run mine/hello --target target.toml {MINE}");
    let passes = with_ledger(&known("mine/hello@*")).run(&line).await;
    let nothing = with_ledger(&known("mine/goodbye")).run(&line).await;
    let expired = format!("{}expires = \"2020-01-01\"\n", known("mine/wrong"));
    let expired = with_ledger(&expired)
        .run(&line.replace("hello", "wrong"))
        .await;
    for said in [&passes, &nothing, &expired] {
        assert_eq!(said.code(), 1, "{said}");
    }
    insta::assert_snapshot!(format!("{passes}\n{nothing}\n{expired}"));
}

/// A retry tells how often, and never whether.
#[tokio::test]
async fn what_is_broken_is_run_again_and_stays_broken() {
    let place = Place::with_scenarios();
    let line = format!("run mine --retries 2 --json report.json {MINE}");
    let said = place.run(&line).await;
    assert_eq!(said.code(), 1, "{said}");
    insta::assert_snapshot!(said.to_string());
    let report: serde_json::Value = serde_json::from_str(&place.read("report.json")).unwrap();
    let rates: Vec<_> = report["targets"][0]["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| (case["case"].clone(), case["rate"].clone()))
        .filter(|(_, rate)| !rate.is_null())
        .collect();
    let expected = serde_json::json!({"broken": 3, "runs": 3});
    assert!(!rates.is_empty());
    assert!(rates.iter().all(|(_, rate)| *rate == expected), "{rates:?}");
}

#[tokio::test]
async fn a_target_may_be_a_folder_and_the_current_one() {
    let place = with_ledger(&known("mine/wrong"));
    for target in [".", "./target.toml", "./"] {
        let said = place
            .run(&format!("run mine --target {target} {MINE}"))
            .await;
        assert_eq!(said.code(), 0, "{said}");
    }
}

#[tokio::test]
async fn a_file_is_a_pattern() {
    let place = Place::new()
        .with("hello.chat", &HELLO.replace("mine.answered", "seed.relay"))
        .with(
            "deep/[odd] name.chat",
            &WRONG.replace("mine.answered", "seed.relay"),
        );
    let line = "run hello.chat --jobs 1 --seed 7";
    let first = place.run(line).await;
    let args = ["run", "deep/[odd] name.chat", "--seed", "7"];
    let second = said("run 'deep/[odd] name.chat' --seed 7", place.command(args)).await;
    insta::assert_snapshot!(format!("{first}\n{second}"));

    // As the report names it.
    let args = ["run", "deep/[odd] name@websocket", "--seed", "7"];
    let again = said("", place.command(args)).await;
    assert_eq!(again.code(), 1, "{again}");
}

#[tokio::test]
async fn a_folder_replaces_the_suites_own_scenarios() {
    let place = Place::with_scenarios().with(
        "cases/chat/acks/in-order.chat",
        &WRONG
            .replace("rooms    lobby", "rooms    salon")
            .replace("lobby", "salon"),
    );
    let said = place.run(&format!("run chat/acks/in-order {MINE}")).await;
    assert_eq!(said.code(), 1, "{said}");
    assert!(said.stdout.contains("salon"), "{said}");
}
