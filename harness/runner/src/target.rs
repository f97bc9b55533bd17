//! What is judged: where it is, how it is started, whether it still lives.
//!
//! # Layout
//! - `spec`: what the user names; target.toml, and the ledger that is written into it.
//! - `running`: a started target, of whatever kind.
//! - `process`, `container`: the kinds that we start; `fleet`: the processes of a server with several
//!   nodes, and what runs beside them.
//! - `probe`: the first look at a server, and what a stranger answers; `offer`: the transports that
//!   it does not have; `parser`: whether it encodes its packets otherwise.

#[cfg(feature = "containers")]
mod container;
mod fleet;
mod offer;
mod parser;
mod probe;
mod process;
mod running;
mod spec;

use std::time::Duration;

pub(crate) use offer::refused;
pub(crate) use parser::other_parser;
pub use probe::ProbeError;
pub use running::{Launcher, Patience, Running, StartError};
pub use spec::{
    FileError, FileProblem, Launch, LedgerFile, NULL, Place, SpecError, Target, UrlError,
    WriteLedgerError,
};

/// Which processes of this machine a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processes {
    /// Those of a process group, by the number of the process that leads it.
    Group(i32),
    /// Those of a container, by what its engine calls it. None of them is here if the engine is on
    /// another machine.
    Container(String),
}

/// Where a Socket.IO server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The path of the Engine.IO endpoint, with both slashes: `/socket.io/`.
    pub path: String,
}

/// Where the nodes of a server are reached; most servers are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    first: Endpoint,
    others: Vec<Endpoint>,
}

impl Nodes {
    /// A server that is reached at `first`, and at `others` too.
    pub const fn new(first: Endpoint, others: Vec<Endpoint>) -> Self {
        Self { first, others }
    }

    /// The first; whatever is not about nodes happens there.
    pub const fn first(&self) -> &Endpoint {
        &self.first
    }

    /// The node of this number, counted from 1; the first, where there are not as many.
    pub fn get(&self, node: u32) -> &Endpoint {
        let index = usize::try_from(node)
            .ok()
            .and_then(|node| node.checked_sub(2));
        let found = index.and_then(|index| self.others.get(index));
        found.unwrap_or(&self.first)
    }

    /// All of them, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl From<Endpoint> for Nodes {
    fn from(only: Endpoint) -> Self {
        Self::new(only, Vec::new())
    }
}

impl Endpoint {
    /// The usual path on a local port.
    pub fn local(port: u16) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            path: "/socket.io/".to_owned(),
        }
    }

    /// `host:port`, with the brackets an IPv6 address needs.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Path and query of a request of `transport`, within a session if there is one (Engine.IO
    /// protocol v4, "HTTP long-polling", query parameters).
    pub(crate) fn target(&self, transport: &str, sid: Option<&str>) -> String {
        let session = sid.map(|sid| format!("&sid={sid}")).unwrap_or_default();
        format!("{}?EIO=4&transport={transport}{session}", self.path)
    }
}

/// A length of time in a sentence.
fn spoken(time: Duration) -> String {
    if time.subsec_millis() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{} ms", time.as_millis())
    }
}
