//! HTTP/1.1 as far as a light client needs it: the head of an answer, without a buffer.

use std::fmt;

use httparse::Status;

/// Where a chat is, and who it is called.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `host:port`
    pub(crate) authority: String,
    /// The path of the Engine.IO endpoint, with both slashes.
    pub(crate) path: String,
}

/// An answer of which the head is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its status.
    pub(crate) status: u16,
    /// How long its head is, in bytes.
    pub(crate) length: usize,
    /// How the end of its body is told; none where only the end of the connection tells it.
    pub(crate) body: Option<Framing>,
    /// The value of `Sec-WebSocket-Accept`.
    pub(crate) accept: Option<String>,
    /// Whether the connection ends with it.
    pub(crate) is_last: bool,
}

/// How the end of a body is told (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It is so many bytes long.
    Length(usize),
    /// It comes in chunks.
    Chunked,
}

/// A body that is whole, at the beginning of what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// How long it is, in bytes.
    pub(crate) length: usize,
    /// How many bytes it took, with what told where it ends.
    pub(crate) taken: usize,
}

/// An answer that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an answer that is no HTTP: {0}")]
pub(crate) struct HeadError(String);

/// As many headers as an answer may have.
const HEADERS: usize = 64;

impl Head {
    /// The head that `bytes` begin with; none while it is not whole.
    pub(crate) fn first(bytes: &[u8]) -> Result<Option<Self>, HeadError> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(bytes);
        let Status::Complete(length) = parsed.map_err(|error| HeadError(error.to_string()))? else {
            return Ok(None);
        };
        let find = |name: &str| header(response.headers, name);
        let status = response.code.unwrap_or(0);
        let has_no_body = status == 204 || status == 304 || status / 100 == 1;
        let is_close = |value: &str| value.eq_ignore_ascii_case("close");
        Ok(Some(Self {
            status,
            length,
            body: match (find("content-length"), find("transfer-encoding")) {
                _ if has_no_body => Some(Framing::Length(0)),
                (_, Some(coding)) => coding
                    .eq_ignore_ascii_case("chunked")
                    .then_some(Framing::Chunked),
                (Some(length), None) => length.parse().ok().map(Framing::Length),
                (None, None) => None,
            },
            accept: find("sec-websocket-accept").map(str::to_owned),
            is_last: find("connection").is_some_and(is_close),
        }))
    }
}

impl Framing {
    /// The body that `bytes` begin with, put together at their beginning; none while it is not whole.
    pub(crate) fn body(self, bytes: &mut [u8]) -> Result<Option<Body>, HeadError> {
        match self {
            Self::Length(length) => Ok((length <= bytes.len()).then_some(Body {
                length,
                taken: length,
            })),
            Self::Chunked => unchunk(bytes),
        }
    }
}

/// Takes a body out of its chunks (RFC 9112, section 7.1).
fn unchunk(bytes: &mut [u8]) -> Result<Option<Body>, HeadError> {
    let broken = |what: &str| HeadError(format!("{what} in a body of chunks"));
    let mut chunks = Vec::new();
    let mut at = 0;
    loop {
        let size = httparse::parse_chunk_size(&bytes[at..]);
        let Status::Complete((line, size)) = size.map_err(|_| broken("no size"))? else {
            return Ok(None);
        };
        at += line;
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).ok();
        let end = size.and_then(|size| at.checked_add(size));
        let end = end.ok_or_else(|| broken("too large a size"))?;
        let Some(separator) = bytes.get(end..).and_then(|rest| rest.first_chunk::<2>()) else {
            return Ok(None);
        };
        if separator != b"\r\n" {
            return Err(broken("a chunk longer than its size"));
        }
        chunks.push(at..end);
        at = end + separator.len();
    }
    let mut trailers = [httparse::EMPTY_HEADER; HEADERS];
    let trailers = httparse::parse_headers(&bytes[at..], &mut trailers);
    let Status::Complete((end, _)) = trailers.map_err(|error| HeadError(error.to_string()))? else {
        return Ok(None);
    };
    let mut length = 0;
    for chunk in chunks {
        let size = chunk.len();
        bytes.copy_within(chunk, length);
        length += size;
    }
    Ok(Some(Body {
        length,
        taken: at + end,
    }))
}

impl Place {
    /// A request for a WebSocket (RFC 6455, section 4.1).
    pub(crate) fn upgrade(&self, key: &str) -> String {
        let head = self.head("GET", &format_args!("?EIO=4&transport=websocket"));
        format!(
            "{head}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n\
             Sec-WebSocket-Version: 13\r\n\r\n"
        )
    }

    /// A poll, within a session if there is one (Engine.IO protocol v4, "HTTP long-polling").
    pub(crate) fn poll(&self, sid: &str) -> String {
        self.polling("GET", sid) + "\r\n"
    }

    /// A request that carries packets to the server (the same).
    pub(crate) fn post(&self, sid: &str, payload: &str) -> String {
        let head = self.polling("POST", sid);
        format!(
            "{head}Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n{payload}",
            payload.len()
        )
    }

    fn polling(&self, method: &str, sid: &str) -> String {
        if sid.is_empty() {
            self.head(method, &format_args!("?EIO=4&transport=polling"))
        } else {
            self.head(method, &format_args!("?EIO=4&transport=polling&sid={sid}"))
        }
    }

    fn head(&self, method: &str, query: &fmt::Arguments<'_>) -> String {
        let Self { authority, path } = self;
        format!("{method} {path}{query} HTTP/1.1\r\nHost: {authority}\r\n")
    }
}

/// The value of the first header of this name, without the blanks around it; none if it is no text.
pub(crate) fn header<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a str> {
    let mut headers = headers.iter();
    let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(header.value).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\nConnection: Close\r\n\r\n0{body}";
        for end in 0..text.len() - 7 {
            assert_eq!(Head::first(&text.as_bytes()[..end]), Ok(None));
        }
        let head = Head::first(text.as_bytes()).unwrap().unwrap();
        assert_eq!(
            (head.status, head.body, head.is_last),
            (200, Some(Framing::Length(7)), true)
        );
        assert_eq!(&text[head.length..], "0{body}");
    }

    #[test]
    fn what_has_no_length_has_none() {
        let head = |text: &str| Head::first(text.as_bytes()).unwrap().unwrap();
        let switched = head("HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: abc=\r\n\r\n\u{1}");
        assert_eq!(switched.body, Some(Framing::Length(0)));
        assert_eq!(switched.accept.as_deref(), Some("abc="));
        let open = head("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        assert_eq!(open.body, None);
        assert!(Head::first(b"SSH-2.0-x\r\n\r\n").is_err());
    }

    #[test]
    fn what_comes_in_chunks_is_whole_when_the_last_is_there() {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let framing = Head::first(head.as_bytes()).unwrap().unwrap().body;
        assert_eq!(framing, Some(Framing::Chunked));
        let sent = b"3\r\n42[\r\nb;x=y\r\n\"m\",\r\n\"1\"]2\r\n0\r\nX: y\r\n\r\nHTTP";
        let whole = sent.len() - b"HTTP".len();
        for end in 0..whole {
            let mut part = sent[..end].to_vec();
            assert_eq!(Framing::Chunked.body(&mut part), Ok(None), "{end}");
            assert_eq!(part, &sent[..end], "nothing has moved");
        }
        let mut all = sent.to_vec();
        let body = Framing::Chunked.body(&mut all).unwrap().unwrap();
        assert_eq!(body.taken, whole);
        assert_eq!(&all[..body.length], b"42[\"m\",\r\n\"1\"]2");
        assert_eq!(&all[body.taken..], b"HTTP");
    }

    #[test]
    fn chunks_that_are_none_are_told() {
        let said = |sent: &str| {
            let mut bytes = sent.as_bytes().to_vec();
            Framing::Chunked.body(&mut bytes).unwrap_err().to_string()
        };
        let all = [
            said("x\r\n"),
            said("2\r\nabcd\r\n"),
            said("ffffffffffffffff\r\na\r\n"),
            said("0\r\nno header\r\n\r\n"),
        ];
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn requests_are_what_servers_expect() {
        let place = Place {
            authority: "127.0.0.1:3000".to_owned(),
            path: "/socket.io/".to_owned(),
        };
        let all = [
            place.upgrade("a2V5"),
            place.poll(""),
            place.poll("abc"),
            place.post("abc", "40"),
        ];
        insta::assert_snapshot!(all.join("----\n").replace('\r', ""));
    }
}
