//! Small scenarios at random.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;

use super::right::Choose;

const CLIENTS: [&str; 3] = ["ana", "ben", "eve"];
const EVENTS: [&str; 2] = ["\"ping\"", "\"pong\""];
const PATTERNS: [&str; 8] = ["0", "1", "2", "_", "_", "$x", "$y", "[_, $x]"];

/// One piece of a scenario; numbers choose among what there is by then.
#[derive(Clone, Debug)]
enum Piece {
    Ask {
        who: usize,
        how: How,
        level: &'static str,
    },
    Answered {
        which: usize,
        level: &'static str,
    },
    Hear {
        who: usize,
        what: What,
        already: bool,
    },
    HearPerhaps {
        who: usize,
        what: Extra,
        already: bool,
    },
    Silence {
        who: usize,
    },
    Together {
        asks: Vec<usize>,
    },
    AnyOrder {
        lines: Vec<(usize, What)>,
    },
    UpTo {
        who: usize,
        count: usize,
        or_all: bool,
    },
    Leave {
        who: usize,
    },
}

#[derive(Clone, Copy, Debug)]
enum How {
    WithoutAck,
    Awaited,
    Named,
}

/// What a line receives.
#[derive(Clone, Debug)]
enum What {
    Event(&'static str, &'static str),
    Series(&'static str, usize),
}

/// What a line of a lower level receives: events of its own, each of one level.
#[derive(Clone, Debug)]
struct Extra {
    event: &'static str,
    what: &'static str,
    count: usize,
    level: &'static str,
}

impl What {
    /// `behind` stands behind it, with a space in front where it is not empty.
    fn line(&self, who: usize, behind: &str) -> String {
        let who = CLIENTS[who];
        match self {
            Self::Event(event, pattern) => format!("{who} <- {event} {pattern}{behind}"),
            Self::Series(event, count) => {
                format!("{who} <- {event} \"{who} {{n}}\"{behind} for n in 1..{count}")
            }
        }
    }
}

impl Extra {
    fn line(&self, who: usize, behind: &str) -> String {
        let (
            who,
            Self {
                event,
                what,
                count,
                level,
            },
        ) = (CLIENTS[who], self);
        match count {
            0 | 1 => format!("{who} <- {event} {what}{behind}{level}"),
            _ => format!("{who} <- {event} \"e{{n}}\"{behind} for n in 1..{count}{level}"),
        }
    }
}

/// The levels that a line may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Levels {
    /// Every line binds.
    Binding,
    /// Some may be broken.
    Mixed,
}

fn level(levels: Levels) -> impl Strategy<Value = &'static str> {
    let choice: &[&str] = match levels {
        Levels::Binding => &[""],
        Levels::Mixed => &["", "", " [should]", " [may]"],
    };
    select(choice)
}

fn who() -> impl Strategy<Value = usize> {
    0..CLIENTS.len()
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        5 => (select(&EVENTS), select(&PATTERNS)).prop_map(|(event, pattern)| What::Event(event, pattern)),
        1 => (select(&EVENTS), 2..4_usize).prop_map(|(event, count)| What::Series(event, count)),
    ]
}

fn extra() -> impl Strategy<Value = Extra> {
    let event = select(&[("\"extra\"", " [should]"), ("\"more\"", " [may]")]);
    let what = select(&["0", "1", "_"]);
    (event, what, 0..4_usize).prop_map(|((event, level), what, count)| Extra {
        event,
        what,
        count,
        level,
    })
}

fn piece(levels: Levels) -> impl Strategy<Value = Piece> {
    let how = select(&[How::WithoutAck, How::Awaited, How::Named, How::Named]);
    let perhaps = u32::from(levels == Levels::Mixed) * 4;
    prop_oneof![
        3 => (who(), how, level(levels))
            .prop_map(|(who, how, level)| Piece::Ask { who, how, level }),
        2 => (any::<usize>(), level(levels))
            .prop_map(|(which, level)| Piece::Answered { which, level }),
        4 => (who(), what(), any::<bool>())
            .prop_map(|(who, what, already)| Piece::Hear { who, what, already }),
        perhaps => (who(), extra(), any::<bool>())
            .prop_map(|(who, what, already)| Piece::HearPerhaps { who, what, already }),
        1 => who().prop_map(|who| Piece::Silence { who }),
        1 => proptest::collection::vec(who(), 1..4).prop_map(|asks| Piece::Together { asks }),
        3 => proptest::collection::vec((who(), what()), 1..5)
            .prop_map(|lines| Piece::AnyOrder { lines }),
        1 => (who(), 1..4_usize, any::<bool>()).prop_map(|(who, count, or_all)| Piece::UpTo {
            who,
            count,
            or_all,
        }),
        1 => who().prop_map(|who| Piece::Leave { who }),
    ]
}

/// The text of a scenario of up to a few pieces.
pub(crate) fn scenario(levels: Levels) -> impl Strategy<Value = String> {
    const MOST: usize = 7;
    proptest::collection::vec(piece(levels), 1..=MOST).prop_map(|pieces| written(&pieces))
}

/// What a right server may choose.
pub(crate) fn choices() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

/// Chooses as told, and the first of everything when nothing more is told.
pub(crate) fn choose(choices: Vec<u8>) -> Choose<'static> {
    let mut choices = choices.into_iter();
    Box::new(move |below| usize::from(choices.next().unwrap_or_default()) % below)
}

/// A scenario whose labels are of requests that are open.
fn written(pieces: &[Piece]) -> String {
    let mut text = "# Whatever.\nmust a\nclients ana ben eve\n\n".to_owned();
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut asked = 0;
    let mut ask = |who: usize, open: &mut Vec<(usize, String)>| {
        asked += 1;
        let label = format!("q{asked}");
        let line = format!("{} -> \"ask\" {asked} as {label}", CLIENTS[who]);
        open.push((who, label));
        line
    };
    for piece in pieces {
        let line = match piece {
            Piece::Ask { who, how, level } => match how {
                How::WithoutAck => format!("{} -> \"tell\"", CLIENTS[*who]),
                How::Awaited => format!("{} -> \"ask\" => (_){level}", CLIENTS[*who]),
                How::Named => ask(*who, &mut open),
            },
            Piece::Answered { .. } if open.is_empty() => continue,
            Piece::Answered { which, level } => {
                let (who, label) = open.remove(which % open.len());
                let what = if level.is_empty() { "$x" } else { "1" };
                format!("{} <- ack {label} ({what}){level}", CLIENTS[who])
            }
            Piece::Hear { who, what, already } => {
                what.line(*who, if *already { " already" } else { "" })
            }
            Piece::HearPerhaps { who, what, already } => {
                what.line(*who, if *already { " already" } else { "" })
            }
            Piece::Silence { who } => format!("{} <- nothing", CLIENTS[*who]),
            Piece::Together { asks } => {
                let asks: Vec<_> = asks.iter().map(|who| ask(*who, &mut open)).collect();
                format!("together {{\n{}\n}}", asks.join("\n"))
            }
            Piece::AnyOrder { lines } => {
                let lines = lines.iter();
                let lines = lines.map(|(who, what)| what.line(*who, ""));
                format!(
                    "in any order {{\n{}\n}}",
                    lines.collect::<Vec<_>>().join("\n")
                )
            }
            Piece::UpTo { who, count, or_all } => {
                open.retain(|(asker, _)| asker != who);
                let (who, or_all) = (CLIENTS[*who], if *or_all { ", or all" } else { "" });
                format!(
                    "{who} <- up to {count} of \"ping\" {{\"n\": \"{{n}}\"}} for n in 1..{count}, then closed{or_all}\n{who} connects"
                )
            }
            Piece::Leave { who } => {
                open.retain(|(asker, _)| asker != who);
                let who = CLIENTS[*who];
                format!("{who} disconnects\n{who} connects")
            }
        };
        writeln!(text, "{line}").unwrap();
    }
    text.push_str("ana -> \"tell\"\n"); // a case has steps
    text
}
