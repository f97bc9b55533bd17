//! One TCP connection: read until nothing is there, with the time at which the kernel had it.

use std::io::{self, IoSliceMut, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd as _;

use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use socket2::{Domain, Protocol, Type};

use crate::clock::{Nanos, real};

/// How many connections leave from one address: some eight thousand fewer than the ports that a
/// system hands out by default.
const PER_ADDRESS: u32 = 20_000;

/// A connection, or one that is being made.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    /// What the system did not take yet.
    unsent: Vec<u8>,
}

/// What a read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// So many bytes, of which the last was with the kernel at `arrived`.
    Bytes {
        /// How many.
        length: usize,
        /// When.
        arrived: Nanos,
        /// How long it lay there, in nanoseconds; none where the kernel does not say.
        lay: Option<u64>,
    },
    /// Nothing is there now.
    Nothing,
    /// Nothing will be there any more.
    End,
}

impl Socket {
    /// Begins to connect. `number` counts the connections to loopback: each address of ours has a
    /// bounded number of ports, and 127.0.0.0/8 has addresses enough.
    pub(crate) fn connect(to: SocketAddr, number: u32) -> io::Result<Self> {
        let socket = socket2::Socket::new(
            Domain::for_address(to),
            Type::STREAM.nonblocking(),
            Some(Protocol::TCP),
        )?;
        socket.set_tcp_nodelay(true)?;
        let another = number / PER_ADDRESS;
        if another > 0
            && let IpAddr::V4(address) = to.ip()
            && address.is_loopback()
        {
            // The port is chosen when it is known whom it leads to, so that others may have it too.
            setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
            let address = u32::from(Ipv4Addr::LOCALHOST) + another;
            socket.bind(&SocketAddr::new(Ipv4Addr::from(address).into(), 0).into())?;
        }
        // A kernel that does not stamp leaves us our own clock, and the report says so.
        if let Err(error) = setsockopt(&socket, sockopt::ReceiveTimestampns, &true) {
            tracing::debug!(%error, "no stamps from this kernel");
        }
        match socket.connect(&to.into()) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == Some(Errno::EINPROGRESS as i32) => {}
            Err(error) => return Err(error),
        }
        Ok(Self {
            stream: TcpStream::from_std(socket.into()),
            unsent: Vec::new(),
        })
    }

    /// Has its events reported under `token`, each once.
    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let both = Interest::READABLE | Interest::WRITABLE;
        self.stream.register(registry, token, both)
    }

    /// Sends `bytes`, behind what is still waiting; what the system does not take waits too, as all
    /// does while the connection is being made.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            return self.flush();
        }
        let sent = write(&mut self.stream, bytes)?;
        self.unsent.extend_from_slice(&bytes[sent..]);
        Ok(())
    }

    /// Sends what is waiting, as far as the system takes it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let sent = write(&mut self.stream, &self.unsent)?;
        self.unsent.drain(..sent);
        if self.unsent.is_empty() {
            // Ten thousand members that once had to wait would keep as many buffers.
            self.unsent = Vec::new();
        }
        Ok(())
    }

    /// Reads what is there into `buffer`. Nothing more is there when it was not filled: events are
    /// reported once, and a stream that gives less than was asked for has given all (epoll(7)).
    pub(crate) fn read(&mut self, buffer: &mut [u8], control: &mut [u8]) -> io::Result<Read> {
        let mut slices = [IoSliceMut::new(buffer)];
        let fd = self.stream.as_raw_fd();
        let received = loop {
            match recvmsg::<()>(fd, &mut slices, Some(control), MsgFlags::empty()) {
                Ok(received) => break received,
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => return Ok(Read::Nothing),
                Err(error) => return Err(error.into()),
            }
        };
        if received.bytes == 0 {
            return Ok(Read::End);
        }
        let now = Nanos::now();
        let stamp = received.cmsgs().ok().and_then(|mut messages| {
            messages.find_map(|message| match message {
                ControlMessageOwned::ScmTimestampns(time) => Some(time),
                _ => None,
            })
        });
        let lay = stamp.map(|stamp| real().saturating_sub(nanoseconds(stamp)));
        Ok(Read::Bytes {
            length: received.bytes,
            arrived: now.minus(lay.unwrap_or(0)),
            lay,
        })
    }

    /// Ends the connection.
    pub(crate) fn close(mut self, registry: &Registry) {
        if let Err(error) = self.stream.deregister(registry) {
            tracing::debug!(%error, "a connection was not watched");
        }
    }
}

/// Where the kernel puts its stamps.
pub(crate) fn control() -> Vec<u8> {
    cmsg_space!(TimeSpec)
}

fn nanoseconds(time: TimeSpec) -> u64 {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or(0)
}

/// How many of `bytes` the system took.
fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<usize> {
    let mut sent = 0;
    while sent < bytes.len() {
        match stream.write(&bytes[sent..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(more) => sent += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use mio::{Events, Poll};

    use super::*;

    /// A connection from `number`, and its other end.
    fn pair(number: u32) -> (Socket, std::net::TcpStream, Poll) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let poll = Poll::new().unwrap();
        let mut socket = Socket::connect(listener.local_addr().unwrap(), number).unwrap();
        socket.register(poll.registry(), Token(0)).unwrap();
        let (other, _) = listener.accept().unwrap();
        (socket, other, poll)
    }

    fn read(socket: &mut Socket, poll: &mut Poll) -> (Vec<u8>, Option<u64>) {
        let (mut buffer, mut control) = ([0; 100], control());
        let mut events = Events::with_capacity(8);
        loop {
            match socket.read(&mut buffer, &mut control).unwrap() {
                Read::Bytes { length, lay, .. } => return (buffer[..length].to_vec(), lay),
                Read::Nothing => poll.poll(&mut events, None).unwrap(),
                Read::End => return (Vec::new(), None),
            }
        }
    }

    #[test]
    fn the_kernel_says_how_long_it_had_what_is_read() {
        let (mut socket, mut other, mut poll) = pair(0);
        // The kernel begins to stamp some time after the first socket has asked for it.
        let lays = std::iter::repeat_with(|| {
            other.write_all(b"early").unwrap();
            let began = Nanos::now();
            while Nanos::now().since(began) < 20_000_000 {}
            let (bytes, lay) = read(&mut socket, &mut poll);
            assert_eq!(bytes, b"early");
            lay.unwrap_or(0)
        });
        let lays: Vec<_> = lays.take(50).collect();
        assert!(lays.iter().any(|lay| *lay > 19_000_000), "{lays:?} ns");
        other.write_all(b"now").unwrap();
        assert_eq!(read(&mut socket, &mut poll).0, b"now");
        drop(other);
        assert_eq!(read(&mut socket, &mut poll).0, b"");
    }

    #[test]
    fn many_connections_come_from_several_addresses() {
        for (number, source) in [
            (0, "127.0.0.1"),
            (19_999, "127.0.0.1"),
            (40_000, "127.0.0.3"),
        ] {
            let (_socket, other, _poll) = pair(number);
            assert_eq!(other.peer_addr().unwrap().ip().to_string(), source);
        }
    }

    #[test]
    fn what_the_system_does_not_take_is_sent_later_and_in_order() {
        use std::io::Read as _;
        let (mut socket, mut other, mut poll) = pair(0);
        let wanted: Vec<u8> = (0..3_000_000_u32)
            .map(|byte| byte.to_le_bytes()[0])
            .collect();
        let reader = std::thread::spawn(move || {
            let mut all = Vec::new();
            other.read_to_end(&mut all).unwrap();
            all
        });
        let mut events = Events::with_capacity(8);
        for part in wanted.chunks(500_000) {
            socket.send(part).unwrap();
        }
        while !socket.unsent.is_empty() {
            poll.poll(&mut events, None).unwrap();
            socket.flush().unwrap();
        }
        assert_eq!(socket.unsent.capacity(), 0);
        socket.close(poll.registry());
        assert!(reader.join().unwrap() == wanted);
    }

    #[test]
    fn nobody_there_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let mut poll = Poll::new().unwrap();
        let mut events = Events::with_capacity(8);
        let connected = Socket::connect(address, 0).and_then(|mut socket| {
            socket.register(poll.registry(), Token(0))?;
            poll.poll(&mut events, None)?;
            socket.send(b"?")
        });
        assert!(connected.is_err());
    }
}
