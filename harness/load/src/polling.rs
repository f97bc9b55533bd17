//! Long-polling: one connection that waits for packets, one that carries packets away (Engine.IO
//! protocol v4, "HTTP long-polling").

use std::mem;
use std::ops::Range;

use chatspec_wire::engine::Packet;
use mio::{Registry, Token};

use crate::http::{Body, Head};
use crate::inlet::{Inlet, More};
use crate::link::{Arrived, Cut, Ways};
use crate::socket::Socket;

/// What stands between two packets of a payload.
const SEPARATOR: u8 = 0x1e;

/// A session over long-polling.
#[derive(Debug)]
pub(crate) struct Polling {
    sid: String,
    poll: Line,
    post: Line,
    /// Which of the two is being read.
    is_post: bool,
    /// What is left of the payload that is being read.
    payload: Range<usize>,
    /// What waits until what was posted is taken.
    waiting: Vec<u8>,
}

/// A kept-alive connection for one request after the other.
#[derive(Debug)]
struct Line {
    token: Token,
    socket: Option<Socket>,
    /// Whether an answer is due.
    is_asking: bool,
    kept: Vec<u8>,
}

impl Polling {
    /// Asks for a session; events come under these tokens.
    pub(crate) fn open(ways: &mut Ways, poll: Token, post: Token) -> Result<Self, Cut> {
        let mut polling = Self {
            sid: String::new(),
            poll: Line::new(poll),
            post: Line::new(post),
            is_post: false,
            payload: 0..0,
            waiting: Vec::new(),
        };
        let request = ways.place.poll("");
        polling.poll.ask(ways, &request)?;
        Ok(polling)
    }

    pub(crate) fn send(&mut self, ways: &mut Ways, packet: &[u8]) -> Result<(), Cut> {
        if !self.waiting.is_empty() {
            self.waiting.push(SEPARATOR);
        }
        self.waiting.extend_from_slice(packet);
        self.carry(ways)
    }

    pub(crate) fn flush(&mut self, second: bool) -> Result<(), Cut> {
        let line = if second {
            &mut self.post
        } else {
            &mut self.poll
        };
        line.socket
            .as_mut()
            .map_or(Ok(()), |socket| Ok(socket.flush()?))
    }

    pub(crate) fn begin(&mut self, inlet: &mut Inlet, second: bool) {
        self.is_post = second;
        self.payload = 0..0;
        inlet.begin(&mut self.line().kept);
    }

    pub(crate) fn next(
        &mut self,
        ways: &mut Ways,
        inlet: &mut Inlet,
    ) -> Result<Option<Arrived>, Cut> {
        loop {
            if !self.payload.is_empty() {
                let at = inlet.arrived();
                let packet = self.split(inlet);
                if self.sid.is_empty() {
                    self.greeted(inlet.taken(packet.clone()))?;
                }
                if self.payload.is_empty() {
                    let request = ways.place.poll(&self.sid);
                    self.poll.ask(ways, &request)?;
                }
                return Ok(Some(Arrived { packet, at }));
            }
            if let Some(body) = self.answer(ways, inlet)? {
                if self.is_post {
                    self.carry(ways)?;
                } else {
                    self.payload = body;
                }
                continue;
            }
            let Some(socket) = self.line().socket.as_mut() else {
                inlet.end(&mut Vec::new());
                return Ok(None);
            };
            match inlet.read(socket)? {
                More::Some => {}
                More::Nothing => {
                    inlet.end(&mut self.line().kept);
                    return Ok(None);
                }
                More::End if self.line().is_asking => return Err(Cut::Ended),
                // A server may end a connection that has nothing to do; the next request makes another.
                More::End => self.line().close(&ways.registry),
            }
        }
    }

    pub(crate) fn close(mut self, registry: &Registry) {
        self.poll.close(registry);
        self.post.close(registry);
    }

    const fn line(&mut self) -> &mut Line {
        if self.is_post {
            &mut self.post
        } else {
            &mut self.poll
        }
    }

    /// Posts what waits, unless something is on its way.
    fn carry(&mut self, ways: &mut Ways) -> Result<(), Cut> {
        if self.waiting.is_empty() || self.post.is_asking {
            return Ok(());
        }
        let payload = mem::take(&mut self.waiting);
        let request = ways
            .place
            .post(&self.sid, &String::from_utf8_lossy(&payload));
        self.post.ask(ways, &request)
    }

    /// Where the body of an answer is that is whole.
    fn answer(&mut self, ways: &Ways, inlet: &mut Inlet) -> Result<Option<Range<usize>>, Cut> {
        if !self.line().is_asking {
            return Ok(None);
        }
        let Some(head) = Head::first(inlet.unread())? else {
            return Ok(None);
        };
        let framing = head.body.ok_or(Cut::NoLength)?;
        if head.status != 200 {
            let asked = if self.is_post { "a POST" } else { "a poll" };
            let status = head.status;
            return Err(Cut::Status { asked, status });
        }
        let body = &mut inlet.unread_mut()[head.length..];
        let Some(Body { length, taken }) = framing.body(body)? else {
            return Ok(None);
        };
        inlet.take(head.length);
        let line = self.line();
        line.is_asking = false;
        if head.is_last {
            line.close(&ways.registry);
        }
        let begin = inlet.take(taken).start;
        Ok(Some(begin..begin + length))
    }

    /// The first packet of what is left of the payload.
    fn split(&mut self, inlet: &Inlet) -> Range<usize> {
        let Range { start, end } = self.payload;
        let bytes = inlet.taken(start..end);
        let length = memchr::memchr(SEPARATOR, bytes).unwrap_or(bytes.len());
        self.payload.start = (start + length + 1).min(end);
        start..start + length
    }

    fn greeted(&mut self, packet: &[u8]) -> Result<(), Cut> {
        let unexpected = || Cut::Unexpected {
            wanted: "an Engine.IO handshake",
            got: shown(packet),
        };
        let text = std::str::from_utf8(packet).map_err(|_| unexpected())?;
        let Ok(Packet::Open(handshake)) = Packet::decode_text(text) else {
            return Err(unexpected());
        };
        self.sid = handshake.sid;
        Ok(())
    }
}

impl Line {
    const fn new(token: Token) -> Self {
        Self {
            token,
            socket: None,
            is_asking: false,
            kept: Vec::new(),
        }
    }

    fn ask(&mut self, ways: &mut Ways, request: &str) -> Result<(), Cut> {
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => none.insert(ways.connect(self.token)?),
        };
        socket.send(request.as_bytes())?;
        self.is_asking = true;
        Ok(())
    }

    fn close(&mut self, registry: &Registry) {
        if let Some(socket) = self.socket.take() {
            socket.close(registry);
        }
    }
}

/// The beginning of a packet, for a message.
pub(crate) fn shown(packet: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(packet);
    let mut letters = text.chars();
    let begin: String = letters.by_ref().take(LONGEST).collect();
    let rest = if letters.next().is_some() { "..." } else { "" };
    format!("`{begin}{rest}`")
}
