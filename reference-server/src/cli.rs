//! The command line, for the binary of this crate and for `chatspec serve`.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{SignalKind, signal};

use crate::{Config, serve_with};

/// What to print behind the options of the command that [`Args`] are part of.
pub const EXAMPLES: &str = "\
Examples:
  --listen 127.0.0.1:3000   for this machine only (the default)
  --listen 0.0.0.0:3000     for everyone who can reach it
  --listen 127.0.0.1:0      on a free port; the line that is printed says which
  PORT=8080 (in the environment, without --listen): 127.0.0.1:8080

It prints one line, \"listening on http://ADDRESS\", when it can be connected to,
and ends with ctrl-c or SIGTERM. RUST_LOG=reference_server=debug tells more.";

/// The options.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an extension of its own, there or not"
)]
pub struct Args {
    /// Address and port to listen on, or a port of 127.0.0.1
    ///
    /// Without it: the port in the environment variable PORT, on 127.0.0.1; without that, port 3000.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    pub listen: Option<SocketAddr>,

    /// Send back whatever comes: `message` as `message-back`, `message-with-ack` in its ack
    ///
    /// It is no part of the chat. `chatspec run` asks for it, to judge how arguments of every kind
    /// come through (its capability `echo`).
    #[arg(long)]
    pub echo: bool,

    /// Let clients leave a room: `leave_room` (room, ack)
    #[arg(long)]
    pub leave_room: bool,

    /// Tell everyone else in a room who leaves it: `bye` (nickname)
    #[arg(long)]
    pub bye: bool,

    /// Tell everyone which rooms there are, and how many are in each: `room_change` ([[name, members], ..])
    #[arg(long)]
    pub room_change: bool,
}

/// Why the server did not start, or ended on its own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `PORT` in the environment is not a port.
    #[error("PORT is `{0}` in the environment, which is no port number (0 to 65535)")]
    Port(String),

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

    /// The operating system refuses to report signals, or the output is closed, or the listener broke.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Error {
    /// The exit code that a program should end with: 2 for what the caller can put right in the
    /// command, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Port(_) | Self::InUse { .. } | Self::Listen { .. } => 2,
            Self::Io(_) => 1,
        }
    }
}

/// Runs the server until ctrl-c or SIGTERM. Writes `listening on http://ADDRESS` to `out` as soon as
/// it can be connected to, and nothing else.
pub async fn run(args: Args, out: &mut (dyn Write + Send)) -> Result<(), Error> {
    // Before anyone is told that it listens, so that no signal finds the default action.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;

    let port = std::env::var_os("PORT").map(|port| port.to_string_lossy().into_owned());
    let address = args.address(port.as_deref())?;
    let listener = listen(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => Error::InUse { address },
        _ => Error::Listen { address, source },
    })?;
    writeln!(out, "listening on http://{}", listener.local_addr()?)?;
    out.flush()?;

    let shutdown = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let config = Config {
        echo: args.echo,
        leave_room: args.leave_room,
        bye: args.bye,
        room_change: args.room_change,
        ..Config::default()
    };
    Ok(serve_with(config, listener, shutdown).await?)
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
    /// Where to listen, given what `PORT` is in the environment.
    fn address(&self, port: Option<&str>) -> Result<SocketAddr, Error> {
        match (self.listen, port) {
            (Some(address), _) => Ok(address),
            (None, Some(port)) => port
                .parse()
                .map(local)
                .map_err(|_| Error::Port(port.to_owned())),
            (None, None) => Ok(local(3000)),
        }
    }
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn host(address: &SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.parse() {
        return Ok(local(port));
    }
    let numeric = text
        .strip_prefix("localhost:")
        .map(|port| format!("127.0.0.1:{port}"));
    numeric.as_deref().unwrap_or(text).parse().map_err(|_| {
        "not an address and a port; write 127.0.0.1:3000, [::1]:3000, or a port alone".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_over_the_environment_and_that_over_the_default() {
        let none = Args {
            listen: None,
            echo: false,
            leave_room: false,
            bye: false,
            room_change: false,
        };
        assert_eq!(none.address(None).unwrap(), local(3000));
        assert_eq!(none.address(Some("8080")).unwrap(), local(8080));
        let some = Args {
            listen: Some("0.0.0.0:1".parse().unwrap()),
            ..none
        };
        assert_eq!(
            some.address(Some("nonsense")).unwrap().to_string(),
            "0.0.0.0:1"
        );
    }

    #[test]
    fn an_address_may_be_short() {
        for (text, address) in [
            ("4000", "127.0.0.1:4000"),
            ("localhost:4000", "127.0.0.1:4000"),
            ("[::1]:0", "[::1]:0"),
        ] {
            assert_eq!(parse_address(text).unwrap().to_string(), address);
        }
        for text in ["", "127.0.0.1", "example.org:80", "70000", "localhost:"] {
            parse_address(text).unwrap_err();
        }
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
            parse_address("example.org").unwrap_err(),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }
}
