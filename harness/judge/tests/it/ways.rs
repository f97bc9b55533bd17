//! What a scenario relies on, and what is left of it on a chat that has not all of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use chatspec_judge::expand::expand;
use chatspec_judge::plan::{OpKind, Plan, Source, Stage, Wanted};
use chatspec_judge::ways::{Ability, Ways};

fn plan(body: &str) -> Plan {
    let text = format!("# A reason.\nmust     a.clause\ncatches  a-mutant\n{body}");
    let scenario = chatspec_notation::parse("a.chat", &text).unwrap();
    let source = Source {
        file: "a.chat".to_owned(),
        text,
        scenario,
    };
    expand(Arc::new(source), "a@websocket".parse().unwrap(), 1, 0)
}

/// A chat that lacks all there is, with these requests unanswered.
fn poorest(unanswered: &[&str]) -> Ways {
    Ways {
        lacks: Ability::ALL.into(),
        unanswered: unanswered.iter().map(|&name| name.to_owned()).collect(),
        answered_otherwise: BTreeSet::new(),
    }
}

const BOTH: &str = "clients  ana ben\nrooms    lobby\nin       lobby: ana ben\n\n";

#[test]
fn what_a_scenario_relies_on_is_read_from_it() {
    let scenarios = [
        ("plain chat", format!("{BOTH}ana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\n")),
        ("a stranger listens", "clients  ana ben eve\nrooms    lobby\nin       lobby: ana ben\n\nana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\neve <- nothing\n".to_owned()),
        ("comes back before it speaks", format!("{BOTH}ben disconnects\nben connects\nben -> enter_room \"Ben\" lobby => ()\nana <- welcome \"Ben\"\nana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\n")),
        ("comes back and nobody knows that it was gone", format!("{BOTH}ben vanishes\nben connects\nben -> enter_room \"Ben\" lobby => ()\nana <- welcome \"Ben\"\nana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\n")),
        ("comes back and stays outside", format!("{BOTH}ben disconnects\nben connects\nana -> new_message \"hi\" lobby => ()\nben <- nothing\nana -> new_message \"ho\" lobby => ()\n")),
        ("is there before it enters", "clients  ana ben\nrooms    lobby\nin       lobby: ana\n\nben connects\nana -> new_message \"hi\" lobby => ()\nben -> enter_room \"Ben\" lobby => ()\nana <- welcome \"Ben\"\nana -> new_message \"ho\" lobby => ()\nben <- new_message \"Ana: ho\"\n".to_owned()),
        ("two rooms, a client each", "clients  ana ben\nrooms    lobby kitchen\nin       lobby: ana\nin       kitchen: ben\n\nana -> new_message \"hi\" lobby => ()\nben <- nothing\n".to_owned()),
        ("two rooms for one", "clients  ana ben\nrooms    lobby kitchen\nin       lobby: ana ben\nin       kitchen: ana ben\n\nana -> new_message \"hi\" kitchen => ()\nben <- new_message \"Ana: hi\"\n".to_owned()),
        ("from outside", "clients  ana ben eve\nrooms    lobby kitchen\nin       lobby: ana ben\nin       kitchen: eve\n\neve -> new_message \"hi\" lobby => ()\nana <- new_message \"Eve: hi\"\nben <- new_message \"Eve: hi\"\n".to_owned()),
        ("enters again", format!("{BOTH}ben -> enter_room \"Ben\" lobby => ()\nana <- welcome \"Ben\"\nana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\n")),
        ("takes another name", format!("{BOTH}ben -> enter_room \"Benjamin\" lobby => ()\nana <- welcome \"Benjamin\"\nben -> new_message \"hi\" lobby => ()\nana <- new_message \"Benjamin: hi\"\n")),
        ("namesakes", "clients  ana ben\nrooms    lobby\n\nana -> enter_room \"Sam\" lobby => ()\nana <- nothing\nben -> enter_room \"Sam\" lobby => ()\nana <- welcome \"Sam\"\nben -> new_message \"hi\" lobby => ()\nana <- new_message \"Sam: hi\"\n".to_owned()),
        ("a strange name", "clients  ana ben\nrooms    lobby\nin       lobby: ana\n\nben -> enter_room \" :\" lobby => ()\nana <- welcome \" :\"\nben -> new_message \"hi\" lobby => ()\nana <- new_message \" :: hi\"\n".to_owned()),
        ("a room of its own name", "clients  ana ben\n\nana -> enter_room \"Ana\" \"tea\" => ()\nana -> new_message \"hi\" \"tea\" => ()\nana <- nothing\n".to_owned()),
        ("a room in capitals", "clients  ana ben\nrooms    lobby Lobby\nin       lobby: ana\nin       Lobby: ben\n\nana -> new_message \"hi\" lobby => ()\nben <- nothing\n".to_owned()),
        ("no text", format!("{BOTH}ana -> new_message 42 lobby => ()\nben <- new_message _\n")),
        ("the same words", format!("{BOTH}ana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\nben -> new_message \"hi\" lobby => ()\nana <- new_message \"Ben: hi\"\n")),
        ("relayed before the ack", format!("{BOTH}ana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\" already\n")),
        ("answered before the ack", "clients  ana ben\nrooms    lobby\nin       lobby: ana\n\nben -> enter_room \"Ben\" lobby as entering\nana <- welcome \"Ben\"\nana -> new_message \"hi\" lobby => ()\nben <- ack entering ()\nben <- new_message \"Ana: hi\"\n".to_owned()),
        ("acks alone", format!("{BOTH}ana -> new_message \"hi\" lobby as one\nana <- ack one ()\n")),
        ("welcomes alone", "clients  ana ben\nrooms    lobby\nin       lobby: ana\n\nben -> enter_room \"Ben\" lobby => ()\nana <- welcome \"Ben\"\n".to_owned()),
        ("raw packets", "clients  ana\n\nana connects\nana >> \"40\"\nana << \"40{...}\"\n".to_owned()),
        ("garbage", format!("{BOTH}ana >> \"4zzz\"\nana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\n")),
        ("a payload of its own", "clients  ana\nrooms    lobby\n\nana connects auth {\"token\": 1}\nana -> enter_room \"Ana\" lobby => ()\nana <- nothing\n".to_owned()),
    ];
    let mut said = String::new();
    for (what, body) in scenarios {
        let missing = poorest(&["enter_room", "new_message"]).missing(&plan(&body));
        let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
        writeln!(said, "{what}: {}", names.join(", ")).unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn the_seed_lacks_nothing() {
    let body = format!("{BOTH}ana -> new_message 42 lobby => ()\nben <- new_message _ already\n");
    assert!(Ways::default().missing(&plan(&body)).is_empty());
    let body = format!(
        "{BOTH}ana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\" already\n"
    );
    // What another request lacks is nothing to this one.
    let ways = poorest(&["leave_room"]);
    assert!(ways.missing(&plan(&body)).is_empty());
    assert_eq!(
        poorest(&["new_message"]).missing(&plan(&body)),
        [Ability::Acks].into()
    );
}

#[test]
fn without_acks_silence_is_proven_in_their_place() {
    let body = format!(
        "{BOTH}ana -> new_message \"one\" lobby => ()\nana -> new_message \"two\" lobby as two\nin any order {{\n    ana <- ack two ()\n    ben <- new_message \"Ana: one\"\n}}\nben <- new_message \"Ana: two\"\n"
    );
    let whole = plan(&body);
    let acks = |plan: &Plan| {
        let receives = plan.stages.iter().flat_map(Stage::ops);
        let acks = receives.filter(|op| {
            matches!(
                &plan.op(*op).kind,
                OpKind::Receive {
                    wanted: Wanted::Ack { .. },
                    ..
                }
            )
        });
        acks.count()
    };
    let silences = |plan: &Plan| {
        let ops = plan.stages.iter().flat_map(Stage::ops);
        ops.filter(|op| matches!(plan.op(*op).kind, OpKind::Silence { .. }))
            .count()
    };
    assert_eq!(acks(&whole), 4);
    let ways = Ways {
        unanswered: ["new_message".to_owned()].into(),
        ..Ways::default()
    };
    let left = plan(&body).in_ways(&ways);
    // Those of entering stay; the one that was awaited became a silence, and the named one is gone.
    assert_eq!(acks(&left), 2);
    assert_eq!(silences(&left), silences(&whole) + 1);
    let asks = left.ops.iter().filter_map(|op| match &op.kind {
        OpKind::Emit { event, ack, .. } => Some((event.as_str(), *ack)),
        _ => None,
    });
    assert!(
        asks.into_iter()
            .all(|(event, ack)| ack == (event == "enter_room"))
    );
}

#[test]
fn without_welcomes_nobody_waits_for_one() {
    let ways = Ways {
        lacks: [Ability::Welcome].into(),
        ..Ways::default()
    };
    let body =
        format!("{BOTH}ana -> new_message \"hi\" lobby => ()\nben <- new_message \"Ana: hi\"\n");
    let waits = |plan: &Plan| {
        let ops = plan.stages.iter().flat_map(Stage::ops);
        ops.filter(|op| {
            matches!(&plan.op(*op).kind, OpKind::Receive { wanted: Wanted::Event { event, .. }, .. } if event == "welcome")
        })
        .count()
    };
    assert_eq!(waits(&plan(&body)), 1);
    assert_eq!(waits(&plan(&body).in_ways(&ways)), 0);
}

#[test]
fn a_word_that_names_no_ability_is_told_what_does() {
    let said = |word: &str| word.parse::<Ability>().unwrap_err().to_string();
    insta::assert_snapshot!(format!("{}\n{}", said("room"), said("coffee")));
    for ability in Ability::ALL {
        assert_eq!(ability.name().parse(), Ok(ability));
    }
}
