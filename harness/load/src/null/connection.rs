//! One TCP connection and what waits to be written to it.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;

/// What is kept of the memory in which bytes waited, once they have left.
const KEPT: usize = 32 << 10;

/// A TCP connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) role: Role,
    /// What has arrived and is the beginning of something.
    pub(super) inbox: Vec<u8>,
    out: Vec<u8>,
    written: usize,
    /// Whether it is to end when all has been written.
    is_ending: bool,
    /// Whether it is known that something waits to be written.
    is_listed: bool,
}

/// What a connection is used for.
#[derive(Debug)]
pub(super) enum Role {
    /// One request after the other.
    Http {
        /// The polling session whose packets are waited for, and whether the connection is kept
        /// after they have come.
        waits: Option<(usize, bool)>,
    },
    /// An Engine.IO session over WebSocket.
    WebSocket {
        /// Who is there.
        peer: super::wires::Peer,
        /// The frames so far of a message in several frames.
        message: Vec<u8>,
        /// Whether that message is text; none while there is none.
        is_text: Option<bool>,
    },
}

/// What is left after writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing.
    All,
    /// Something: the connection takes no more for now.
    Some,
    /// Nothing, ever: the connection is to be dropped.
    Ended,
}

impl Connection {
    /// A connection on which nothing has been said.
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            role: Role::Http { waits: None },
            inbox: Vec::new(),
            out: Vec::new(),
            written: 0,
            is_ending: false,
            is_listed: false,
        }
    }

    /// Where to put what is to be written. Whoever puts something there lists the connection.
    pub(super) const fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Adds what is to be written. Where more than `most` bytes wait, nobody reads at the other end,
    /// and it is ended. Says whether the connection has to be listed as one to write to.
    pub(super) fn put(&mut self, bytes: &[u8], most: usize) -> bool {
        if self.is_ending {
            return false;
        }
        if self.out.len() - self.written > most {
            self.abandon();
        } else {
            self.out.extend_from_slice(bytes);
        }
        self.list()
    }

    /// Marks it as listed; says whether it was not.
    pub(super) const fn list(&mut self) -> bool {
        !std::mem::replace(&mut self.is_listed, true)
    }

    /// Ends it when all has been written that waits now.
    pub(super) const fn end(&mut self) {
        self.is_ending = true;
    }

    /// Ends it, and what waits is not written.
    pub(super) fn abandon(&mut self) {
        self.out = Vec::new();
        self.written = 0;
        self.is_ending = true;
    }

    /// Whether nothing that arrives from now on counts.
    pub(super) const fn is_ending(&self) -> bool {
        self.is_ending
    }

    /// Whether something waits to be written.
    pub(super) const fn has_out(&self) -> bool {
        self.written < self.out.len()
    }

    /// Reads once. Nothing is the end; none is that there is nothing yet.
    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<Option<usize>> {
        loop {
            return match self.stream.read(into) {
                Ok(count) => Ok(Some(count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
        }
    }

    /// Writes what waits.
    pub(super) fn write(&mut self) -> Written {
        self.is_listed = false;
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => return Written::Ended,
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.forget_written();
                    return Written::Some;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Written::Ended,
            }
        }
        self.out.clear();
        self.out.shrink_to(KEPT);
        self.written = 0;
        if self.is_ending {
            Written::Ended
        } else {
            Written::All
        }
    }

    /// Moves what waits to the front, when that is less than what has left: each byte is moved once
    /// at most for each byte that was written.
    fn forget_written(&mut self) {
        if self.written > self.out.len() / 2 {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }
}
