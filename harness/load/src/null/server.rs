//! The event loop: who is read when, and what is due when.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use mio::net::TcpListener as Acceptor;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use super::burn;
use super::chat::Chat;
use super::connection::Role;
use super::http::MAX_PAYLOAD;
use super::options::{Options, Stall};
use super::pause::stand_still;
use super::wires::{Member, Wires};
use crate::alarm::Alarm;
use crate::clock::Nanos;

/// How many connections may wait to be accepted: a bench opens thousands at once.
const BACKLOG: i32 = 4_096;

/// How many events one turn of the loop takes.
const EVENTS: usize = 1_024;

/// How much is read at once, in bytes.
const READ: usize = 64 << 10;

/// How often one connection is read before the others have their turn.
const READS: usize = 16;

/// How long nobody is accepted after that failed, most likely for want of file descriptors.
const ACCEPT_AGAIN: u64 = 100_000_000;

/// What may arrive on a connection before its turn comes, in bytes: more than any request or frame.
const MOST_EARLY: usize = 2 * MAX_PAYLOAD;

const LISTENER: Token = Token(usize::MAX);
const ALARM: Token = Token(usize::MAX - 1);

/// Listens on the loopback interface; port zero is any that is free.
pub fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Serves whoever comes, until the process ends. It returns only if it cannot go on.
///
/// How many connections it can hold is for the caller to say, by the limit on open files.
pub fn serve(listener: TcpListener, options: &Options) -> io::Result<()> {
    let _burning = burn::cores(options.burn)?;
    Server::new(listener, options, Limits::default())?.run()
}

/// What is the same for every server but that of a test, which has no time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How often a client is pinged, as announced to it.
    pub(super) ping_interval: Duration,
    /// What may wait for one reader, in bytes. One for whom more waits does not read, and is left.
    pub(super) most_unread: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(25),
            most_unread: 64 << 20,
        }
    }
}

/// The server while it runs.
pub(super) struct Server {
    poll: Poll,
    acceptor: Acceptor,
    alarm: Alarm,
    pub(super) chat: Chat,
    pub(super) wires: Wires,
    stall: Option<Stall>,
    next_stall: Option<Nanos>,
    accept_again: Option<Nanos>,
    pub(super) ping_interval: Duration,
    /// Whom to ping when. The interval is the same for all, so the first is due first; and as
    /// clients come one after the other, there is no moment at which all are pinged.
    pings: VecDeque<Ping>,
    scratch: Vec<u8>,
}

struct Ping {
    due: Nanos,
    member: Member,
    serial: u64,
}

impl Server {
    pub(super) fn new(
        listener: TcpListener,
        options: &Options,
        limits: Limits,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let mut acceptor = Acceptor::from_std(listener);
        let alarm = Alarm::new()?;
        let poll = Poll::new()?;
        let registry = poll.registry();
        registry.register(&mut acceptor, LISTENER, Interest::READABLE)?;
        registry.register(
            &mut SourceFd(&alarm.descriptor()),
            ALARM,
            Interest::READABLE,
        )?;
        Ok(Self {
            poll,
            acceptor,
            alarm,
            chat: Chat::new(options),
            wires: Wires::new(limits.most_unread),
            stall: options.stall,
            next_stall: options.stall.map(|stall| after(Nanos::now(), stall.every)),
            accept_again: None,
            ping_interval: limits.ping_interval,
            pings: VecDeque::new(),
            scratch: vec![0; READ],
        })
    }

    /// Turns until something is broken that no client can break.
    pub(super) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            self.alarm.set(self.due())?;
            let patience = (!self.wires.unread.is_empty()).then_some(Duration::ZERO);
            match self.poll.poll(&mut events, patience) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            self.do_due()?;
            for at in std::mem::take(&mut self.wires.unread) {
                self.resume(at);
            }
            for event in &events {
                match event.token() {
                    LISTENER => self.accept()?,
                    ALARM => {}
                    Token(at) => {
                        if event.is_writable() {
                            self.wires.is_writable(at);
                        }
                        if event.is_readable() || event.is_read_closed() || event.is_error() {
                            self.read(at, event.is_read_closed());
                        }
                    }
                }
            }
            self.wires.flush();
            self.let_go();
        }
    }

    /// When something is due next that no client has to ask for.
    fn due(&self) -> Option<Nanos> {
        let ping = self.pings.front().map(|ping| ping.due);
        [self.chat.due(), self.next_stall, self.accept_again, ping]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due.
    fn do_due(&mut self) -> io::Result<()> {
        let Some(due) = self.due() else {
            return Ok(());
        };
        let mut now = Nanos::now();
        if now < due {
            return Ok(());
        }
        if let (Some(stall), Some(begin)) = (self.stall, self.next_stall)
            && begin <= now
        {
            stand_still(stall.lasts)?;
            now = Nanos::now();
            let next = after(begin, stall.every);
            // A machine that was suspended does not catch up.
            self.next_stall = Some(if next > now {
                next
            } else {
                after(now, stall.every)
            });
        }
        self.chat.relay_due(&mut self.wires, now);
        self.ping_due(now);
        if self.accept_again.is_some_and(|again| again <= now) {
            self.accept()?;
        }
        Ok(())
    }

    fn ping_due(&mut self, now: Nanos) {
        while let Some(ping) = self.pings.pop_front_if(|ping| ping.due <= now) {
            let Ping { member, serial, .. } = ping;
            let is_there = self
                .wires
                .peer(member)
                .is_some_and(|peer| peer.serial == serial);
            if !is_there {
                continue;
            }
            if let Member::Poller(at) = member
                && let Some(poller) = self.wires.pollers.get_mut(at)
            {
                // Nothing else says that a client over long-polling is gone.
                if !poller.is_heard && poller.waits_on.is_none() {
                    self.wires.end_poller(at, "1");
                    self.let_go();
                    continue;
                }
                poller.is_heard = false;
            }
            self.wires.put(member, "2");
            self.ping_later(member, serial, now);
        }
    }

    /// Pings a client when the interval is over that begins now.
    pub(super) fn ping_later(&mut self, member: Member, serial: u64, now: Nanos) {
        let due = after(now, self.ping_interval);
        self.pings.push_back(Ping {
            due,
            member,
            serial,
        });
    }

    fn accept(&mut self) -> io::Result<()> {
        self.accept_again = None;
        loop {
            let mut stream = match self.acceptor.accept() {
                Ok((stream, _)) => stream,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(()),
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted => continue,
                    _ => {
                        tracing::warn!(%error, "nobody is accepted for a while");
                        self.accept_again = Some(Nanos::now().plus(ACCEPT_AGAIN));
                        return Ok(());
                    }
                },
            };
            // It fails if the connection has ended meanwhile, which reading will tell.
            if stream.set_nodelay(true).is_err() {
                continue;
            }
            let token = Token(self.wires.connections.vacant_key());
            let interest = Interest::READABLE | Interest::WRITABLE;
            self.poll
                .registry()
                .register(&mut stream, token, interest)?;
            self.wires.connect(stream);
        }
    }

    /// Takes those who are gone out of their rooms, before anyone gets their place.
    fn let_go(&mut self) {
        for (member, peer) in self.wires.gone.drain(..) {
            self.chat.left(member, peer);
        }
    }

    /// Goes on with a connection that had to wait.
    fn resume(&mut self, at: usize) {
        self.feed(at, 0);
        self.read(at, false);
    }

    /// Reads what has arrived on a connection.
    fn read(&mut self, at: usize, is_closed: bool) {
        for _ in 0..READS {
            let Some(connection) = self.wires.connections.get_mut(at) else {
                return;
            };
            match connection.read(&mut self.scratch) {
                Ok(None) => return,
                Ok(Some(0)) | Err(_) => {
                    // Whoever said all that it has to say may still listen.
                    connection.write();
                    self.wires.drop_connection(at);
                    self.let_go();
                    return;
                }
                Ok(Some(count)) => {
                    self.feed(at, count);
                    // Nothing more was there; what comes later is a new event, the end too, unless
                    // it has been told already.
                    if count < self.scratch.len() && !is_closed {
                        return;
                    }
                }
            }
        }
        self.wires.unread.push(at);
    }

    /// Takes the first bytes of the scratch, which arrived on this connection.
    fn feed(&mut self, at: usize, count: usize) {
        let Some(connection) = self.wires.connections.get_mut(at) else {
            return;
        };
        let mut inbox = std::mem::take(&mut connection.inbox);
        if inbox.is_empty() {
            let mut scratch = std::mem::take(&mut self.scratch);
            let bytes = &mut scratch[..count];
            let used = self.consume(at, bytes);
            inbox.extend_from_slice(&bytes[used..]);
            self.scratch = scratch;
        } else {
            inbox.extend_from_slice(&self.scratch[..count]);
            let used = self.consume(at, &mut inbox);
            inbox.drain(..used);
        }
        let Some(connection) = self.wires.connections.get_mut(at) else {
            return;
        };
        if inbox.is_empty() {
            // Most connections never need one again.
            inbox = Vec::new();
        }
        if inbox.len() > MOST_EARLY {
            self.wires.end(at);
        } else {
            connection.inbox = inbox;
        }
    }

    /// Takes as much of `bytes` as is whole; says how much that was.
    fn consume(&mut self, at: usize, bytes: &mut [u8]) -> usize {
        let mut used = 0;
        loop {
            let rest = &mut bytes[used..];
            let Some(connection) = self.wires.connections.get_mut(at) else {
                return used;
            };
            if connection.is_ending() {
                return bytes.len();
            }
            let step = match connection.role {
                Role::Http { waits: Some(_) } => None,
                Role::Http { waits: None } => self.request(at, rest),
                Role::WebSocket { .. } => self.frame(at, rest),
            };
            self.let_go();
            match step {
                Some(length) => used += length,
                None => return used,
            }
        }
    }
}

fn after(time: Nanos, duration: Duration) -> Nanos {
    time.plus(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}
