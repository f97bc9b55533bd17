//! Generated chats: each is a scenario that can be run, and smaller ones are smaller.

use std::collections::BTreeSet;

use chatspec_judge::explore::{Block, Does, Program, Step, Told, Words, nth, scenario, simpler};
use chatspec_notation::ast::Transport;
use chatspec_notation::{Look, parse};
use proptest::prelude::*;

fn program(seed: u64, number: u64) -> Program {
    nth(seed, number, Transport::ALL)
}

proptest! {
    // Each case makes some hundred chats.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_chat_is_a_scenario_that_is_read_back(seed: u64, number in 1..1000u64) {
        let written = scenario(&program(seed, number), &Told::nothing());
        let text = written.to_string();
        let read = parse("generated.chat", &text);
        let read = read.map_err(|mistakes| TestCaseError::fail(mistakes.render(Look::PLAIN)))?;
        prop_assert_eq!(read, written);
    }

    #[test]
    fn every_simpler_chat_is_smaller_and_can_be_run(seed: u64, number in 1..1000u64) {
        let program = program(seed, number);
        for simpler in simpler(&program) {
            prop_assert!(simpler.size() < program.size());
            prop_assert_eq!(&simpler.clone().tidy(), &simpler);
            let text = scenario(&simpler, &Told::nothing()).to_string();
            prop_assert!(parse("generated.chat", &text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn a_chat_depends_on_nothing_but_seed_and_number(seed: u64, number in 1..1000u64) {
        prop_assert_eq!(program(seed, number), program(seed, number));
    }
}

/// The chats of a seed have everything in them that a server may trip over.
#[test]
fn some_chat_does_each_thing() {
    let mut seen = BTreeSet::new();
    for number in 1..=300 {
        let program = program(7, number);
        seen.insert(format!("over {}", program.over));
        seen.extend(program.blocks.iter().map(|block| match block {
            Block::Awaited(_) => "awaited".to_owned(),
            Block::Together(steps) if steps.len() == 1 => "not awaited".to_owned(),
            Block::Together(_) => "together".to_owned(),
        }));
        let mut entered = BTreeSet::new();
        for step in program.steps() {
            seen.insert(match &step.does {
                Does::Connect(via) => format!("connects via {via}"),
                Does::Enter { room, .. } if !entered.insert((step.client, *room)) => {
                    "enters again".to_owned()
                }
                Does::Enter { nickname: None, .. } => "enters".to_owned(),
                Does::Enter { .. } => "enters by another name".to_owned(),
                Does::Say {
                    times: 1, words, ..
                } => match words {
                    None => "says".to_owned(),
                    Some(_) => "says something odd".to_owned(),
                },
                Does::Say { .. } => "says many things".to_owned(),
                Does::Disconnect => "disconnects".to_owned(),
                Does::Vanish => "vanishes".to_owned(),
            });
        }
    }
    insta::assert_snapshot!(seen.into_iter().collect::<Vec<_>>().join("\n"));
}

/// As small as it gets while `shows` holds.
fn smallest(mut program: Program, shows: impl Fn(&Program) -> bool) -> Program {
    loop {
        let simpler = simpler(&program).find(&shows);
        match simpler {
            Some(simpler) => program = simpler,
            None => return program,
        }
    }
}

fn text(program: &Program) -> String {
    scenario(program, &Told::nothing()).to_string()
}

#[test]
fn a_chat_shrinks_to_what_shows_the_bug() {
    // Somebody says something in a room that somebody else has entered before.
    let heard = |program: &Program| {
        let mut inside = BTreeSet::new();
        program.steps().any(|step| match step.does {
            Does::Enter { room, .. } => {
                inside.insert((step.client, room));
                false
            }
            Does::Say { room, .. } => inside
                .iter()
                .any(|(client, entered)| *client != step.client && *entered == room),
            _ => false,
        })
    };
    // Two messages of one client are under way at once.
    let pipelined = |program: &Program| {
        program.blocks.iter().any(|block| {
            let Block::Together(steps) = block else {
                return false;
            };
            let says = steps
                .iter()
                .filter(|step| matches!(step.does, Does::Say { .. }))
                .map(|step| step.client);
            let clients: Vec<_> = says.collect();
            let once: BTreeSet<_> = clients.iter().collect();
            once.len() < clients.len()
        })
    };
    // At least thirty messages in a row.
    let burst = |program: &Program| {
        let mut steps = program.steps();
        steps.any(|step| matches!(step.does, Does::Say { times: 30.., .. }))
    };
    let mut told = String::new();
    for shows in [
        &heard as &dyn Fn(&Program) -> bool,
        &pipelined as &dyn Fn(&Program) -> bool,
        &burst as &dyn Fn(&Program) -> bool,
    ] {
        let shown = (1..1000).map(|number| program(7, number)).find(shows);
        let small = smallest(shown.expect("a chat that shows it"), shows);
        let (_, steps) = text(&small).split_once("\n\n").map_or_else(
            || unreachable!("a head and a body"),
            |(head, body)| (head.to_owned(), body.to_owned()),
        );
        told += &format!("{steps}\n");
    }
    insta::assert_snapshot!(told);
}

/// What cannot be done is left out, and nothing else.
#[test]
fn a_tidy_chat_can_be_run() {
    let step = |client, does| Step { client, does };
    let say = |client| {
        step(
            client,
            Does::Say {
                words: Some(Words::Plain("hi")),
                room: 0,
                times: 2,
            },
        )
    };
    let untidy = Program {
        over: Transport::Websocket,
        blocks: vec![
            Block::Awaited(step(0, Does::Disconnect)),
            Block::Awaited(step(0, Does::Connect(Transport::Polling))),
            Block::Awaited(step(0, Does::Connect(Transport::Polling))),
            Block::Together(vec![say(0), step(0, Does::Vanish), say(1), say(1)]),
            Block::Together(vec![step(0, Does::Vanish), say(0), say(1)]),
            Block::Together(vec![step(0, Does::Vanish)]),
            Block::Awaited(say(0)),
        ],
    };
    insta::assert_snapshot!(text(&untidy.tidy()));
}
