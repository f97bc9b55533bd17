//! `chatspec explore`: chats that nobody wrote.

use crate::support::Place;

#[tokio::test]
async fn what_is_found_is_told_written_and_can_be_run() {
    let place = Place::new();
    let target = "--target mutant:ack-with-arguments";
    let said = place
        .run(&format!("explore {target} --seed 7 --over websocket"))
        .await;
    insta::assert_snapshot!(said.to_string());
    let again = place.run(&format!("run explored-7.chat {target}")).await;
    assert_eq!(again.code(), 1, "{again}");
    let right = place.run("run explored-7.chat --target mutant:none").await;
    assert_eq!(right.code(), 0, "{right}");
    let canonical = place.run("fmt --check explored-7.chat").await;
    assert_eq!(canonical.code(), 0, "{canonical}");
}

#[tokio::test]
async fn a_right_server_is_not_accused() {
    let place = Place::new();
    for target in ["mutant:none", "reference"] {
        let line = format!("explore --target {target} --seed 7 --cases 60 --time 40");
        insta::assert_snapshot!(
            format!("nothing-found-{}", target.replace(':', "-")),
            place.run(&line).await.to_string()
        );
    }
}

/// Bugs of delivery, of membership and of acks, each with as little left as shows it.
#[tokio::test]
async fn bugs_are_found_without_a_scenario() {
    let place = Place::new();
    for (mutant, most) in [
        ("relay-twice", (2, 3)),
        ("leaves-old-room", (2, 4)),
        ("no-ack-enter", (1, 1)),
    ] {
        let line = format!("explore --target mutant:{mutant} --seed 7 --output {mutant}.chat");
        let said = place.run(&line).await;
        assert_eq!(said.code(), 1, "{said}");
        let written = place.read(&format!("{mutant}.chat"));
        let (head, steps) = written.split_once("\n\n").expect("a head and steps");
        let clients = head.lines().find(|line| line.starts_with("clients"));
        let clients = clients.expect("clients").split_whitespace().count() - 1;
        let steps = steps
            .lines()
            .filter(|line| line.contains(['>', ' ']))
            .count();
        assert!(clients <= most.0 && steps <= most.1, "{written}");
    }
}

#[tokio::test]
async fn a_target_that_is_not_there_is_inconclusive() {
    let place = Place::new();
    let line = "explore --target http://127.0.0.1:9 --seed 7";
    insta::assert_snapshot!(place.run(line).await.to_string());
}
