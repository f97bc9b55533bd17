//! One history for each anomaly, and a right one close to it.

use std::fmt::Write as _;

use chatspec_judge::anomalies::{AnomalyKind, Guarantee, violation};
use chatspec_judge::expand::{ENTER_ROOM, NEW_MESSAGE};
use chatspec_judge::history::{Item, Kind, Outgoing};
use chatspec_judge::ids::OpId;
use chatspec_judge::verdict::Rule;
use chatspec_wire::data::Data;

use super::story::{ANA, BEN, CYN, Story};

const DAN: u32 = 3;
const ALL: [u32; 4] = [ANA, BEN, CYN, DAN];

type Tale = fn(&mut Story);

/// What is wrong, how it comes about, and what comes near it and is right. All begin with Ana, Ben
/// and Cyn in the lobby, and end in a proof of absence.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn tales() -> Vec<(AnomalyKind, Tale, Tale)> {
    use AnomalyKind as Is;
    vec![
        (
            Is::Lost,
            |story| say(story, &[BEN]),
            |story| {
                // Cyn left before the relay was done.
                let id = story.writes(ANA, "hi", "lobby");
                story.leave(CYN);
                story.hears(BEN, "Ana: hi");
                story.ack(ANA, id);
            },
        ),
        (
            Is::Duplicated,
            |story| say(story, &[BEN, CYN, CYN]),
            |story| {
                say(story, &[BEN, CYN]);
                say(story, &[BEN, CYN]);
            },
        ),
        (
            Is::Phantom,
            |story| story.hears(BEN, "Ana: boo"),
            |story| {
                // A client without a name may be called anything.
                let id = story.writes(DAN, "boo", "lobby");
                story.hears(BEN, "undefined: boo");
                story.hears(CYN, "undefined: boo");
                story.ack(DAN, id);
            },
        ),
        (
            Is::Altered,
            |story| {
                let id = story.writes(ANA, "hi", "lobby");
                story.hears(BEN, "Ana: HI");
                story.hears(CYN, "Ana: hi");
                story.ack(ANA, id);
            },
            |story| say(story, &[BEN, CYN]),
        ),
        (
            Is::Misdirected,
            |story| say(story, &[BEN, CYN, DAN]),
            |story| {
                // Dan is on the way in: it may hear this, or not.
                let entering = story.asks(DAN, "Dan", "lobby");
                say(story, &[BEN, CYN, DAN]);
                story.ack(DAN, entering);
                story.welcome_all(&ALL[..3], "Dan");
            },
        ),
        (
            Is::Echoed,
            |story| say(story, &[BEN, CYN, ANA]),
            |story| {
                // Another connection of the same client is somebody else.
                story.connect(DAN);
                say(story, &[BEN, CYN]);
            },
        ),
        (
            Is::Misordered,
            |story| two(story, ANA, &["Ana: 2", "Ana: 1"]),
            |story| two(story, BEN, &["Ben: 2", "Ana: 1"]),
        ),
        (
            Is::CausallyMisordered,
            |story| answered(story, ["Ben: 2", "Ana: 1"], true),
            |story| answered(story, ["Ben: 2", "Ana: 1"], false),
        ),
        (
            Is::Late,
            |story| {
                let id = story.writes(ANA, "hi", "lobby");
                story.hears(BEN, "Ana: hi");
                story.ack(ANA, id);
                story.fence(CYN);
                story.hears(CYN, "Ana: hi");
            },
            |story| {
                let id = story.writes(ANA, "hi", "lobby");
                story.hears(BEN, "Ana: hi");
                // This fence began before the ack, and the relay may come behind it.
                story.fence(CYN);
                story.ack(ANA, id);
                story.hears(CYN, "Ana: hi");
            },
        ),
        (
            Is::Early,
            |story| {
                say(story, &[BEN, CYN]);
                story.enter(DAN, "Dan", "lobby");
                story.hears(DAN, "Ana: hi");
                story.welcome_all(&ALL[..3], "Dan");
            },
            |story| {
                let entering = story.asks(DAN, "Dan", "lobby");
                let id = story.writes(ANA, "hi", "lobby");
                story.hear_all(&[BEN, CYN, DAN], "Ana: hi");
                story.ack(ANA, id);
                story.ack(DAN, entering);
                story.welcome_all(&ALL[..3], "Dan");
            },
        ),
        (
            Is::WrongAuthor,
            |story| {
                let id = story.writes(ANA, "hi", "lobby");
                story.hears(BEN, "Ana: hi");
                story.hears(CYN, "Ben: hi");
                story.ack(ANA, id);
            },
            |story| {
                // The name changes with the next entering.
                story.enter(ANA, "Anna", "kitchen");
                let id = story.writes(ANA, "hi", "lobby");
                story.hear_all(&[BEN, CYN], "Anna: hi");
                story.ack(ANA, id);
            },
        ),
        (
            Is::AckedTwice,
            |story| {
                let id = story.writes(ANA, "hi", "kitchen");
                story.ack(ANA, id);
                story.ack(ANA, id);
            },
            |story| {
                let ids = [1, 2].map(|_| story.writes(ANA, "hi", "kitchen"));
                for id in ids {
                    story.ack(ANA, id);
                }
            },
        ),
        (
            Is::AcksMisordered,
            |story| {
                let ids = [1, 2].map(|_| story.writes(ANA, "hi", "kitchen"));
                story.ack(ANA, ids[1]);
                story.ack(ANA, ids[0]);
            },
            |story| {
                // The contract orders the acks of messages, and no others.
                let entering = story.asks(ANA, "Ana", "kitchen");
                let id = story.writes(ANA, "hi", "kitchen");
                story.ack(ANA, id);
                story.ack(ANA, entering);
            },
        ),
        (
            Is::AckedLate,
            |story| {
                let entering = story.asks(DAN, "Dan", "lobby");
                story.welcome_all(&ALL[..3], "Dan");
                let id = story.writes(ANA, "hi, Dan", "lobby");
                story.hear_all(&[BEN, CYN, DAN], "Ana: hi, Dan");
                story.ack(ANA, id);
                story.ack(DAN, entering);
            },
            |story| {
                // Ana had not heard of Dan.
                let entering = story.asks(DAN, "Dan", "lobby");
                story.welcome_all(&[BEN, CYN], "Dan");
                let id = story.writes(ANA, "hi, all", "lobby");
                story.hear_all(&[BEN, CYN, DAN], "Ana: hi, all");
                story.ack(ANA, id);
                story.ack(DAN, entering);
                story.welcome(ANA, "Dan");
            },
        ),
        (
            Is::NeverAcked,
            |story| {
                story.writes(ANA, "hi", "kitchen");
            },
            |story| {
                // Whoever left has no ack to expect.
                story.writes(DAN, "hi", "kitchen");
                story.leave(DAN);
                story.connect(DAN);
            },
        ),
        (
            Is::UnknownAck,
            |story| story.ack(ANA, 99),
            |story| {
                let id = story.fresh();
                let packet = format!("42{id}[\"ping\"]");
                let leg = story.leg(ANA);
                let what = Outgoing::Raw { text: packet };
                story.record(Kind::Sent {
                    leg,
                    op: OpId(0),
                    what,
                });
                story.ack(ANA, id);
            },
        ),
        (
            Is::AlteredAck,
            |story| {
                let id = story.writes(ANA, "hi", "kitchen");
                let args = vec![Data::Null];
                story.arrives(ANA, Item::Ack { id, args });
            },
            |story| {
                // What the contract does not know may be acked with anything.
                let id = story.sends(ANA, "list_rooms", &[]);
                let args = vec![Data::Null];
                story.arrives(ANA, Item::Ack { id, args });
            },
        ),
        (
            Is::WelcomeLost,
            |story| newcomer(story, &[ANA, BEN]),
            |story| {
                // Nobody flushed for Dan, who left: the welcome may never have been sent.
                story.enter(DAN, "Dan", "lobby");
                story.leave(DAN);
                story.connect(DAN);
            },
        ),
        (
            Is::WelcomeDuplicated,
            |story| newcomer(story, &[ANA, BEN, CYN, CYN]),
            |story| {
                newcomer(story, &[ANA, BEN, CYN]);
                newcomer(story, &[ANA, BEN, CYN]);
            },
        ),
        (
            Is::WelcomeToSelf,
            |story| newcomer(story, &[ANA, BEN, CYN, DAN]),
            |story| newcomer(story, &[ANA, BEN, CYN]),
        ),
        (
            Is::WelcomeMisdirected,
            |story| {
                story.enter(ANA, "Anna", "kitchen");
                story.welcome(BEN, "Anna");
            },
            |story| {
                story.enter(ANA, "Ana", "kitchen");
                story.enter(BEN, "Ben", "kitchen");
                story.welcome(ANA, "Ben");
            },
        ),
        (
            Is::WelcomeEarly,
            |story| {
                story.quiet(&[CYN]);
                story.enter(DAN, "Dan", "lobby");
                story.welcome(DAN, "Cyn");
                story.welcome_all(&ALL[..3], "Dan");
            },
            |story| {
                // The welcome comes after the ack, and Cyn has not flushed yet.
                story.enter(DAN, "Dan", "lobby");
                story.welcome(DAN, "Cyn");
                story.welcome_all(&ALL[..3], "Dan");
            },
        ),
        (
            Is::WrongNickname,
            |story| {
                story.enter(DAN, "Dan", "lobby");
                story.welcome(ANA, "Dan");
                story.welcome(BEN, "Dan");
                story.welcome(CYN, "Don");
            },
            |story| newcomer(story, &[ANA, BEN, CYN]),
        ),
        (
            Is::WelcomePhantom,
            |story| story.welcome(ANA, "Eve"),
            |story| {
                // Where something is not plain chat, anything may come of it.
                story.sends(DAN, "enter_silently", &["Eve"]);
                story.welcome(ANA, "Eve");
            },
        ),
    ]
}

/// Ana says "hi" in the lobby, and it is heard by `heard`.
fn say(story: &mut Story, heard: &[u32]) {
    let id = story.writes(ANA, "hi", "lobby");
    story.hear_all(heard, "Ana: hi");
    story.ack(ANA, id);
}

/// Dan enters the lobby and is welcomed by `welcomed`.
fn newcomer(story: &mut Story, welcomed: &[u32]) {
    story.enter(DAN, "Dan", "lobby");
    story.welcome_all(welcomed, "Dan");
}

/// Ana writes "1" and then `second` writes "2", side by side; Cyn hears them as `heard`.
fn two(story: &mut Story, second: u32, heard: &[&str]) {
    let one = story.writes(ANA, "1", "lobby");
    let two = story.writes(second, "2", "lobby");
    if second == ANA {
        story.hears_each(BEN, &["Ana: 1", "Ana: 2"]);
    } else {
        story.hears(BEN, "Ana: 1");
        story.hears(ANA, "Ben: 2");
    }
    story.hears_each(CYN, heard);
    story.ack(ANA, one);
    story.ack(second, two);
}

/// Ben writes "2" after he has heard Ana's "1", and after its ack if `acked`.
fn answered(story: &mut Story, heard: [&str; 2], acked: bool) {
    let one = story.writes(ANA, "1", "lobby");
    story.hears(BEN, "Ana: 1");
    if acked {
        story.ack(ANA, one);
    }
    let two = story.writes(BEN, "2", "lobby");
    story.hears_each(CYN, &heard);
    story.hears(ANA, "Ben: 2");
    story.ack(BEN, two);
    if !acked {
        story.ack(ANA, one);
    }
}

fn tell(tale: Tale) -> Story {
    let mut story = Story::in_lobby();
    tale(&mut story);
    story.quiet(&ALL);
    story
}

#[test]
fn every_anomaly_is_found_and_what_comes_near_it_is_not() {
    let mut told = String::new();
    for (kind, wrong, right) in tales() {
        let found = tell(wrong).examined().anomalies;
        let kinds: Vec<_> = found.iter().map(|anomaly| anomaly.kind).collect();
        assert_eq!(kinds, [kind]);
        for anomaly in &found {
            writeln!(told, "{anomaly}").unwrap();
        }
        assert_eq!(tell(right).examined().anomalies, [], "next to {kind}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_kind_has_its_tale() {
    use AnomalyKind as Is;
    let told: std::collections::BTreeSet<_> = tales().iter().map(|(kind, ..)| *kind).collect();
    let last = Is::WelcomePhantom as usize;
    assert_eq!(told.len(), last + 1);
}

#[test]
fn a_message_before_it_was_sent_is_a_phantom_and_no_relay_at_all_is_late_or_lost() {
    let mut story = Story::in_lobby();
    story.hears(BEN, "Ana: hi");
    say(&mut story, &[CYN]);
    assert_eq!(story.kinds(), [AnomalyKind::Phantom]);

    let mut story = Story::in_lobby();
    say(&mut story, &[CYN]);
    assert_eq!(story.kinds(), [], "it may be on its way");
    story.fence(BEN);
    assert_eq!(story.kinds(), [AnomalyKind::Late]);
    story.flush(ANA);
    story.fence(BEN);
    assert_eq!(story.kinds(), [AnomalyKind::Lost]);
}

/// What is acked then is another entering.
#[test]
fn an_entering_without_an_ack_function_is_not_acked_late() {
    let story = tell(|story| {
        let lobby = story.room("lobby");
        story.sends_as(DAN, ENTER_ROOM, &["Dan", &lobby], None);
        story.welcome_all(&ALL[..3], "Dan");
        let id = story.writes(ANA, "hi, Dan", "lobby");
        story.hear_all(&[BEN, CYN, DAN], "Ana: hi, Dan");
        story.ack(ANA, id);
        let entering = story.asks(DAN, "Daniel", "lobby");
        story.ack(DAN, entering);
        story.welcome_all(&ALL[..3], "Daniel");
    });
    assert_eq!(story.kinds(), []);
}

#[test]
fn equal_words_are_counted() {
    let mut story = Story::in_lobby();
    for _ in 0..3 {
        let id = story.writes(ANA, "hi", "lobby");
        story.ack(ANA, id);
    }
    for _ in 0..2 {
        story.hears(BEN, "Ana: hi");
    }
    for _ in 0..4 {
        story.hears(CYN, "Ana: hi");
    }
    story.quiet(&ALL);
    assert_eq!(story.kinds(), [AnomalyKind::Duplicated, AnomalyKind::Lost]);
}

#[test]
fn the_order_is_measured() {
    let measured = |heard: [&[&str]; 2]| {
        let mut story = Story::in_lobby();
        let one = story.writes(ANA, "1", "lobby");
        story.enter(DAN, "Dan", "lobby");
        let two = story.writes(DAN, "2", "lobby");
        for (who, texts) in [BEN, CYN].into_iter().zip(heard) {
            story.hears_each(who, texts);
        }
        story.ack(ANA, one);
        story.ack(DAN, two);
        story.examined().guarantee
    };
    let (ana, dan) = ("Ana: 1", "Dan: 2");
    assert_eq!(measured([&[ana, dan], &[ana, dan]]), Some(Guarantee::Total));
    assert_eq!(
        measured([&[ana, dan], &[dan, ana]]),
        Some(Guarantee::Causal)
    );
    assert_eq!(measured([&[ana], &[dan]]), None);

    let causal = tell(|story| answered(story, ["Ben: 2", "Ana: 1"], false));
    assert_eq!(causal.examined().guarantee, Some(Guarantee::Fifo));
    let none = tell(|story| two(story, ANA, &["Ana: 2", "Ana: 1"]));
    assert_eq!(none.examined().guarantee, Some(Guarantee::None));
}

#[test]
fn anomalies_are_one_violation_of_a_case_whose_lines_hold() {
    let right = tell(|story| say(story, &[BEN, CYN]));
    assert_eq!(violation(&right.plan, &right.examined()), None);
    let wrong = tell(|story| say(story, &[BEN, CYN, CYN]));
    let found = violation(&wrong.plan, &wrong.examined()).unwrap();
    assert_eq!(found.rule, Rule::Anomaly);
    assert!(
        found.summary.starts_with("duplicated: cyn received"),
        "{}",
        found.summary
    );
}

/// Twice the history takes about twice as long: it is no use to a soak otherwise. The bounds are
/// many times what an unoptimised build needs.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the judge has no clock, its tests may look at one"
)]
fn long_histories_take_time_in_proportion() {
    let took = |messages: usize| {
        let mut story = Story::in_lobby();
        for number in 0..messages {
            let text = format!("m{number}");
            let room = story.room("lobby");
            let id = story.sends(ANA, NEW_MESSAGE, &[&text, &room]);
            story.hear_all(&[BEN, CYN], &format!("Ana: {text}"));
            story.ack(ANA, id);
            if number % 50 == 0 {
                story.quiet(&ALL);
            }
        }
        story.quiet(&ALL);
        let began = std::time::Instant::now();
        assert_eq!(story.kinds(), []);
        began.elapsed()
    };
    let (short, long) = (took(2_500), took(25_000));
    assert!(long < short * 40, "{short:?} became {long:?}");
    assert!(long.as_secs() < 10, "{long:?}");
}
