//! The command line, for the binary of this crate and for `chatspec serve`.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use crate::config::{ConfigError, Settings, local};
use crate::probe::probe;
use crate::{Config, serve_with};

/// What to print behind the options of the command that [`Args`] are part of.
pub const EXAMPLES: &str = "\
Examples:
  --listen 127.0.0.1:3000   for this machine only (the default)
  --listen 0.0.0.0:3000     for everyone who can reach it
  --listen 127.0.0.1:0      on a free port; the line that is printed says which
  PORT=8080 (in the environment, without --listen): 127.0.0.1:8080
  --print-config > chat.toml      a file to begin with
  --config chat.toml --max-text 2kB --max-messages-per-second 20
  CHATSPEC_SERVER_MAX_TEXT=2kB    the same for one setting, in the environment
  --allowed-origins https://chat.example.org,http://localhost:8080
  --redis redis://127.0.0.1:6379  be one chat with all that are given the same Redis

Sizes are written 1000 (bytes), 64KiB or 1MB; durations 500ms, 25s or 1m 30s.
What is given on the command line wins over the environment, and that over the file.

It prints one line, \"listening on http://ADDRESS\", when it can be connected to,
and ends with ctrl-c or SIGTERM, when its clients have what they were sent; a second
signal ends it at once. RUST_LOG=reference_server=debug tells more.

It answers /healthz (it lives), /readyz (503 while it stops) and /metrics (Prometheus).";

/// The options.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Args {
    /// A file with settings (TOML); `--print-config` prints one
    ///
    /// The environment wins over the file, and the options below win over both.
    #[arg(long, value_name = "FILE", env = "CHATSPEC_SERVER_CONFIG")]
    pub config: Option<PathBuf>,

    /// Print the settings as they are with all of that, and end
    #[arg(long)]
    pub print_config: bool,

    /// Ask the server that listens where this one would whether it is ready, and end
    ///
    /// The exit code is 0 if it is, and 1 if not, with the reason on stderr.
    #[arg(long, conflicts_with = "print_config")]
    pub probe: bool,

    /// What is set here and not in the file.
    #[command(flatten)]
    pub settings: Settings,
}

/// Why the server did not start, or ended on its own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `PORT` in the environment is not a port.
    #[error("PORT is `{0}` in the environment, which is no port number (0 to 65535)")]
    Port(String),

    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),

    /// Another program listens there.
    #[error(
        "port {port} is in use: another program listens on {address}; \
         end it, or choose another port (--listen {host}:0 takes a free one)",
        port = address.port(),
        host = host(address)
    )]
    InUse {
        /// Where.
        address: SocketAddr,
    },

    /// The address cannot be listened on, for another reason.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },

    /// The server that was asked is not ready, or not there.
    #[error("the server at {address} is not ready: {source}")]
    Unready {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },

    /// A second signal came before all clients had taken their leave.
    #[error("ended at once, by a second signal: not all clients had taken their leave")]
    Impatient,

    /// The operating system refuses to report signals, or the output is closed, or the listener broke.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Error {
    /// The exit code that a program should end with: 2 for what the caller can put right in the
    /// command, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Port(_) | Self::Config(_) | Self::InUse { .. } | Self::Listen { .. } => 2,
            Self::Unready { .. } | Self::Impatient | Self::Io(_) => 1,
        }
    }
}

/// Runs the server until ctrl-c or SIGTERM. Writes `listening on http://ADDRESS` to `out` as soon as
/// it can be connected to, and nothing else; or the configuration alone, if that is asked for.
pub async fn run(args: Args, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    let config = args.config()?;
    if args.print_config {
        write!(out, "{config}")?;
        return Ok(out.flush()?);
    }
    if args.probe {
        let address = config.listen;
        return probe(address)
            .await
            .map_err(|source| Error::Unready { address, source });
    }
    run_with(config, out).await
}

/// As [`run`], with a configuration that is there.
pub async fn run_with(config: Config, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    // Before anyone is told that it listens, so that no signal finds the default action.
    let mut signals = Signals::new()?;

    let address = config.listen;
    let listener = listen(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::InUse { address },
        _ => Error::Listen { address, source },
    })?;
    let address = listener.local_addr()?;
    writeln!(out, "listening on http://{address}")?;
    out.flush()?;
    tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");

    let (stop, stopping) = oneshot::channel::<()>();
    let server = serve_with(config, listener, async {
        // Sent or dropped, it says the same.
        stopping.await.unwrap_or_default();
    });
    let signalled = async move {
        signals.next().await;
        drop(stop);
        signals.next().await;
    };
    tokio::select! {
        ended = server => Ok(ended?),
        () = signalled => Err(Error::Impatient),
    }
}

/// The signals that ask a program to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// How many connections may wait until they are accepted; the system may allow fewer.
///
/// With the usual 128, a few hundred clients that come back at once on a busy machine find the queue
/// full. The system drops what they send, they send it again after a second, and that second is the
/// server's.
const BACKLOG: u32 = 4096;

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // So that it can be started again while connections of the one before it linger.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

impl Args {
    /// All that is set: the default, the file, the environment and the command line, the later over
    /// the earlier.
    pub fn config(&self) -> Result<Config, Error> {
        let port = std::env::var_os("PORT").map(|port| port.to_string_lossy().into_owned());
        self.config_with(port.as_deref())
    }

    fn config_with(&self, port: Option<&str>) -> Result<Config, Error> {
        let mut config = match &self.config {
            Some(file) => Config::load(file)?,
            None => Config::default(),
        };
        if let Some(port) = port.filter(|_| self.settings.listen.is_none()) {
            let port = port.parse().map_err(|_| Error::Port(port.to_owned()))?;
            config.listen = local(port);
        }
        let config = config.with(&self.settings)?;
        config.check()?;
        Ok(config)
    }
}

fn host(address: &SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_over_the_environment_and_that_over_the_default() {
        let none = Args::default();
        let listen = |args: &Args, port| args.config_with(port).unwrap().listen;
        assert_eq!(listen(&none, None), local(3000));
        assert_eq!(listen(&none, Some("8080")), local(8080));
        let mut some = none;
        some.settings.listen = Some("0.0.0.0:1".parse().unwrap());
        assert_eq!(listen(&some, Some("nonsense")).to_string(), "0.0.0.0:1");
    }

    /// A queue that is full lets nobody in before a second has passed.
    #[tokio::test]
    async fn hundreds_may_come_before_one_is_accepted() {
        let listener = listen(local(0)).unwrap();
        let address = listener.local_addr().unwrap();
        let come = (0..400).map(|_| tokio::net::TcpStream::connect(address));
        let come = futures_util::future::join_all(come);
        let come = tokio::time::timeout(std::time::Duration::from_millis(900), come).await;
        let come = come.expect("room for all of them");
        assert!(come.iter().all(Result::is_ok));
    }

    #[test]
    fn messages() {
        let in_use = |address: &str| {
            Error::InUse {
                address: address.parse().unwrap(),
            }
            .to_string()
        };
        let messages = [
            Error::Port("many".to_owned()).to_string(),
            in_use("127.0.0.1:3000"),
            in_use("[::1]:3000"),
            Error::Listen {
                address: "10.9.8.7:80".parse().unwrap(),
                source: io::Error::from(io::ErrorKind::AddrNotAvailable),
            }
            .to_string(),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }
}
