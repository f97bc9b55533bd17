//! What a program is, and what makes it one that can be run.

use std::collections::{BTreeMap, BTreeSet};

use chatspec_notation::ast::Transport;

/// A chat that nobody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// How its clients connect, unless they say otherwise.
    pub over: Transport,
    /// What happens, in order.
    pub blocks: Vec<Block>,
}

/// One part of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// One step; what it asks for is acked before the next block begins.
    Awaited(Step),
    /// Steps that are started at once. Nothing waits for their acks.
    Together(Vec<Step>),
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who takes it, by number.
    pub client: usize,
    /// What it does.
    pub does: Does,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// The client connects over this transport. Without the step it connects when it first acts.
    Connect(Transport),
    /// It enters a room.
    Enter {
        /// Its nickname, where that is not its own name.
        nickname: Option<Words>,
        /// The room, by number.
        room: usize,
    },
    /// It writes to a room.
    Say {
        /// What it writes, where that is not a text of this step alone.
        words: Option<Words>,
        /// The room, by number.
        room: usize,
        /// So many times in a row, each time another text if it is one of this step alone.
        times: u32,
    },
    /// It disconnects.
    Disconnect,
    /// Its TCP connection is reset.
    Vanish,
}

/// A text that tempts a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// As it stands here.
    Plain(&'static str),
    /// A letter, so many times.
    Long(u32),
    /// The name of the client of this number.
    NameOf(usize),
}

/// How large a program is. The order is that in which smaller is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// How many clients take a step.
    pub clients: usize,
    /// How many steps they take.
    pub steps: usize,
    /// How many of them are started at once, or are not waited for.
    pub concurrent: usize,
    /// How far all else is from the plainest there is.
    pub payload: u64,
}

impl Program {
    /// Its steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.blocks.iter().flat_map(Block::steps)
    }

    /// Its steps, in order.
    pub fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        self.blocks.iter_mut().flat_map(Block::steps_mut)
    }

    /// Who takes a step.
    pub fn clients(&self) -> BTreeSet<usize> {
        self.steps().map(|step| step.client).collect()
    }

    /// The rooms that are entered or written to.
    pub fn rooms(&self) -> BTreeSet<usize> {
        self.steps().filter_map(|step| step.does.room()).collect()
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        let concurrent = self.blocks.iter().map(|block| match block {
            Block::Awaited(_) => 0,
            Block::Together(steps) => steps.len(),
        });
        Size {
            clients: self.clients().len(),
            steps: self.steps().count(),
            concurrent: concurrent.sum(),
            payload: u64::from(self.over != Transport::Websocket)
                + self.steps().map(Step::payload).sum::<u64>(),
        }
    }

    /// The same without what cannot be done: whoever is connected does not connect, whoever is not
    /// does not leave, and who comes or goes in a block does nothing else in it, for a series would
    /// go on behind it.
    #[must_use]
    pub fn tidy(mut self) -> Self {
        let mut connected = BTreeSet::new();
        for block in &mut self.blocks {
            let before = connected.clone();
            let can = |step: &Step| match step.does {
                Does::Connect(_) => !before.contains(&step.client),
                Does::Disconnect | Does::Vanish => before.contains(&step.client),
                Does::Enter { .. } | Does::Say { .. } => true,
            };
            if let Block::Together(steps) = block {
                steps.retain(can);
                let mut busy = BTreeMap::new();
                steps.retain(|step| {
                    let moves = step.does.moves();
                    let before = busy.insert(step.client, moves);
                    let goes = before.is_none_or(|before| !before && !moves);
                    if let Some(before) = before.filter(|_| !goes) {
                        busy.insert(step.client, before);
                    }
                    goes
                });
            } else if !block.steps().all(can) {
                *block = Block::Together(Vec::new());
            }
            for step in block.steps() {
                match step.does {
                    Does::Disconnect | Does::Vanish => connected.remove(&step.client),
                    _ => connected.insert(step.client),
                };
            }
        }
        self.blocks.retain(|block| block.steps().next().is_some());
        self
    }
}

impl Block {
    /// Its steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        match self {
            Self::Awaited(step) => std::slice::from_ref(step),
            Self::Together(steps) => steps,
        }
        .iter()
    }

    /// Its steps, in order.
    pub fn steps_mut(&mut self) -> impl Iterator<Item = &mut Step> {
        match self {
            Self::Awaited(step) => std::slice::from_mut(step),
            Self::Together(steps) => steps,
        }
        .iter_mut()
    }
}

impl Step {
    fn payload(&self) -> u64 {
        let does = match &self.does {
            Does::Connect(via) => u64::from(*via != Transport::Websocket),
            Does::Enter { nickname, room } => weight(*nickname) + *room as u64,
            Does::Say { words, room, times } => weight(*words) + *room as u64 + u64::from(*times),
            Does::Disconnect => 0,
            Does::Vanish => 1,
        };
        does + self.client as u64
    }
}

fn weight(words: Option<Words>) -> u64 {
    match words {
        None => 0,
        Some(Words::NameOf(who)) => 1 + who as u64,
        Some(Words::Plain(_)) => 100,
        Some(Words::Long(length)) => 100 + u64::from(length),
    }
}

impl Does {
    /// The room that it is about.
    pub const fn room(&self) -> Option<usize> {
        match self {
            Self::Enter { room, .. } | Self::Say { room, .. } => Some(*room),
            Self::Connect(_) | Self::Disconnect | Self::Vanish => None,
        }
    }

    /// The same.
    pub const fn room_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Enter { room, .. } | Self::Say { room, .. } => Some(room),
            Self::Connect(_) | Self::Disconnect | Self::Vanish => None,
        }
    }

    /// Whether the client comes or goes.
    const fn moves(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Disconnect | Self::Vanish)
    }
}
