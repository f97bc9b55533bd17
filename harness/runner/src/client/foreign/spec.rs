//! client.toml, and what a client cannot do.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chatspec_judge::ledger::{KnownFailure, Ledger, LedgerError};
use chatspec_judge::pattern::Pattern;
use chatspec_judge::plan::{OpKind, Plan, Wanted};
use chatspec_notation::ast::{Act, Transport};
use serde::Deserialize;

use crate::target::{StartError, set_up};

/// A client of somebody else's, as the client.toml of its folder describes it.
#[derive(Clone, Debug)]
pub struct ForeignClient {
    /// What it is called in reports.
    pub name: String,
    /// Its folder, as the user wrote it.
    pub argument: String,
    /// What its driver is started with, in the folder.
    pub command: String,
    /// The folder.
    pub folder: PathBuf,
    /// What has to be done there once before.
    setup: Option<String>,
    /// What it is known to fail.
    pub ledger: Ledger,
    lacks: BTreeSet<Lack>,
    transports: BTreeSet<Transport>,
}

/// A client.toml that cannot be used. The fault is the user's.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It cannot be read.
    #[error("{file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no client.toml.
    #[error("{file}: {problem}")]
    Toml {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A transport that there is not.
    #[error("{file}: there is no transport `{transport}`; write websocket, polling or upgrade")]
    Transport {
        /// The file.
        file: String,
        /// What was written.
        transport: String,
    },
    /// Its ledger cannot be used.
    #[error("{file}: {source}")]
    Ledger {
        /// The file.
        file: String,
        /// What is wrong with it.
        source: LedgerError,
    },
    /// What has to be done once before it is started failed.
    #[error(transparent)]
    Setup(StartError),
}

/// What a library may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Lack {
    /// A payload in its CONNECT.
    Auth,
    /// Bytes among its arguments.
    Binary,
    /// Other namespaces than the main one, and several on one connection.
    Namespaces,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ClientFile {
    name: String,
    #[serde(default, rename = "summary")]
    _summary: String,
    command: String,
    setup: Option<String>,
    transports: Option<Vec<String>>,
    #[serde(default)]
    lacks: BTreeSet<Lack>,
    #[serde(default)]
    known_failure: Vec<KnownFailure>,
}

impl ForeignClient {
    /// The client in `folder`.
    ///
    /// # Errors
    ///
    /// Its client.toml cannot be read, or does not say what it has to.
    pub fn read(folder: &Path) -> Result<Self, ClientError> {
        let path = folder.join("client.toml");
        let file = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|source| ClientError::Read {
            file: file.clone(),
            source,
        })?;
        let read: ClientFile = toml::from_str(&text).map_err(|error| ClientError::Toml {
            file: file.clone(),
            problem: error.to_string().trim().to_owned(),
        })?;
        let transports = match read.transports {
            None => Transport::ALL.iter().copied().collect(),
            Some(names) => {
                let transport = |name: String| {
                    let file = file.clone();
                    name.parse().map_err(|_| ClientError::Transport {
                        file,
                        transport: name,
                    })
                };
                names.into_iter().map(transport).collect::<Result<_, _>>()?
            }
        };
        let ledger = Ledger::new(read.known_failure)
            .map_err(|source| ClientError::Ledger { file, source })?;
        Ok(Self {
            name: read.name,
            argument: folder.display().to_string(),
            command: read.command,
            setup: read.setup,
            folder: folder.to_owned(),
            ledger,
            lacks: read.lacks,
            transports,
        })
    }

    /// Does what has to be done once before its driver is started, if anything has, however long that
    /// takes.
    ///
    /// # Errors
    ///
    /// The `setup` of its client.toml cannot be run, or fails.
    pub async fn set_up(&self) -> Result<(), ClientError> {
        let Some(setup) = &self.setup else {
            return Ok(());
        };
        set_up(setup, Some(&self.folder))
            .await
            .map_err(ClientError::Setup)
    }

    pub(super) fn has_namespaces(&self) -> bool {
        !self.lacks.contains(&Lack::Namespaces)
    }

    /// What a plan needs that the client cannot do, in words for a report. No library sends what is no
    /// packet, or pretends to be gone.
    pub(super) fn lacks(&self, plan: &Plan) -> BTreeSet<String> {
        let needs = plan.ops.iter().filter_map(|op| self.lack(&op.kind));
        needs
            .map(|what| format!("{what} (of {})", self.name))
            .collect()
    }

    fn lack(&self, kind: &OpKind) -> Option<String> {
        let without = |lack| self.lacks.contains(&lack);
        let what = match kind {
            OpKind::RawSend(_)
            | OpKind::Receive {
                wanted: Wanted::Raw(_),
                ..
            } => "raw packets",
            OpKind::Act(Act::Vanishes) => "vanishing",
            OpKind::Act(Act::FallsSilent) => "falling silent",
            OpKind::Act(Act::StopsReading | Act::ReadsAgain) => "not reading",
            OpKind::DelayLink(_) => "a slow link",
            OpKind::Connect { via, .. } if !self.transports.contains(via) => {
                return Some(format!("transport {via}"));
            }
            OpKind::Connect { auth: Some(_), .. } if without(Lack::Auth) => "auth",
            OpKind::Connect { namespace, .. } if namespace != "/" && without(Lack::Namespaces) => {
                "namespaces"
            }
            OpKind::Emit { args, .. } if without(Lack::Binary) && args.iter().any(has_binary) => {
                "bytes"
            }
            _ => return None,
        };
        Some(what.to_owned())
    }
}

fn has_binary(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Any | Pattern::Capture(_) => false,
        Pattern::Array(items) => items.iter().any(has_binary),
        Pattern::Object(fields) => fields.iter().any(|(_, value)| has_binary(value)),
        Pattern::Exactly(data) => data.has_binary(),
    }
}
