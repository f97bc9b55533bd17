//! Programs at random.

use chatspec_notation::ast::Transport;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::program::{Block, Does, Program, Step, Words};
use super::write::{CLIENTS, ROOMS};

/// Texts that servers have been seen to change, refuse or obey.
const ODD: &[Words] = &[
    Words::Plain(""),
    Words::Plain("again"),
    Words::Plain("  a  b  "),
    Words::Plain("a: b: c"),
    Words::Plain("<b>&amp;</b>"),
    Words::Plain("it's \"quoted\" \\ not"),
    Words::Plain("näïve \u{1f389} \u{2028}"),
    Words::Plain("null"),
    Words::Plain("1e3"),
    Words::Plain("/clear"),
    Words::Plain("100%25 $& $$"),
    Words::Plain("http://a.example/?b=c"),
    Words::Plain("\u{0}\u{7}\u{a0}"),
    Words::Long(2_000),
    Words::Long(70_000),
];

/// Nicknames that servers have been seen to trip over.
const ODD_NAMES: &[Words] = &[
    Words::Plain(""),
    Words::Plain(" Ana "),
    Words::Plain("Zoë: hi"),
    Words::Long(40),
];

/// How many messages one step may write in a row: more than the buffers of servers hold, and now and
/// then more than any counter of theirs that is too small.
const BURST: u32 = 150;
const FLOOD: u32 = 1_100;

/// The program number `number` of `seed`, the same each time, over one of `transports`, of which
/// there is at least one.
pub fn nth(seed: u64, number: u64, transports: &[Transport]) -> Program {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = programs(transports.to_vec()).new_tree(&mut runner);
    // A strategy that filters nothing rejects nothing.
    let mut program = tree.map_or_else(
        |_| Program {
            over: Transport::Websocket,
            blocks: Vec::new(),
        },
        |tree| tree.current(),
    );
    if program.blocks.is_empty() {
        program.blocks.push(Block::Awaited(Step {
            client: 0,
            does: Does::Enter {
                nickname: None,
                room: 0,
            },
        }));
    }
    program
}

/// Most chats begin with clients that enter one after the other, so that there is somebody to
/// talk to; what follows is anything.
fn programs(transports: Vec<Transport>) -> impl Strategy<Value = Program> {
    let transports = if transports.is_empty() {
        vec![Transport::Websocket]
    } else {
        transports
    };
    let rooms = prop_oneof![6 => 1..=2usize, 3 => 3..=4usize, 1 => Just(ROOMS.len())];
    (2..=CLIENTS.len(), rooms, select(transports.clone())).prop_flat_map(
        move |(clients, rooms, over)| {
            let opening = prop_oneof![
                12 => vec(enters(clients, rooms), 0..=clients + 1)
                    .prop_map(move |steps| in_turn(steps, clients))
                    .boxed(),
                1 => Just(everywhere(rooms)).boxed(),
            ];
            let rest = vec(block(clients, rooms, transports.clone()), 1..=14);
            (opening, rest).prop_map(move |(opening, rest)| {
                let opening = opening.into_iter().map(Block::Awaited);
                let blocks = opening.chain(rest).collect();
                Program { over, blocks }.tidy()
            })
        },
    )
}

/// Each client once, and then one of them again.
fn in_turn(mut steps: Vec<Step>, clients: usize) -> Vec<Step> {
    for (turn, step) in steps.iter_mut().enumerate() {
        step.client = turn % clients;
    }
    steps
}

/// Somebody enters every room.
fn everywhere(rooms: usize) -> Vec<Step> {
    let enter = |room| Does::Enter {
        nickname: None,
        room,
    };
    let enters = (0..rooms).map(enter);
    enters.map(|does| Step { client: 0, does }).collect()
}

fn block(clients: usize, rooms: usize, transports: Vec<Transport>) -> impl Strategy<Value = Block> {
    let one = step(clients, rooms, transports).boxed();
    prop_oneof![
        4 => one.clone().prop_map(Block::Awaited),
        1 => one.clone().prop_map(|step| Block::Together(vec![step])),
        3 => vec(one, 2..=6).prop_map(Block::Together),
    ]
}

fn step(clients: usize, rooms: usize, transports: Vec<Transport>) -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        2 => Just(Does::Disconnect),
        1 => Just(Does::Vanish),
        1 => select(transports).prop_map(Does::Connect),
    ];
    let act = (0..clients, act).prop_map(|(client, does)| Step { client, does });
    prop_oneof![
        8 => says(clients, rooms),
        4 => enters(clients, rooms),
        2 => act,
    ]
}

fn enters(clients: usize, rooms: usize) -> impl Strategy<Value = Step> {
    let nickname = prop_oneof![
        12 => Just(None),
        1 => (0..CLIENTS.len()).prop_map(|who| Some(Words::NameOf(who))),
        1 => select(ODD_NAMES).prop_map(Some),
    ];
    (0..clients, nickname, 0..rooms).prop_map(|(client, nickname, room)| Step {
        client,
        does: Does::Enter { nickname, room },
    })
}

fn says(clients: usize, rooms: usize) -> impl Strategy<Value = Step> {
    let words = prop_oneof![8 => Just(None), 1 => select(ODD).prop_map(Some)];
    let times = prop_oneof![
        48 => Just(1),
        16 => 2..=6u32,
        4 => 7..=BURST,
        1 => Just(FLOOD),
    ];
    (0..clients, words, 0..rooms, times).prop_map(|(client, words, room, times)| {
        // A long text a hundred times over would only be slow.
        let times = if matches!(words, Some(Words::Long(_))) {
            1
        } else {
            times
        };
        let does = Does::Say { words, room, times };
        Step { client, does }
    })
}
