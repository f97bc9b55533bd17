//! Scenarios at random, each as a file could say it.
//!
//! What is generated knows the names it may use; [`repair`] then makes it mean something: captures
//! are bound before they are sent, acknowledgements belong to requests.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail with the test")]

use std::time::Duration;

use chatspec_notation::ast::{
    Act, ClientDecl, Connect, Emit, Expect, Fault, Http, Level, Line, Method, Present, Raw,
    RawReceive, Receive, Reply, Scenario, Series, Stamp, Step, StepKind, Transport, UpTo, Who,
};
use chatspec_notation::names::{
    Capture, ClauseId, ClientName, EventName, Label, MutantName, Namespace, Need, RoomName,
    VOCABULARY, Variable,
};
use chatspec_notation::span::{Span, Spanned};
use chatspec_notation::value::{Text, Value};
use proptest::collection::{btree_set, vec};
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

mod repair;

/// A scenario that its canonical text can say.
pub(crate) fn scenario() -> impl Strategy<Value = Scenario> {
    (clients(), rooms())
        .prop_flat_map(|(clients, rooms)| {
            let names = Names { clients, rooms };
            let body = (vec(line(&names), 0..12), sent(&names).prop_map(only_step));
            (header(&names), body, Just(names))
        })
        .prop_map(|(header, (mut body, last), names)| {
            let mut scenario = header;
            body.push(last);
            scenario.clients = names.clients.into_iter().map(Spanned::from).collect();
            scenario.rooms = names.rooms.into_iter().map(Spanned::from).collect();
            scenario.body = body;
            repair::repair(&mut scenario);
            scenario
        })
}

/// What the header declares.
#[derive(Clone, Debug)]
struct Names {
    clients: Vec<ClientDecl>,
    rooms: Vec<RoomName>,
}

fn clients() -> impl Strategy<Value = Vec<ClientDecl>> {
    let names = vec!["ana", "ben", "eve", "crowd", "sam", "Zed-1", "long_name"];
    let names = subsequence(names, 1..=7).prop_shuffle();
    (names, vec(weighted(0.3, 1..60u32), 7)).prop_map(|(names, counts)| {
        let decl = |(name, count): (&str, Option<u32>)| ClientDecl {
            name: ClientName::from(name),
            count,
        };
        names.into_iter().zip(counts).map(decl).collect()
    })
}

fn rooms() -> impl Strategy<Value = Vec<RoomName>> {
    let names = vec!["lobby", "kitchen", "r1", "nothing", "closed", "x", "ack"];
    let names = subsequence(names, 0..=7);
    names.prop_map(|names| names.into_iter().map(RoomName::from).collect())
}

fn header(names: &Names) -> impl Strategy<Value = Scenario> + use<> {
    let words = btree_set("[a-z]{1,12}([.-][a-z0-9]{1,12}){0,2}", 1..9);
    let transports = subsequence(Transport::ALL.to_vec(), 0..=3).prop_shuffle();
    let told = (".{0,200}", vec(".{0,30}", 0..4), select(Level::ALL));
    let lists = (words.clone(), words, needs(), transports, any::<bool>());
    (told, lists, present(names)).prop_map(|(told, lists, present)| {
        let (reason, notes, level) = told;
        let (clauses, catches, needs, over, alone) = lists;
        Scenario {
            reason: format!("A {reason}"),
            notes,
            level,
            clauses: clauses
                .into_iter()
                .map(|id| ClauseId::new(id).into())
                .collect(),
            catches: catches
                .into_iter()
                .skip(1)
                .map(|name| MutantName::new(name).into())
                .collect(),
            needs,
            over: over.into_iter().map(Spanned::from).collect(),
            alone,
            open: false,
            clients: Vec::new(),
            rooms: Vec::new(),
            present,
            body: Vec::new(),
        }
    })
}

fn needs() -> impl Strategy<Value = Vec<Spanned<Need>>> {
    let names = subsequence(vec!["echo", "nodes", "leave_room", "history"], 0..=4);
    (names, vec(of(1..9u32), 4)).prop_map(|(names, amounts)| {
        let need = |(name, amount): (&str, Option<u32>)| match amount {
            Some(amount) => Need::new(format!("{name} {amount}")).into(),
            None => Need::from(name).into(),
        };
        names.into_iter().zip(amounts).map(need).collect()
    })
}

fn present(names: &Names) -> BoxedStrategy<Vec<Spanned<Present>>> {
    if names.rooms.is_empty() {
        return Just(Vec::new()).boxed();
    }
    let who: Vec<_> = names
        .clients
        .iter()
        .map(|decl| Spanned::from(decl.name.clone()))
        .collect();
    let many = 1..=who.len();
    let one = subsequence(who, many).prop_shuffle();
    let rooms = subsequence(names.rooms.clone(), 0..=names.rooms.len().min(3));
    (rooms, vec(one, 3))
        .prop_map(|(rooms, whos)| {
            let present = |(room, who): (RoomName, _)| {
                let room = room.into();
                Present { room, who }.into()
            };
            rooms.into_iter().zip(whos).map(present).collect()
        })
        .boxed()
}

fn line(names: &Names) -> BoxedStrategy<Line> {
    let block = |kind: BoxedStrategy<StepKind>| {
        let lines = (vec(inner(kind.clone()), 0..4), kind.prop_map(only_step));
        lines.prop_map(|(mut lines, last)| {
            lines.push(last);
            lines
        })
    };
    let block = prop_oneof![
        block(sent(names)).prop_map(StepKind::Together),
        block(received(names)).prop_map(StepKind::InAnyOrder),
    ];
    let alone = prop_oneof![
        who(names).prop_map(StepKind::Nothing),
        (emit(names), vec(value(names), 0..3)).prop_map(|(mut emit, args)| {
            emit.reply = Reply::Await(args);
            StepKind::Emit(emit)
        }),
    ];
    prop_oneof![
        4 => inner(sent(names)),
        4 => inner(received(names)),
        2 => inner(alone.boxed()),
        1 => block.prop_map(only_step),
    ]
    .boxed()
}

/// A line that may stand in a block.
fn inner(kind: BoxedStrategy<StepKind>) -> BoxedStrategy<Line> {
    let step = (
        kind,
        weighted(0.2, 0..1_000_000_000u64),
        weighted(0.2, select(Level::ALL)),
    );
    prop_oneof![
        1 => Just(Line::Blank),
        1 => ".{0,20}".prop_map(Line::Comment),
        8 => step.prop_map(|(kind, at, level)| Line::Step(Step {
            at: at.map(Stamp),
            level,
            ..bare(kind)
        })),
    ]
    .boxed()
}

fn only_step(kind: StepKind) -> Line {
    Line::Step(bare(kind))
}

fn bare(kind: StepKind) -> Step {
    Step {
        at: None,
        kind,
        level: None,
        span: Span::default(),
    }
}

/// What `together` may hold.
fn sent(names: &Names) -> BoxedStrategy<StepKind> {
    let fault = prop_oneof![
        Just(Fault::ServerRestarts),
        (who(names), 0..10_000u64)
            .prop_map(|(who, by)| Fault::LinkDelays(who, Duration::from_millis(by))),
    ];
    let http = (
        (who(names), select(Method::ALL), ".{0,20}"),
        (of(".{0,20}"), 100..600u16, of(".{0,20}")),
    );
    prop_oneof![
        6 => emit(names).prop_map(StepKind::Emit),
        2 => connect(names).prop_map(StepKind::Connect),
        2 => (who(names), select(Act::ALL)).prop_map(|(who, act)| StepKind::Act(who, act)),
        1 => (who(names), raw()).prop_map(|(who, raw)| StepKind::RawSend(who, raw)),
        1 => http.prop_map(|((who, method, path), (body, status, answer))| StepKind::Http(Http {
            who,
            method,
            target: format!("/{path}"),
            body,
            status,
            answer,
        })),
        1 => fault.prop_map(StepKind::Fault),
    ]
    .boxed()
}

fn emit(names: &Names) -> impl Strategy<Value = Emit> + use<> {
    let args = arguments(names);
    (who(names), event(), args, any::<bool>(), of(series())).prop_map(
        |(who, event, args, named, series)| Emit {
            who,
            event,
            args,
            reply: if named {
                Reply::As(Label::from("a").into())
            } else {
                Reply::None
            },
            series,
        },
    )
}

fn connect(names: &Names) -> impl Strategy<Value = Connect> + use<> {
    let to = "/[a-z/._-]{0,8}".prop_map(Namespace::new);
    (
        who(names),
        of(select(Transport::ALL)),
        of(value(names)),
        of(to),
        of(1..9u32),
    )
        .prop_map(|(who, via, auth, to, node)| Connect {
            who,
            via,
            auth,
            to,
            node,
        })
}

/// What `in any order` may hold.
fn received(names: &Names) -> BoxedStrategy<StepKind> {
    let args = || arguments(names);
    let what = prop_oneof![
        4 => (event(), args()).prop_map(|(event, args)| Expect::Event { event, args }),
        3 => (any::<Index>(), args()).prop_map(|(which, args)| Expect::Ack {
            label: Label::new(which.index(1 << 20).to_string()).into(),
            args,
        }),
        1 => value(names).prop_map(Expect::ConnectError),
        1 => Just(Expect::Closed),
    ];
    let receive = (who(names), what, any::<bool>(), of(wait()), of(series())).prop_map(
        |(who, what, already, within, series)| {
            let once = matches!(what, Expect::ConnectError(_) | Expect::Closed);
            StepKind::Receive(Receive {
                who,
                what,
                already: already && within.is_none(),
                within,
                series: series.filter(|_| !once),
            })
        },
    );
    let up_to = (
        (who(names), event(), args()),
        (series(), any::<Index>(), any::<bool>(), of(wait())),
    )
        .prop_map(|((who, event, args), (series, count, or_all, within))| {
            let items = usize::try_from(series.count()).unwrap();
            StepKind::UpTo(UpTo {
                who,
                count: u32::try_from(count.index(items) + 1).unwrap(),
                event,
                args,
                series,
                or_all,
                within,
            })
        });
    let raw = (who(names), raw(), of(wait()))
        .prop_map(|(who, raw, within)| StepKind::RawReceive(RawReceive { who, raw, within }));
    prop_oneof![6 => receive, 1 => up_to, 1 => raw].boxed()
}

fn who(names: &Names) -> impl Strategy<Value = Who> + use<> {
    (
        select(names.clients.clone()),
        of(any::<Index>()),
        weighted(0.1, 1..9u32),
    )
        .prop_map(|(decl, member, leg)| Who {
            member: decl.count.zip(member).map(|(count, member)| {
                u32::try_from(member.index(usize::try_from(count).unwrap()) + 1).unwrap()
            }),
            name: decl.name,
            leg,
            span: Span::default(),
        })
}

fn event() -> impl Strategy<Value = Spanned<EventName>> {
    let name = prop_oneof![
        4 => select(VOCABULARY).prop_map(str::to_owned),
        1 => ".{0,12}",
    ];
    name.prop_map(|name| EventName::new(name).into())
}

fn series() -> impl Strategy<Value = Series> {
    (select(vec!["n", "k", "item_2"]), 0..1000u32, 0..50u32).prop_map(|(variable, first, more)| {
        Series {
            variable: Variable::from(variable),
            first,
            last: first + more,
        }
    })
}

fn wait() -> impl Strategy<Value = Duration> {
    let halves = (1..7201u64).prop_map(|halves| halves * 500);
    prop_oneof![1..3_600_001u64, halves].prop_map(Duration::from_millis)
}

fn raw() -> impl Strategy<Value = Raw> {
    prop_oneof![
        text().prop_map(Raw::Text),
        vec(any::<u8>(), 0..6).prop_map(Raw::Bytes)
    ]
}

fn text() -> impl Strategy<Value = Text> {
    let text = prop_oneof![".{0,12}", "[a-z{}nk ]{0,8}", any::<String>()];
    (text, weighted(0.1, 1..5u32), weighted(0.1, 1..5u32)).prop_map(|(text, repeat, more)| {
        let length = text.chars().count() * usize::try_from(repeat.unwrap_or(1)).unwrap();
        Text {
            text,
            repeat,
            padded: more.map(|more| u32::try_from(length).unwrap() + more),
        }
    })
}

/// Values side by side; often ones that could be read as one.
fn arguments(names: &Names) -> impl Strategy<Value = Vec<Value>> + use<> {
    let bytes = vec(any::<u8>(), 0..3).prop_map(Value::Bytes);
    let number = (-9..130).prop_map(|number: i32| Value::Number(number.into()));
    let glued = (bytes, number).prop_map(|(bytes, number)| vec![bytes, number]);
    let apart = vec(value(names), 0..3);
    let glued = prop_oneof![1 => glued, 3 => Just(Vec::new())];
    (apart.clone(), glued, apart).prop_map(|(mut args, glued, more)| {
        args.extend(glued);
        args.extend(more);
        args
    })
}

/// Any value; what may not stand where it is put is for [`repair`] to put right.
fn value(names: &Names) -> BoxedStrategy<Value> {
    let number = prop_oneof![
        (-100..100i64).prop_map(serde_json::Number::from),
        any::<i64>().prop_map(serde_json::Number::from),
        any::<u64>().prop_map(serde_json::Number::from),
        proptest::num::f64::NORMAL.prop_map(|number| serde_json::Number::from_f64(number).unwrap()),
        Just(serde_json::Number::from_f64(-0.0).unwrap()),
    ];
    let room = match names.rooms.as_slice() {
        [] => Just(Value::Null).boxed(),
        rooms => select(rooms.to_vec())
            .prop_map(|room| Value::Name(room.to_string().into()))
            .boxed(),
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        text().prop_map(Value::Text),
        vec(any::<u8>(), 0..5).prop_map(Value::Bytes),
        (0..100_000u32).prop_map(Value::ManyBytes),
        room,
        select(vec!["x", "id", "to_ken"])
            .prop_map(|name| Value::Capture(Capture::from(name).into())),
        Just(Value::Any),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((".{0,6}", inner), 0..4).prop_map(Value::Object),
        ]
    })
    .boxed()
}
