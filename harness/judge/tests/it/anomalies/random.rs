//! A right server is never accused, whatever the order of things; and each bug is found by its name.

use chatspec_judge::anomalies::{AnomalyKind, Guarantee, examine};
use chatspec_judge::expand::{NEW_MESSAGE, WELCOME};
use chatspec_judge::history::{Event, Item, Kind, Leg, Outgoing};
use chatspec_judge::ids::{ActorId, Seq};
use chatspec_wire::data::Data;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::FileFailurePersistence;

use super::server::{Dice, Mood, World, live};

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "proptest-regressions/anomalies.txt",
        ))),
        cases: 512,
        ..ProptestConfig::default()
    }
}

fn dice(length: usize) -> impl Strategy<Value = Dice> {
    proptest::collection::vec(any::<u8>(), 0..length).prop_map(Dice::new)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_right_server_is_never_accused(is_wild in any::<bool>(), dice in dice(2_000)) {
        let mood = if is_wild { Mood::Wild } else { Mood::Calm };
        let found = live(mood, dice).story.examined();
        prop_assert_eq!(&found.anomalies, &[]);
        prop_assert_ne!(found.guarantee, Some(Guarantee::None));
    }

    /// What is cut off anywhere proves less, and never accuses.
    #[test]
    fn nor_when_the_history_ends_early(dice in dice(1_000), end in any::<Index>()) {
        let mut story = live(Mood::Wild, dice).story;
        let events = &mut story.history.events;
        events.truncate(end.index(events.len() + 1));
        prop_assert_eq!(story.examined().anomalies, []);
    }

    #[test]
    fn each_bug_is_found(dice in dice(1_000), which in any::<Index>()) {
        let world = live(Mood::Calm, dice);
        for (kind, bug) in BUGS {
            if let Some(events) = bug(&world, which) {
                let mut history = world.story.history.clone();
                history.events = events;
                for (seq, event) in (0..).zip(&mut history.events) {
                    event.seq = Seq(seq);
                }
                let found = examine(&world.story.plan, &history).anomalies;
                prop_assert!(found.iter().any(|found| found.kind == *kind), "{kind} in {found:?}");
            }
        }
    }
}

/// A history with one bug; none where there is nothing that it could happen to.
type Bug = fn(&World, Index) -> Option<Vec<Event>>;

const BUGS: &[(AnomalyKind, Bug)] = &[
    (AnomalyKind::Lost, |world, which| {
        without(world, which, NEW_MESSAGE)
    }),
    (AnomalyKind::Duplicated, |world, which| {
        again(world, which, NEW_MESSAGE)
    }),
    (AnomalyKind::Phantom, |world, _| {
        added(world, 0, NEW_MESSAGE, "Eve: boo")
    }),
    (AnomalyKind::Altered, |world, which| {
        reworded(world, which, NEW_MESSAGE, str::to_uppercase)
    }),
    (AnomalyKind::WrongAuthor, |world, which| {
        reworded(world, which, NEW_MESSAGE, |text| {
            format!("Eve{}", &text[3..])
        })
    }),
    (AnomalyKind::Misdirected, |world, which| {
        // Dan never enters the kitchen.
        let kitchen = world.story.room("kitchen");
        let text = written(world, which, |by, room| by != ActorId(3) && room == kitchen)?;
        added(world, 3, NEW_MESSAGE, &text)
    }),
    (AnomalyKind::Echoed, |world, which| {
        let text = written(world, which, |by, _| by == ActorId(0))?;
        added(world, 0, NEW_MESSAGE, &text)
    }),
    (AnomalyKind::Misordered, overtaken),
    (AnomalyKind::Late, |world, which| {
        let mut events = world.story.history.events.clone();
        let late = events.remove(find(world, which, |kind| is_event(kind, NEW_MESSAGE))?);
        events.push(late);
        Some(events)
    }),
    (AnomalyKind::AckedTwice, |world, which| {
        let mut events = world.story.history.events.clone();
        events.push(events[find(world, which, is_ack)?].clone());
        Some(events)
    }),
    (AnomalyKind::NeverAcked, |world, which| {
        let mut events = world.story.history.events.clone();
        events.remove(find(world, which, is_ack)?);
        Some(events)
    }),
    (AnomalyKind::UnknownAck, |world, which| {
        ack_with(world, which, |id, _| *id += 10_000)
    }),
    (AnomalyKind::AlteredAck, |world, which| {
        ack_with(world, which, |_, args| args.push(Data::Null))
    }),
    (AnomalyKind::WelcomeLost, |world, which| {
        without(world, which, WELCOME)
    }),
    (AnomalyKind::WelcomeDuplicated, |world, which| {
        again(world, which, WELCOME)
    }),
    (AnomalyKind::WelcomeToSelf, |world, _| {
        added(world, 3, WELCOME, "Dan")
    }),
    (AnomalyKind::WrongNickname, |world, which| {
        reworded(world, which, WELCOME, |_| "Eve".into())
    }),
    (AnomalyKind::WelcomePhantom, |world, _| {
        added(world, 0, WELCOME, "Eve")
    }),
];

fn is_event(kind: &Kind, name: &str) -> bool {
    matches!(kind, Kind::Arrived { item: Item::Event { event, .. }, .. } if event == name)
}

fn is_ack(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Arrived {
            item: Item::Ack { .. },
            ..
        }
    )
}

fn find(world: &World, which: Index, is: impl Fn(&Kind) -> bool) -> Option<usize> {
    let events = world.story.history.events.iter().enumerate();
    let found: Vec<usize> = events
        .filter_map(|(place, event)| is(&event.kind).then_some(place))
        .collect();
    (!found.is_empty()).then(|| *which.get(&found))
}

fn without(world: &World, which: Index, event: &str) -> Option<Vec<Event>> {
    let mut events = world.story.history.events.clone();
    events.remove(find(world, which, |kind| is_event(kind, event))?);
    Some(events)
}

fn again(world: &World, which: Index, event: &str) -> Option<Vec<Event>> {
    let mut events = world.story.history.events.clone();
    let place = find(world, which, |kind| is_event(kind, event))?;
    events.push(events[place].clone());
    Some(events)
}

/// Something arrives at the end.
fn added(world: &World, who: u32, event: &str, text: &str) -> Option<Vec<Event>> {
    let mut events = world.story.history.events.clone();
    let last = events.last()?.clone();
    let item = Item::Event {
        event: event.to_owned(),
        args: vec![Data::from(text)],
        ack: None,
    };
    let leg = world.story.leg(who);
    let kind = Kind::Arrived { leg, item };
    events.push(Event { kind, ..last });
    Some(events)
}

fn reworded(world: &World, which: Index, name: &str, to: fn(&str) -> String) -> Option<Vec<Event>> {
    let mut events = world.story.history.events.clone();
    let place = find(world, which, |kind| is_event(kind, name))?;
    if let Kind::Arrived {
        item: Item::Event { args, .. },
        ..
    } = &mut events[place].kind
        && let [Data::Text(text)] = args.as_mut_slice()
    {
        *text = to(text);
    }
    Some(events)
}

fn ack_with(
    world: &World,
    which: Index,
    change: fn(&mut u64, &mut Vec<Data>),
) -> Option<Vec<Event>> {
    let mut events = world.story.history.events.clone();
    let place = find(world, which, is_ack)?;
    if let Kind::Arrived {
        item: Item::Ack { id, args },
        ..
    } = &mut events[place].kind
    {
        change(id, args);
    }
    Some(events)
}

/// What others hear of some message of the kind.
fn written(world: &World, which: Index, is: impl Fn(ActorId, &str) -> bool) -> Option<String> {
    let sent = |kind: &Kind| match kind {
        Kind::Sent {
            leg,
            what: Outgoing::Event { event, args, .. },
            ..
        } if event == NEW_MESSAGE => {
            let [Data::Text(text), Data::Text(room)] = args.as_slice() else {
                return None;
            };
            let name = ["Ana", "Ben", "Cyn", "Dan"][leg.actor.0 as usize];
            is(leg.actor, room).then(|| format!("{name}: {text}"))
        }
        _ => None,
    };
    let place = find(world, which, |kind| sent(kind).is_some())?;
    sent(&world.story.history.events[place].kind)
}

/// One message moves behind another of the same sender, in somebody's inbox.
fn overtaken(world: &World, which: Index) -> Option<Vec<Event>> {
    let mut events = world.story.history.events.clone();
    let heard = |kind: &Kind| -> Option<(Leg, String)> {
        match kind {
            Kind::Arrived {
                leg,
                item: Item::Event { event, args, .. },
            } if event == NEW_MESSAGE => {
                let author = args.first()?.as_text()?.split(':').next()?;
                Some((*leg, author.to_owned()))
            }
            _ => None,
        }
    };
    let one = find(world, which, |kind| heard(kind).is_some())?;
    let whose = heard(&events[one].kind);
    let other = (one + 1..events.len()).find(|place| heard(&events[*place].kind) == whose)?;
    let earlier = events.remove(one);
    events.insert(other, earlier);
    Some(events)
}
