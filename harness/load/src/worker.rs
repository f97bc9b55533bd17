//! A worker: a thread with its own event loop and whole rooms.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Duration;

use chatspec_judge::bench::measured::{Guests, Joined};
use chatspec_judge::bench::{Histogram, Plan};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use crate::alarm::Alarm;
use crate::clock::Nanos;
use crate::http::Place;
use crate::inlet::Inlet;
use crate::link::{Cut, Ways};
use crate::member::{Member, Stage, whose};
use crate::messages::{Figures, Messages};
use crate::text::{Origin, Texts};

mod chat;
mod join;
mod packets;

pub(crate) use packets::{Meaning, meaning};

const TIMER: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// How many events are taken at once.
const EVENTS: usize = 1024;

/// What a worker is to do.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    /// The whole plan.
    pub(crate) plan: Plan,
    /// The rooms that are its own, by their number in the plan.
    pub(crate) rooms: Vec<u32>,
    /// What their names begin with.
    pub(crate) named: String,
    /// Which worker it is, of how many in all parts of the plan.
    pub(crate) place: (u32, u32),
    /// What its messages and members say they come from.
    pub(crate) origin: Origin,
    /// Where the chat is.
    pub(crate) address: SocketAddr,
    /// What is asked for there.
    pub(crate) endpoint: Place,
    /// How many connections the workers before it make.
    pub(crate) connections_before: u32,
}

/// What a worker is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    /// Chat, with the first message due at this time.
    Chat(Nanos),
}

/// What a worker tells.
#[derive(Debug)]
pub(crate) enum Report {
    /// How it goes.
    Live(Live),
    /// Everybody who could be let in is in.
    Joined(Box<Joined>),
    /// All is over.
    Done(Box<Outcome>),
    /// It could not go on.
    Failed(io::Error),
}

/// How a turn goes.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// How many members are in.
    pub joined: u64,
    /// How many messages that are measured were due so far.
    pub due: u64,
    /// How many of their deliveries were owed so far.
    pub owed: u64,
    /// How many of them arrived.
    pub received: u64,
    /// The latencies so far.
    pub latency: Histogram,
}

/// What a worker found.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) figures: Figures,
    pub(crate) guests: Option<Guests>,
    /// How long messages were measured, in seconds.
    pub(crate) measured: f64,
    /// For how many of these it was on the processor.
    pub(crate) cpu: f64,
    /// How long what had arrived lay there; empty where the kernel does not say.
    pub(crate) read_lag: Histogram,
}

/// A worker that has not begun.
#[derive(Debug)]
pub(crate) struct Worker {
    plan: Plan,
    rooms: Vec<Room>,
    place: (u32, u32),
    members: Vec<Option<Member>>,
    guests: Slab<Member>,
    /// The members that are on their way in.
    coming: u32,
    joined: Joined,
    failures: BTreeMap<String, u64>,
    /// Welcomes that are waited for no more.
    forgiven: u64,
    /// When something came, the last time.
    heard: Nanos,
    messages: Messages,
    /// Until when replies of closed loops are followed by the next message.
    ends: Nanos,
    visits: Visits,
    texts: Texts,
    ways: Ways,
    inlet: Inlet,
    scratch: Vec<u8>,
    poll: Poll,
    events: Events,
    alarm: Alarm,
    waker: Arc<Waker>,
    commands: Receiver<Command>,
    /// Which worker of this process it is, in what it tells.
    number: usize,
    reports: Sender<(usize, Report)>,
    live_at: Nanos,
}

#[derive(Debug)]
struct Room {
    /// Its name, as JSON.
    name: String,
    /// How many members are in.
    entered: u32,
    /// Counts asks to enter and their acks: what came before what.
    clock: u32,
}

/// What is known of guests.
#[derive(Debug, Default)]
struct Visits {
    found: Guests,
    begun: u64,
    /// Who wants to leave when, the first first.
    leaving: VecDeque<(Nanos, usize, u32)>,
}

/// Why a worker ends before its time: whoever started it wants to know no more.
enum Over {
    Told,
    Io(io::Error),
}

impl From<io::Error> for Over {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Worker {
    /// Makes one ready, whose reports bear `number`; nothing is connected yet.
    pub(crate) fn new(
        assignment: Assignment,
        number: usize,
        commands: Receiver<Command>,
        reports: Sender<(usize, Report)>,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let alarm = Alarm::new()?;
        let registry = poll.registry();
        registry.register(
            &mut SourceFd(&alarm.descriptor()),
            TIMER,
            Interest::READABLE,
        )?;
        let waker = Arc::new(Waker::new(registry, WAKER)?);
        let named = assignment.named;
        let room = |number: &u32| Room {
            name: format!("\"{named}-{number}\""),
            entered: 0,
            clock: 0,
        };
        let payload = usize::try_from(assignment.plan.payload).unwrap_or(usize::MAX);
        let ways = Ways::new(
            assignment.address,
            assignment.endpoint,
            registry.try_clone()?,
            assignment.connections_before,
        );
        let messages = Messages::new(assignment.plan.members);
        Ok(Self {
            rooms: assignment.rooms.iter().map(room).collect(),
            plan: assignment.plan,
            place: assignment.place,
            members: Vec::new(),
            guests: Slab::new(),
            coming: 0,
            joined: Joined::default(),
            failures: BTreeMap::new(),
            forgiven: 0,
            heard: Nanos::now(),
            messages,
            ends: Nanos::default(),
            visits: Visits::default(),
            texts: Texts::new(assignment.origin, payload),
            ways,
            inlet: Inlet::new(),
            scratch: Vec::new(),
            poll,
            events: Events::with_capacity(EVENTS),
            alarm,
            waker,
            commands,
            number,
            reports,
            live_at: Nanos::default(),
        })
    }

    /// What wakes it when it is told something.
    pub(crate) fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// Lets everybody join, chat and leave. Ends early when nobody listens any more.
    pub(crate) fn run(mut self) {
        let (number, reports) = (self.number, self.reports.clone());
        let report = match self.turn() {
            Ok(outcome) => Report::Done(Box::new(outcome)),
            Err(Over::Told) => return,
            Err(Over::Io(error)) => Report::Failed(error),
        };
        if reports.send((number, report)).is_err() {
            tracing::debug!("nobody listens to a worker that is done");
        }
    }

    fn turn(&mut self) -> Result<Outcome, Over> {
        self.join()?;
        self.tell(Report::Joined(Box::new(self.joined.clone())))?;
        let begins = loop {
            match self.commands.try_recv() {
                Ok(Command::Chat(begins)) => break begins,
                Err(TryRecvError::Empty) => self.pump(None)?,
                Err(TryRecvError::Disconnected) => return Err(Over::Told),
            }
        };
        self.chat(begins)
    }

    /// Waits until something happens, or until this time, and deals with what has happened.
    fn pump(&mut self, until: Option<Nanos>) -> Result<(), Over> {
        let now = Nanos::now();
        let mut wait = None;
        match until {
            Some(until) if until <= now => wait = Some(Duration::ZERO),
            until => self.alarm.set(until)?,
        }
        match self.poll.poll(&mut self.events, wait) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            done => done?,
        }
        // What is done about events needs all of the worker; they are put back where they were.
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let done = self.events(&events);
        self.events = events;
        done
    }

    fn events(&mut self, events: &Events) -> Result<(), Over> {
        for event in events {
            match event.token() {
                TIMER => {}
                WAKER => self.is_wanted()?,
                token => {
                    let (key, second) = whose(token);
                    if event.is_writable() {
                        self.flush(key, second);
                    }
                    if event.is_readable() || event.is_error() || event.is_read_closed() {
                        self.read(key, second);
                    }
                }
            }
        }
        Ok(())
    }

    /// Ends if nobody is there any more whom it could tell.
    fn is_wanted(&self) -> Result<(), Over> {
        self.tell(Report::Live(self.live()))
    }

    fn tell(&self, report: Report) -> Result<(), Over> {
        let told = self.reports.send((self.number, report));
        told.map_err(|_| Over::Told)
    }

    /// Tells how it goes, a few times a second.
    fn tell_live(&mut self, now: Nanos) -> Result<(), Over> {
        const EVERY: u64 = 250_000_000;
        if now >= self.live_at {
            self.live_at = now.plus(EVERY);
            self.tell(Report::Live(self.live()))?;
        }
        Ok(())
    }

    fn live(&self) -> Live {
        let figures = &self.messages.figures;
        Live {
            joined: self.joined.members,
            due: figures.reach.due,
            owed: figures.reach.owed,
            received: figures.reach.received,
            latency: figures.latency.clone(),
        }
    }

    fn member(&mut self, key: usize) -> Option<&mut Member> {
        let first_guest = self.plan_members();
        member(&mut self.members, &mut self.guests, first_guest, key)
    }

    /// How many members this worker has when all are in; the keys of guests follow theirs.
    fn plan_members(&self) -> usize {
        self.rooms.len() * self.plan.members as usize
    }

    /// Takes note that somebody is cut off, and lets go of the connection.
    fn cut(&mut self, key: usize, cut: &Cut) {
        let first_guest = self.plan_members();
        if key >= first_guest {
            self.guest_cut(key);
            return;
        }
        let Some(member) = self.members.get_mut(key).and_then(Option::take) else {
            return;
        };
        tracing::debug!(key, %cut, "cut off");
        if member.stage == Stage::In {
            self.messages.figures.reach.cut_off += 1;
        } else {
            self.coming -= 1;
            *self.failures.entry(cut.to_string()).or_default() += 1;
        }
        member.link.close(&self.ways);
    }
}

fn member<'a>(
    members: &'a mut [Option<Member>],
    guests: &'a mut Slab<Member>,
    first_guest: usize,
    key: usize,
) -> Option<&'a mut Member> {
    match key.checked_sub(first_guest) {
        Some(guest) => guests.get_mut(guest),
        None => members.get_mut(key)?.as_mut(),
    }
}
