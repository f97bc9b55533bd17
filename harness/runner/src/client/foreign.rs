//! Clients that others have written, each behind a *driver*: a program that speaks JSON lines with us and
//! the library's own interface with the library (`DRIVERS.md`).
//!
//! # Layout
//! - `driver`: the process, and which of its lines is for whom.
//! - `spec`: client.toml, and what a client cannot do.

mod driver;
mod spec;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chatspec_judge::expand::{FLUSH_TEXT, NEW_MESSAGE};
use chatspec_judge::history::{Item, Kind, Leg};
use chatspec_notation::ast::Transport;
use chatspec_wire::data::Data;
use serde::{Deserialize, Serialize};

use super::{FENCE, Opening};
use crate::log::Log;
use crate::target::Endpoint;

pub use driver::Driver;
pub use spec::{ClientError, ForeignClient};

/// What a driver is told, a line each (`DRIVERS.md`, "What a driver is told").
#[derive(Debug, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum Command<'a> {
    Open {
        client: u64,
        url: String,
        path: &'a str,
        transport: String,
        namespace: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        auth: Option<&'a Data>,
    },
    Emit {
        client: u64,
        event: &'a str,
        args: &'a [Data],
        #[serde(skip_serializing_if = "Option::is_none")]
        ack: Option<u64>,
    },
    Fence {
        client: u64,
        fence: u64,
        namespace: String,
    },
    Close {
        client: u64,
    },
}

/// What a driver tells (`DRIVERS.md`, "What a driver tells").
#[derive(Debug, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum Told {
    Connected {
        client: u64,
    },
    Upgraded {
        client: u64,
    },
    Refused {
        client: u64,
        #[serde(default)]
        data: Option<Data>,
    },
    Failed {
        client: u64,
        cause: String,
    },
    Event {
        client: u64,
        event: String,
        args: Vec<Data>,
    },
    Ack {
        client: u64,
        ack: u64,
        args: Vec<Data>,
    },
    Fenced {
        client: u64,
        fence: u64,
    },
    Closed {
        client: u64,
        cause: String,
    },
}

impl Told {
    const fn client(&self) -> u64 {
        match self {
            Self::Connected { client }
            | Self::Upgraded { client }
            | Self::Refused { client, .. }
            | Self::Failed { client, .. }
            | Self::Event { client, .. }
            | Self::Ack { client, .. }
            | Self::Fenced { client, .. }
            | Self::Closed { client, .. } => *client,
        }
    }
}

/// Where what a driver tells of one client goes.
#[derive(Clone)]
struct Route {
    leg: Leg,
    log: Log,
    shared: Arc<Shared>,
}

/// What a client and its route share.
#[derive(Default)]
struct Shared {
    /// Whether the CONNECT was answered, one way or the other.
    answered: AtomicBool,
    upgrading: AtomicBool,
    /// Acks that are the harness's own business.
    flushes: Mutex<BTreeSet<u64>>,
    /// Fences that are messages, by the numbers of their acks.
    fences: Mutex<Vec<(u64, u64)>>,
}

impl Shared {
    fn is_flush(&self, ack: u64) -> bool {
        let mut flushes = self.flushes.lock().unwrap_or_else(PoisonError::into_inner);
        flushes.remove(&ack)
    }

    fn is_fence(&self, ack: u64) -> Option<u64> {
        let mut fences = self.fences.lock().unwrap_or_else(PoisonError::into_inner);
        let place = fences.iter().position(|(of, _)| *of == ack)?;
        Some(fences.swap_remove(place).1)
    }
}

impl Route {
    /// Records what was told. Whether the client is still there.
    fn take(&self, told: Told) -> bool {
        let leg = self.leg;
        let kind = match told {
            Told::Connected { .. } => {
                self.shared.answered.store(true, Ordering::Release);
                Kind::Connected { leg }
            }
            Told::Upgraded { .. } => {
                self.shared.upgrading.store(false, Ordering::Release);
                Kind::Upgraded { leg }
            }
            Told::Refused { data, .. } => {
                self.shared.answered.store(true, Ordering::Release);
                let data = data.unwrap_or(Data::Null);
                self.arrived(Item::ConnectError { data })
            }
            Told::Failed { cause, .. } => Kind::ConnectFailed { leg, cause },
            Told::Event { event, args, .. } => {
                let ack = None; // a library hides the id behind a function
                self.arrived(Item::Event { event, args, ack })
            }
            Told::Ack { ack, .. } if self.shared.is_flush(ack) => Kind::FlushAcked { leg, id: ack },
            Told::Ack { ack, args, .. } => match self.shared.is_fence(ack) {
                Some(id) => Kind::FenceAnswered { leg, id },
                None => self.arrived(Item::Ack { id: ack, args }),
            },
            Told::Fenced { fence, .. } => Kind::FenceAnswered { leg, id: fence },
            Told::Closed { cause, .. } => {
                self.over(cause);
                return false;
            }
        };
        self.log.record(kind);
        true
    }

    /// The connection has ended, and not because the scenario has it end.
    fn over(&self, cause: String) {
        let leg = self.leg;
        self.shared.upgrading.store(false, Ordering::Release);
        self.log
            .record(if self.shared.answered.load(Ordering::Acquire) {
                self.arrived(Item::Closed { cause })
            } else {
                Kind::ConnectFailed { leg, cause }
            });
    }

    const fn arrived(&self, item: Item) -> Kind {
        Kind::Arrived {
            leg: self.leg,
            item,
        }
    }
}

/// One connection of a client that a driver speaks through.
pub(crate) struct Driven {
    driver: Arc<Driver>,
    /// What the driver calls it.
    client: u64,
    leg: Leg,
    shared: Arc<Shared>,
    next_ack: u64,
    next_fence: u64,
}

impl Driven {
    pub(super) fn open(
        driver: &Arc<Driver>,
        endpoint: &Endpoint,
        opening: Opening,
        leg: Leg,
        log: &Log,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        let upgrading = opening.transport == Transport::Upgrade;
        shared.upgrading.store(upgrading, Ordering::Release);
        let route = Route {
            leg,
            log: log.clone(),
            shared: Arc::clone(&shared),
        };
        let client = driver.open(route, |client| Command::Open {
            client,
            url: format!("http://{}", endpoint.authority()),
            path: &endpoint.path,
            transport: opening.transport.to_string(),
            namespace: &opening.namespace,
            auth: opening.auth.as_ref(),
        });
        Self {
            driver: Arc::clone(driver),
            client,
            leg,
            shared,
            next_ack: 0,
            next_fence: 0,
        }
    }

    pub(super) const fn leg(&self) -> Leg {
        self.leg
    }

    pub(super) fn is_settled(&self) -> bool {
        !self.shared.upgrading.load(Ordering::Acquire)
    }

    pub(super) const fn next_ack(&self) -> u64 {
        self.next_ack
    }

    pub(super) fn emit(&mut self, event: &str, args: Vec<Data>, ack: bool) {
        let id = ack.then_some(self.next_ack);
        self.next_ack += u64::from(ack);
        self.driver.tell(&Command::Emit {
            client: self.client,
            event,
            args: &args,
            ack: id,
        });
    }

    pub(super) fn flush(&mut self, event: &str, args: Vec<Data>) -> u64 {
        let id = self.next_ack;
        self.shared
            .flushes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id);
        self.emit(event, args, true);
        id
    }

    pub(super) const fn next_fence(&self) -> u64 {
        self.next_fence
    }

    /// A CONNECT to a namespace that cannot exist, as our own client's; or, where the library has one
    /// namespace to a connection, a message to a room where nobody is, whose ack comes on this connection
    /// behind all that was written there before.
    pub(super) fn fence(&mut self) {
        let fence = self.next_fence;
        self.next_fence += 1;
        if self.driver.has_namespaces() {
            self.driver.tell(&Command::Fence {
                client: self.client,
                fence,
                namespace: format!("{FENCE}{fence}"),
            });
            return;
        }
        self.shared
            .fences
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((self.next_ack, fence));
        let room = Data::Text(format!("{}-{}-{fence}", &FENCE[1..], self.client));
        self.emit(NEW_MESSAGE, vec![Data::from(FLUSH_TEXT), room], true);
    }

    pub(super) fn disconnect(&self) {
        self.driver.close(self.client);
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        self.driver.close(self.client);
    }
}
