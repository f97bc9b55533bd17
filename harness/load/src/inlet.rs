//! What is being read: one buffer for all connections of a worker.
//!
//! A connection of which nothing is left unread needs no buffer of its own, and that is nearly all of
//! them nearly always; what arrived in part waits with its connection until the rest is there.

use std::io;
use std::ops::Range;

use chatspec_judge::bench::Histogram;

use crate::clock::Nanos;
use crate::frame::{self, Frame, FrameError};
use crate::socket::{Read, Socket, control};

/// So much is read at once: a thousand deliveries of a chat.
const LENGTH: usize = 128 << 10;

/// The buffer, while one connection is being read.
#[derive(Debug)]
pub(crate) struct Inlet {
    buffer: Vec<u8>,
    unread: Range<usize>,
    arrived: Nanos,
    /// Whether the system may have more than what was read.
    may_have_more: bool,
    control: Vec<u8>,
    /// How long what was read had lain with the kernel, in microseconds.
    pub(crate) lay: Histogram,
}

/// What is there when more is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum More {
    /// More.
    Some,
    /// Nothing now.
    Nothing,
    /// Nothing ever.
    End,
}

impl Inlet {
    pub(crate) fn new() -> Self {
        Self {
            buffer: vec![0; LENGTH],
            unread: 0..0,
            arrived: Nanos::default(),
            may_have_more: false,
            control: control(),
            lay: Histogram::new(),
        }
    }

    /// Begins with what a connection kept.
    pub(crate) fn begin(&mut self, kept: &mut Vec<u8>) {
        self.may_have_more = true;
        self.unread = 0..kept.len();
        if !kept.is_empty() {
            self.reserve(kept.len());
            self.buffer[..kept.len()].copy_from_slice(kept);
            *kept = Vec::new();
        }
    }

    /// What is not taken yet.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.buffer[self.unread.clone()]
    }

    /// The same, for what has to be put in order before it is taken.
    pub(crate) fn unread_mut(&mut self) -> &mut [u8] {
        &mut self.buffer[self.unread.clone()]
    }

    /// Takes the frame that is next; it, and where its payload is until more is read. None while it is
    /// not whole.
    pub(crate) fn frame(&mut self) -> Result<Option<(Frame, Range<usize>)>, FrameError> {
        let found = frame::first(self.unread())?;
        Ok(found.map(|frame| {
            let begin = self.take(frame.payload.end).start;
            let payload = begin + frame.payload.start..begin + frame.payload.end;
            (frame, payload)
        }))
    }

    /// Takes so many bytes; where they are, until more is read.
    pub(crate) const fn take(&mut self, length: usize) -> Range<usize> {
        let begin = self.unread.start;
        self.unread.start += length;
        begin..self.unread.start
    }

    /// Bytes that were taken.
    pub(crate) fn taken(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// Puts bytes where they can be taken for read, until more is.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Range<usize> {
        let begin = self.unread.end;
        let end = begin + bytes.len();
        self.reserve(end);
        self.buffer[begin..end].copy_from_slice(bytes);
        begin..end
    }

    /// When the last that was read arrived.
    pub(crate) const fn arrived(&self) -> Nanos {
        self.arrived
    }

    /// Reads more behind what is not taken.
    pub(crate) fn read(&mut self, socket: &mut Socket) -> io::Result<More> {
        if !self.may_have_more {
            return Ok(More::Nothing);
        }
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        self.reserve(self.unread.end + 1);
        let free = &mut self.buffer[self.unread.end..];
        let room = free.len();
        Ok(match socket.read(free, &mut self.control)? {
            Read::Bytes {
                length,
                arrived,
                lay,
            } => {
                self.unread.end += length;
                self.arrived = arrived;
                self.may_have_more = length == room;
                if let Some(lay) = lay {
                    self.lay.record(lay / 1_000);
                }
                More::Some
            }
            Read::Nothing => More::Nothing,
            Read::End => More::End,
        })
    }

    /// Ends: what is not taken is kept with the connection.
    pub(crate) fn end(&mut self, kept: &mut Vec<u8>) {
        if !self.unread.is_empty() {
            kept.extend_from_slice(&self.buffer[self.unread.clone()]);
        }
        self.unread = 0..0;
    }

    fn reserve(&mut self, length: usize) {
        if self.buffer.len() < length {
            self.buffer.resize(length.next_multiple_of(LENGTH), 0);
        }
    }
}
