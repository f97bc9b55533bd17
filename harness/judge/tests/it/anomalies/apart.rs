//! What is an anomaly on one node, and on two is a message that takes its time to the other.

use chatspec_judge::anomalies::{AnomalyKind as Is, Guarantee};

use super::story::{ANA, BEN, CYN, Story};

const DAN: u32 = 3;

/// What the checkers find in a story: where all share a node, and where Ben and Dan are on another.
fn kinds(tell: fn(&mut Story)) -> [Vec<Is>; 2] {
    [1, 2].map(|nodes| {
        let mut story = Story::in_lobby_on(nodes);
        tell(&mut story);
        story.kinds()
    })
}

/// Ana says it, and is acked.
fn says(story: &mut Story, text: &str) {
    let id = story.writes(ANA, text, "lobby");
    story.ack(ANA, id);
}

#[test]
fn an_ack_says_nothing_of_the_other_node() {
    let late = kinds(|story| {
        says(story, "hi");
        story.hears(CYN, "Ana: hi");
        story.fence(BEN);
        story.hears(BEN, "Ana: hi");
    });
    assert_eq!(late, [vec![Is::Late], vec![]]);

    let early = kinds(|story| {
        says(story, "hi");
        story.hear_all(&[BEN, CYN], "Ana: hi");
        story.enter(DAN, "Dan", "lobby");
        story.hears(DAN, "Ana: hi");
        story.welcome_all(&[ANA, BEN, CYN], "Dan");
    });
    assert_eq!(early, [vec![Is::Early], vec![]]);

    let overtaken = kinds(|story| {
        says(story, "1");
        story.hears(CYN, "Ana: 1");
        let id = story.writes(CYN, "2", "lobby");
        story.hears(BEN, "Cyn: 2");
        story.hears(ANA, "Cyn: 2");
        story.ack(CYN, id);
        story.hears(BEN, "Ana: 1");
    });
    assert_eq!(overtaken, [vec![Is::CausallyMisordered], vec![]]);
}

#[test]
fn an_ack_says_as_much_as_ever_of_its_own_node() {
    let late = kinds(|story| {
        says(story, "hi");
        story.hears(BEN, "Ana: hi");
        story.fence(CYN);
        story.hears(CYN, "Ana: hi");
    });
    assert_eq!(late, [vec![Is::Late], vec![Is::Late]]);
}

#[test]
fn an_order_across_nodes_is_measured_and_accuses_nobody() {
    let tell = |story: &mut Story| {
        says(story, "1");
        says(story, "2");
        story.hears_each(CYN, &["Ana: 1", "Ana: 2"]);
        story.hears_each(BEN, &["Ana: 2", "Ana: 1"]);
    };
    assert_eq!(kinds(tell), [vec![Is::Misordered], vec![]]);
    let mut story = Story::in_lobby_on(2);
    tell(&mut story);
    assert_eq!(story.examined().guarantee, Some(Guarantee::None));
}

#[test]
fn on_any_number_of_nodes_a_message_comes_once_and_to_members() {
    for (tell, kind) in [
        (
            (|story| {
                says(story, "hi");
                story.hear_all(&[BEN, CYN], "Ana: hi");
                story.hears(BEN, "Ana: hi");
            }) as fn(&mut Story),
            Is::Duplicated,
        ),
        (
            |story| {
                says(story, "hi");
                story.hear_all(&[BEN, CYN, DAN], "Ana: hi");
            },
            Is::Misdirected,
        ),
        (
            |story| {
                says(story, "hi");
                story.hear_all(&[BEN, CYN, ANA], "Ana: hi");
            },
            Is::Echoed,
        ),
        (
            |story| {
                says(story, "hi");
                story.hears(CYN, "Ana: hi");
                story.quiet(&[ANA, BEN, CYN]);
            },
            Is::Lost,
        ),
    ] {
        assert_eq!(kinds(tell), [vec![kind], vec![kind]]);
    }
}
