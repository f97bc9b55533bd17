//! What the user names with `--target`, and target.toml.

mod draft;
mod file;
mod ledger_file;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chatspec_judge::ledger::Ledger;
use chatspec_mutants::Mutant;
use chatspec_notation::ast::Transport;

pub use draft::Draft;
pub use file::{FileError, FileProblem, Place};
pub use ledger_file::{LedgerFile, WriteLedgerError};

use super::{Endpoint, Manners, Nodes, USUAL_PATH};

/// A target, before it is started.
#[derive(Clone, Debug)]
pub struct Target {
    /// What it is called in reports.
    pub name: String,
    /// As the user wrote it, for the command that runs a case again.
    pub argument: String,
    /// How to get at it.
    pub launch: Launch,
    /// What it says it can do beyond the seed contract.
    pub capabilities: Vec<String>,
    /// The transports that it is judged on; what it refuses by name is left out besides.
    pub transports: BTreeSet<Transport>,
    /// The target.toml that says all this, where it comes from one.
    pub file: Option<PathBuf>,
    /// What it is known to fail.
    pub ledger: Ledger,
    /// How it is spoken to.
    pub manners: Manners,
}

/// How to get at a target.
#[derive(Clone, Debug)]
pub enum Launch {
    /// Our reference server, as a process of its own, with all that it can do where it is asked to, and
    /// nothing that it would say unasked.
    Reference,
    /// The server that does next to nothing, as a process of its own: what a bench measures itself by.
    Null {
        /// What it is to do all the same, as its own command reads it: `delay=50ms`. May be empty.
        options: String,
    },
    /// The self-test server with one bug, in this process.
    Mutant(Mutant),
    /// A server that somebody else runs, on one node or on several.
    Url(Nodes),
    /// A command that listens on the port in its environment's `PORT`.
    Command {
        /// The command line, for a shell.
        command: String,
        /// Where it is run; the current directory unless a target.toml says otherwise.
        folder: Option<PathBuf>,
        /// What has to be done once before, in the same place.
        setup: Option<String>,
        /// How many nodes of one server: the command is started so many times, each with its own port,
        /// and its number from 1 in `CHATSPEC_NODE`.
        nodes: u32,
        /// A command line that runs beside the nodes and that they need: a Redis, say. It listens on the
        /// port in `BESIDE_PORT`, which they are told too.
        beside: Option<String>,
    },
    /// A container image.
    Image {
        /// Its name, with its tag where it has one.
        image: String,
        /// The port that the server listens on inside.
        port: u16,
    },
}

/// A `--target` that cannot be used. The fault is the user's.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// It is none of the forms.
    #[error(
        "`{argument}` is no target{}; write `reference`, `mutant:NAME`, `http://host:port`, \
         `cmd:COMMAND`, `image:NAME` or the path of a target.toml or its folder",
        .meant.as_ref().map(|meant| format!(" (did you mean `{meant}`?)")).unwrap_or_default()
    )]
    Unknown {
        /// What was written.
        argument: String,
        /// What may have been meant.
        meant: Option<String>,
    },
    /// A URL that is not understood.
    #[error("the target `{url}` is not usable: {problem}")]
    Url {
        /// What was written.
        url: String,
        /// What is wrong with it.
        problem: UrlError,
    },
    /// There is no such mutant.
    #[error(transparent)]
    Mutant(#[from] chatspec_mutants::UnknownMutant),
    /// Nothing stands behind the colon.
    #[error("`{0}` names nothing: {1}")]
    Empty(String, &'static str),
    /// The port behind `#` is none.
    #[error("`{0}`: the port behind `#` should be a number from 1 to 65535")]
    Port(String),
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{0}")]
    File(Box<FileError>),
}

/// A URL that no target can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is no URL.
    #[error("it is not a URL ({0}); write http://host:port")]
    Syntax(String),
    /// It is spoken to in a way that is not ours.
    #[error("only http:// and https:// are spoken (WebSocket is reached through them); write {0}")]
    Scheme(String),
    /// It names no host.
    #[error("it names no host; write http://host:port")]
    NoHost,
    /// What stands behind the host's colon is no port.
    #[error("its port should be a number from 1 to 65535")]
    Port,
    /// It has a name and a password in it.
    #[error("it names a user, and chatspec has no way to log in")]
    User,
    /// It has a query.
    #[error("it has a query, which Engine.IO's own takes the place of")]
    Query,
}

/// How the null server is called.
pub const NULL: &str = "null";

/// The port that a chat in a container listens on, unless it is said.
const CONTAINER_PORT: u16 = 3000;

impl Target {
    /// The target that `argument` names. `PATH#image` chooses the image of a target.toml that has
    /// both a command and an image.
    pub fn parse(argument: &str) -> Result<Self, SpecError> {
        let plain = |launch| Self {
            name: argument.to_owned(),
            argument: argument.to_owned(),
            launch,
            capabilities: Vec::new(),
            transports: Transport::ALL.iter().copied().collect(),
            file: None,
            ledger: Ledger::default(),
            manners: Manners::default(),
        };
        let able = |launch, capabilities: &[&str]| Self {
            capabilities: capabilities.iter().map(|&name| name.to_owned()).collect(),
            ..plain(launch)
        };
        if argument == REFERENCE {
            return Ok(able(Launch::Reference, &["restart", "echo"]));
        }
        if let Some(options) = null_options(argument) {
            return Ok(Self {
                transports: [Transport::Websocket, Transport::Polling].into(),
                ..able(Launch::Null { options }, &["restart"])
            });
        }
        if let Some(name) = argument.strip_prefix("mutant:") {
            if name.is_empty() {
                let how = "write mutant: and then the name of a bug, or `none`";
                return Err(SpecError::Empty(argument.to_owned(), how));
            }
            let mutant: Mutant = name.parse()?;
            return Ok(able(Launch::Mutant(mutant), mutant.capabilities()));
        }
        if argument.contains("://") {
            let endpoint = endpoint(argument).map_err(|problem| SpecError::Url {
                url: argument.to_owned(),
                problem,
            })?;
            return Ok(plain(Launch::Url(endpoint.into())));
        }
        if let Some(command) = argument.strip_prefix("cmd:") {
            let command = command.trim().to_owned();
            if command.is_empty() {
                let how = "write cmd: and then the command, in quotes where it has spaces";
                return Err(SpecError::Empty(argument.to_owned(), how));
            }
            let launch = Launch::Command {
                command,
                folder: None,
                setup: None,
                nodes: 1,
                beside: None,
            };
            return Ok(able(launch, &["restart"]));
        }
        if let Some(image) = argument.strip_prefix("image:") {
            return Ok(plain(image_of(argument, image)?));
        }
        // `folder#image` runs the container of a target.toml that has a command as well.
        let (path, container) = match argument.strip_suffix("#image") {
            Some(path) => (Path::new(path), true),
            None => (Path::new(argument), false),
        };
        if path.is_dir() {
            return file::read(&path.join("target.toml"), argument, container);
        }
        if path.is_file() || is_like_a_path(path) {
            return file::read(path, argument, container);
        }
        Err(SpecError::Unknown {
            argument: argument.to_owned(),
            meant: meant(argument),
        })
    }

    /// What has to be done once before its command is started.
    pub fn setup(&self) -> Option<&str> {
        match &self.launch {
            Launch::Command { setup, .. } => setup.as_deref(),
            _ => None,
        }
    }

    /// The target that `text` describes, were it in the target.toml at `file`.
    pub fn described(file: &Path, text: &str) -> Result<Self, SpecError> {
        file::described(file, text, false)
    }
}

const REFERENCE: &str = "reference";

/// Where a URL without a port leads.
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

fn image_of(argument: &str, image: &str) -> Result<Launch, SpecError> {
    let (image, port) = match image.rsplit_once('#') {
        None => (image, CONTAINER_PORT),
        Some((image, port)) => match port.parse() {
            Ok(port) if port > 0 => (image, port),
            _ => return Err(SpecError::Port(argument.to_owned())),
        },
    };
    if image.is_empty() {
        let how = "write image: and then the name of an image";
        return Err(SpecError::Empty(argument.to_owned(), how));
    }
    Ok(Launch::Image {
        image: image.to_owned(),
        port,
    })
}

/// Whether a file was meant, be it there or not.
fn is_like_a_path(path: &Path) -> bool {
    path.components().count() > 1 || path.extension().is_some_and(|ending| ending == "toml")
}

/// What stands behind `null:`, and nothing behind `null`.
fn null_options(argument: &str) -> Option<String> {
    match argument.strip_prefix(NULL)? {
        "" => Some(String::new()),
        options => options.strip_prefix(':').map(str::to_owned),
    }
}

/// What is most like `argument` among the forms.
fn meant(argument: &str) -> Option<String> {
    /// Below it, two words have little in common.
    const ALIKE: f64 = 0.85;
    let (before, port) = argument.rsplit_once(':').unwrap_or((argument, ""));
    if !before.is_empty() && port.parse::<u16>().is_ok() {
        return Some(format!("http://{argument}"));
    }
    (strsim::jaro_winkler(argument, REFERENCE) > ALIKE).then(|| REFERENCE.to_owned())
}

fn endpoint(url: &str) -> Result<Endpoint, UrlError> {
    let uri: http::Uri = url
        .parse()
        .map_err(|error: http::uri::InvalidUri| UrlError::Syntax(error.to_string()))?;
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let secure = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        other => {
            let scheme = if other == Some("wss") {
                "https"
            } else {
                "http"
            };
            let authority = authority.unwrap_or("host:port");
            return Err(UrlError::Scheme(format!("{scheme}://{authority}")));
        }
    };
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(UrlError::User);
    }
    if uri.query().is_some() {
        return Err(UrlError::Query);
    }
    let host = uri
        .host()
        .filter(|host| !host.is_empty())
        .ok_or(UrlError::NoHost)?;
    let port = match uri.port_u16() {
        Some(0) => return Err(UrlError::Port),
        Some(port) => port,
        // A port out of range is taken for none.
        None if authority.is_some_and(|authority| !authority.ends_with(host)) => {
            return Err(UrlError::Port);
        }
        None if secure => HTTPS_PORT,
        None => HTTP_PORT,
    };
    let path = match uri.path() {
        "/" | "" => USUAL_PATH.to_owned(),
        path if path.ends_with('/') => path.to_owned(),
        path => format!("{path}/"),
    };
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Endpoint {
        secure,
        ..Endpoint::new(host, port, path)
    })
}

#[cfg(test)]
mod tests;
