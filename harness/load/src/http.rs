//! HTTP/1.1 as far as a light client needs it: the head of an answer, without a buffer.

use std::fmt;

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
    /// How long its body is; none where the head does not say.
    pub(crate) body: Option<usize>,
    /// The value of `Sec-WebSocket-Accept`.
    pub(crate) accept: Option<String>,
    /// Whether the connection ends with it.
    pub(crate) is_last: bool,
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
        let httparse::Status::Complete(length) =
            parsed.map_err(|error| HeadError(error.to_string()))?
        else {
            return Ok(None);
        };
        let find = |name: &str| {
            let mut headers = response.headers.iter();
            let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(header.value).ok().map(str::trim)
        };
        let status = response.code.unwrap_or(0);
        let has_no_body = status == 204 || status == 304 || status / 100 == 1;
        let is_close = |value: &str| value.eq_ignore_ascii_case("close");
        Ok(Some(Self {
            status,
            length,
            body: match find("content-length") {
                _ if has_no_body => Some(0),
                Some(length) => length.parse().ok(),
                None => None,
            },
            accept: find("sec-websocket-accept").map(str::to_owned),
            is_last: find("connection").is_some_and(is_close),
        }))
    }
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
        assert_eq!((head.status, head.body, head.is_last), (200, Some(7), true));
        assert_eq!(&text[head.length..], "0{body}");
    }

    #[test]
    fn what_has_no_length_has_none() {
        let head = |text: &str| Head::first(text.as_bytes()).unwrap().unwrap();
        let switched = head("HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: abc=\r\n\r\n\u{1}");
        assert_eq!(switched.body, Some(0));
        assert_eq!(switched.accept.as_deref(), Some("abc="));
        let chunked = head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(chunked.body, None);
        assert!(Head::first(b"SSH-2.0-x\r\n\r\n").is_err());
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
