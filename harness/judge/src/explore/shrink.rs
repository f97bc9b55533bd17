//! Smaller programs.

use chatspec_notation::ast::Transport;

use super::program::{Block, Does, Program, Step};

/// Programs that are smaller than this one ([`Program::size`]), those first that are likely to be
/// much smaller: fewer clients, then fewer steps, then less at once, then plainer texts.
///
/// Whoever shrinks takes the first that still shows what this one shows, and asks again of that. It
/// comes to an end, for each is smaller.
pub fn simpler(program: &Program) -> impl Iterator<Item = Program> {
    let size = program.size();
    let candidates = fewer_clients(program)
        .chain(fewer_steps(program))
        .chain(merged(program))
        .chain(less_at_once(program))
        .chain(plainer(program));
    candidates
        .map(Program::tidy)
        .filter(move |candidate| !candidate.blocks.is_empty() && candidate.size() < size)
}

/// Without one of the clients; or with one that does what another did as well.
fn fewer_clients(program: &Program) -> impl Iterator<Item = Program> {
    let clients: Vec<_> = program.clients().into_iter().collect();
    let without = clients.clone().into_iter().rev();
    let without = without.map(|client| keep(program, |_, step| step.client != client));
    let pairs = clients.clone().into_iter().flat_map(move |one| {
        let others = clients.clone().into_iter();
        others
            .filter(move |other| *other > one)
            .map(move |other| (one, other))
    });
    let for_another = pairs.map(|(one, other)| {
        let mut changed = program.clone();
        for step in changed.steps_mut().filter(|step| step.client == other) {
            step.client = one;
        }
        changed
    });
    without.chain(for_another)
}

/// Without half of the steps, a quarter, an eighth and so on, down to each one of them.
fn fewer_steps(program: &Program) -> impl Iterator<Item = Program> {
    let steps = program.steps().count();
    let chunks = std::iter::successors(Some(steps / 2), |chunk| Some(chunk / 2));
    chunks
        .take_while(|chunk| *chunk > 0)
        .flat_map(move |chunk| {
            // The last steps first: a bug that has shown needs nothing behind it.
            let starts = (0..steps).step_by(chunk).collect::<Vec<_>>();
            starts.into_iter().rev().map(move |start| {
                let dropped = start..start + chunk;
                keep(program, |index, _| !dropped.contains(&index))
            })
        })
}

/// Two steps that write are one that writes as much.
fn merged(program: &Program) -> impl Iterator<Item = Program> {
    let written = |step: &Step| match step.does {
        Does::Say { times, .. } => Some(times),
        _ => None,
    };
    let said: Vec<_> = program.steps().map(written).enumerate().collect();
    let pairs = said.clone().into_iter().flat_map(move |(one, times)| {
        let others = said.clone().into_iter().skip(one + 1);
        others.filter_map(move |(other, more)| Some((one, other, times? + more?)))
    });
    pairs.map(|(one, other, total)| {
        let mut changed = program.clone();
        if let Some(step) = changed.steps_mut().nth(one)
            && let Does::Say { times, .. } = &mut step.does
        {
            *times = total;
        }
        keep(&changed, |index, _| index != other)
    })
}

/// What is started at once is done one after the other: a whole block, in its order, backwards, or when
/// what follows it is done; or its first step alone.
///
/// The orders are there because what shows in a race needs one of its outcomes, and that need not be
/// the one in which the steps are written.
fn less_at_once(program: &Program) -> impl Iterator<Item = Program> {
    let blocks = program.blocks.iter().enumerate();
    let together = blocks.filter_map(|(index, block)| match block {
        Block::Together(steps) => Some((index, steps.as_slice())),
        Block::Awaited(_) => None,
    });
    let together: Vec<_> = together.collect();
    let one_by_one = |steps: &[Step]| steps.iter().cloned().map(Block::Awaited).collect();
    let orders: [Order; 3] = [
        |steps, next| steps.iter().chain(next).cloned().collect(),
        |steps, next| steps.iter().rev().chain(next).cloned().collect(),
        |steps, next| next.into_iter().chain(steps).cloned().collect(),
    ];
    let whole = orders.into_iter().flat_map({
        let together = together.clone();
        move |order| {
            together.clone().into_iter().map(move |(index, steps)| {
                let steps: Vec<_> = one_by_one(steps);
                let next = program.blocks.get(index + 1);
                let end = index + 1 + usize::from(next.is_some());
                with_blocks(program, index..end, order(&steps, next))
            })
        }
    });
    let first = together.into_iter().filter_map(move |(index, steps)| {
        let (first, rest) = steps.split_first()?;
        let apart = vec![
            Block::Awaited(first.clone()),
            Block::Together(rest.to_vec()),
        ];
        Some(with_blocks(program, index..index + 1, apart))
    });
    whole.chain(first)
}

/// One order for what is started at once and what comes next.
type Order = fn(&[Block], Option<&Block>) -> Vec<Block>;

fn with_blocks(program: &Program, place: std::ops::Range<usize>, blocks: Vec<Block>) -> Program {
    let mut changed = program.clone();
    changed.blocks.splice(place, blocks);
    changed
}

fn plainer(program: &Program) -> impl Iterator<Item = Program> {
    let over = Program {
        over: Transport::Websocket,
        ..program.clone()
    };
    let steps = 0..program.steps().count();
    let each = steps.flat_map(move |index| {
        let step = program.steps().nth(index).cloned();
        let plainer = step.into_iter().flat_map(|step| plainer_steps(&step));
        plainer.map(move |plain| {
            let mut changed = program.clone();
            if let Some(step) = changed.steps_mut().nth(index) {
                *step = plain;
            }
            changed
        })
    });
    [renamed(program), over].into_iter().chain(each)
}

fn plainer_steps(step: &Step) -> Vec<Step> {
    let does = match step.does.clone() {
        Does::Connect(_) => vec![Does::Connect(Transport::Websocket)],
        Does::Enter { room, nickname } => vec![
            Does::Enter {
                nickname: None,
                room,
            },
            Does::Enter { nickname, room: 0 },
        ],
        Does::Say { words, room, times } => {
            let say = |words, times| Does::Say { words, room, times };
            vec![
                say(words, 1),
                say(words, 2),
                say(words, times / 2),
                say(words, times - times / 4),
                say(words, times - times / 16),
                say(words, times.saturating_sub(1)),
                say(None, times),
                Does::Say {
                    words,
                    room: 0,
                    times,
                },
            ]
        }
        Does::Vanish => vec![Does::Disconnect],
        Does::Disconnect => Vec::new(),
    };
    let possible = |does: &Does| !matches!(does, Does::Say { times: 0, .. });
    let does = does.into_iter().filter(possible);
    does.map(|does| Step {
        client: step.client,
        does,
    })
    .collect()
}

/// With the clients and rooms numbered in the order in which they appear.
fn renamed(program: &Program) -> Program {
    let mut changed = program.clone();
    let (mut clients, mut rooms) = (Vec::new(), Vec::new());
    for step in changed.steps_mut() {
        step.client = number(&mut clients, step.client);
        if let Some(room) = step.does.room_mut() {
            *room = number(&mut rooms, *room);
        }
    }
    changed
}

fn number(known: &mut Vec<usize>, old: usize) -> usize {
    let found = known.iter().position(|known| *known == old);
    found.unwrap_or_else(|| {
        known.push(old);
        known.len() - 1
    })
}

fn keep(program: &Program, keeps: impl Fn(usize, &Step) -> bool) -> Program {
    let mut index = 0;
    let mut wanted = |step: &Step| {
        index += 1;
        keeps(index - 1, step)
    };
    let blocks = program.blocks.iter().map(|block| match block {
        Block::Awaited(step) if wanted(step) => block.clone(),
        Block::Awaited(_) => Block::Together(Vec::new()),
        Block::Together(steps) => {
            Block::Together(steps.iter().filter(|step| wanted(step)).cloned().collect())
        }
    });
    Program {
        over: program.over,
        blocks: blocks.collect(),
    }
}
