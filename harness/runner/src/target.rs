//! What is judged: where it is, how it is started, whether it still lives.
//!
//! # Layout
//! - `spec`: what the user names; target.toml, and the ledger that is written into it.
//! - `connection`: what is said when a connection is opened; `dialect`: what a chat calls things.
//! - `tls`: whom is trusted.
//! - `running`: a started target, of whatever kind.
//! - `process`, `container`: the kinds that we start; `fleet`: the processes of a server with several
//!   nodes, and what runs beside them.
//! - `probe`: the first look at a server, and what a stranger answers; `offer`: the transports that
//!   it does not have; `parser`: whether it encodes its packets otherwise.

pub(crate) mod connection;
#[cfg(feature = "containers")]
mod container;
pub(crate) mod dialect;
mod fleet;
mod offer;
mod parser;
mod probe;
mod process;
mod running;
mod spec;
pub(crate) mod tls;

use std::sync::Arc;
use std::time::Duration;

use chatspec_judge::ways::Ways;
use http::{HeaderMap, HeaderName, HeaderValue};

use connection::{Connection, Greeting, stranger};
use dialect::template::Bindings;
use dialect::{Company, Dialect, Tongue};
use tls::Tls;

pub use dialect::template::TemplateProblem;
pub(crate) use offer::{handshake, refused};
pub(crate) use parser::other_parser;
pub use probe::ProbeError;
pub(crate) use running::set_up;
pub use running::{Launcher, Patience, Running, StartError};
pub use spec::{
    Draft, FileError, FileProblem, Launch, LedgerFile, NULL, Place, SpecError, Target, UrlError,
    WriteLedgerError,
};

/// Where Socket.IO answers unless it is told otherwise.
pub(crate) const USUAL_PATH: &str = "/socket.io/";

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
    /// What every request says besides.
    greeting: Arc<Greeting>,
    /// Whether it is reached through TLS.
    pub secure: bool,
    /// How, once that is known.
    tls: Option<Tls>,
}

/// How a target is spoken to, where that is not as the seed contract has it.
#[derive(Clone, Debug, Default)]
pub struct Manners {
    pub(crate) connection: Arc<Connection>,
    pub(crate) dialect: Option<Arc<Dialect>>,
    /// In which ways its chat differs from the contract.
    pub ways: Ways,
}

impl Manners {
    /// Whether it is spoken to as the contract has it, in all.
    pub fn are_plain(&self) -> bool {
        self.dialect.is_none() && self.connection.is_plain() && self.ways.are_the_seeds()
    }

    /// Whether a message can be sent that nobody hears and that is answered all the same.
    pub(crate) fn may_flush(&self) -> bool {
        match &self.dialect {
            Some(dialect) => dialect.flushes(&self.ways),
            None => Dialect::default().flushes(&self.ways),
        }
    }

    /// Where these manners lead, for whoever only looks.
    fn place(&self, endpoint: &Endpoint, tls: Option<&Tls>) -> Endpoint {
        let path = self.connection.path.clone();
        let endpoint = Endpoint {
            path: path.unwrap_or_else(|| endpoint.path.clone()),
            secure: tls.is_some(),
            tls: tls.cloned(),
            ..endpoint.clone()
        };
        self.endpoint_of(&endpoint, &stranger())
    }

    /// The endpoint as this client reaches it.
    pub(crate) fn endpoint_of(&self, endpoint: &Endpoint, who: &Bindings) -> Endpoint {
        Endpoint {
            greeting: Arc::new(self.connection.greeting(who)),
            ..endpoint.clone()
        }
    }

    /// The interpreter of a new connection, where one is needed.
    pub(crate) fn tongue(&self, company: &Arc<Company>) -> Option<Tongue> {
        let dialect = Arc::clone(self.dialect.as_ref()?);
        Some(Tongue::new(dialect, Arc::clone(company)))
    }
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

impl Nodes {
    /// The same, as `manners` lead there.
    pub(crate) fn placed(&self, manners: &Manners) -> Result<Self, rustls::Error> {
        let connection = &manners.connection;
        let secure = connection.tls || self.iter().any(|node| node.secure);
        // The authorities of this machine are read once, and not for each node.
        let tls = secure.then(|| Tls::trusting(&connection.authorities));
        let tls = tls.transpose()?;
        let place = |node: &Endpoint| {
            let through = tls.as_ref().filter(|_| connection.tls || node.secure);
            manners.place(node, through)
        };
        Ok(Self::new(
            place(&self.first),
            self.others.iter().map(place).collect(),
        ))
    }
}

impl From<Endpoint> for Nodes {
    fn from(only: Endpoint) -> Self {
        Self::new(only, Vec::new())
    }
}

impl Endpoint {
    /// This path on this host, with nothing else said.
    pub fn new(host: String, port: u16, path: String) -> Self {
        Self {
            host,
            port,
            path,
            greeting: Arc::default(),
            secure: false,
            tls: None,
        }
    }

    /// The usual path on a local port.
    pub fn local(port: u16) -> Self {
        Self::new("127.0.0.1".to_owned(), port, USUAL_PATH.to_owned())
    }

    /// The same with one header more.
    pub(crate) fn with_header(&self, name: HeaderName, value: HeaderValue) -> Self {
        let mut endpoint = self.clone();
        Arc::make_mut(&mut endpoint.greeting)
            .headers
            .append(name, value);
        endpoint
    }

    /// How its TLS is opened; none where there is none.
    pub(crate) const fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// The headers that every request has.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.greeting.headers
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
        let more = &self.greeting.query;
        format!("{}?EIO=4&transport={transport}{session}{more}", self.path)
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
