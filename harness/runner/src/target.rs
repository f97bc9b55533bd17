//! What is judged: where it is, how it is started, whether it still lives.
//!
//! # Layout
//! - `spec`: what the user names; target.toml, and the ledger that is written into it.
//! - `running`: a started target, of whatever kind.
//! - `process`, `container`: the kinds that we start.
//! - `probe`: the first look at a server, and what a stranger answers; `offer`: the transports that
//!   it does not have.

#[cfg(feature = "containers")]
mod container;
mod offer;
mod probe;
mod process;
mod running;
mod spec;

use std::time::Duration;

pub(crate) use offer::refused;
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
