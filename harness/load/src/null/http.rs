//! Requests and answers, without a socket: what of HTTP/1.1 an Engine.IO client needs.

use httparse::{EMPTY_HEADER, Status};
use tungstenite::handshake::derive_accept_key;

use crate::http::header;

/// The longest payload that a client may send, in bytes, as announced when a session is opened.
pub(super) const MAX_PAYLOAD: usize = 1_000_000;

/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 16 << 10;

/// The most headers of a request.
const MOST_HEADERS: usize = 64;

/// The path that Socket.IO has unless told otherwise.
const PATH: &str = "/socket.io/";

/// A request that is whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    /// What it asks.
    pub(super) ask: Ask<'a>,
    /// Whether the connection is kept after the answer.
    pub(super) keeps: bool,
    /// How many bytes it is.
    pub(super) length: usize,
}

/// What a request asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask<'a> {
    /// A session over WebSocket, by the key of this handshake.
    OpenWebSocket(&'a str),
    /// A session over long-polling.
    OpenPolling,
    /// The packets for a session.
    Poll(&'a str),
    /// A session is given packets.
    Give(&'a str, &'a [u8]),
    /// What is refused.
    Refused(Refusal),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is nothing at that path.
    NotFound,
    /// `transport` is neither of the two.
    UnknownTransport,
    /// There is no such session.
    UnknownSession,
    /// A session is opened by a GET.
    BadMethod,
    /// What is asked makes no sense.
    BadRequest,
    /// `EIO` is not 4.
    UnknownVersion,
    /// A body whose length is not told beforehand.
    LengthRequired,
    /// A body that is too long.
    TooLong,
}

/// The request that `bytes` begin with; none while it is not whole. After a refusal the rest of the
/// connection is not understood.
pub(super) fn read(bytes: &[u8]) -> Result<Option<Request<'_>>, Refusal> {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let status = head.parse(bytes).map_err(|_| Refusal::BadRequest)?;
    let Status::Complete(begin) = status else {
        return if bytes.len() > LONGEST_HEAD {
            Err(Refusal::BadRequest)
        } else {
            Ok(None)
        };
    };
    if header(head.headers, "transfer-encoding").is_some() {
        return Err(Refusal::LengthRequired);
    }
    let length: usize = match header(head.headers, "content-length") {
        Some(length) => length.parse().map_err(|_| Refusal::BadRequest)?,
        None => 0,
    };
    if length > MAX_PAYLOAD {
        return Err(Refusal::TooLong);
    }
    let length = begin + length;
    let Some(body) = bytes.get(begin..length) else {
        return Ok(None);
    };
    let is_old = head.version == Some(0);
    let keeps = match header(head.headers, "connection") {
        Some(connection) => !has_word(connection, "close") && !is_old,
        None => !is_old,
    };
    let ask = ask(&head, body).unwrap_or_else(Ask::Refused);
    Ok(Some(Request { ask, keeps, length }))
}

fn ask<'a>(head: &httparse::Request<'_, 'a>, body: &'a [u8]) -> Result<Ask<'a>, Refusal> {
    let target = head.path.unwrap_or("");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != PATH {
        return Err(Refusal::NotFound);
    }
    let (sid, method) = (parameter(query, "sid"), head.method.unwrap_or(""));
    let transport = parameter(query, "transport");
    let is_other_version = sid.is_none() && parameter(query, "EIO") != Some("4");
    match (transport, method, sid) {
        (Some("polling" | "websocket"), "GET", None) if is_other_version => {
            Err(Refusal::UnknownVersion)
        }
        (Some("polling"), "GET", None) => Ok(Ask::OpenPolling),
        (Some("polling"), "GET", Some(sid)) => Ok(Ask::Poll(sid)),
        (Some("polling"), "POST", Some(sid)) => Ok(Ask::Give(sid, body)),
        (Some("websocket"), "GET", None) => {
            let upgrades =
                header(head.headers, "upgrade").is_some_and(|to| has_word(to, "websocket"));
            let key = header(head.headers, "sec-websocket-key").filter(|_| upgrades);
            key.map(Ask::OpenWebSocket).ok_or(Refusal::BadRequest)
        }
        // There are no upgrades.
        (Some("websocket"), "GET", Some(_)) => Err(Refusal::BadRequest),
        (Some("polling" | "websocket"), ..) => Err(Refusal::BadMethod),
        _ => Err(Refusal::UnknownTransport),
    }
}

/// Adds the answer that makes the connection a WebSocket.
pub(super) fn put_upgrade(out: &mut Vec<u8>, key: &str) {
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    out.extend_from_slice(answer.as_bytes());
}

/// Adds an answer with what was asked for.
pub(super) fn put_body(out: &mut Vec<u8>, body: &[u8], keeps: bool) {
    put(out, "200 OK", "text/plain; charset=UTF-8", body, keeps);
}

/// Adds the answer to what is refused, in the words of the original.
pub(super) fn put_refusal(out: &mut Vec<u8>, refusal: Refusal, keeps: bool) {
    let bad = "400 Bad Request";
    let (status, body) = match refusal {
        Refusal::NotFound => ("404 Not Found", ""),
        Refusal::UnknownTransport => (bad, r#"{"code":0,"message":"Transport unknown"}"#),
        Refusal::UnknownSession => (bad, r#"{"code":1,"message":"Session ID unknown"}"#),
        Refusal::BadMethod => (bad, r#"{"code":2,"message":"Bad handshake method"}"#),
        Refusal::BadRequest => (bad, r#"{"code":3,"message":"Bad request"}"#),
        Refusal::UnknownVersion => (
            bad,
            r#"{"code":5,"message":"Unsupported protocol version"}"#,
        ),
        Refusal::LengthRequired => ("411 Length Required", ""),
        Refusal::TooLong => ("413 Payload Too Large", ""),
    };
    put(out, status, "application/json", body.as_bytes(), keeps);
}

fn put(out: &mut Vec<u8>, status: &str, kind: &str, body: &[u8], keeps: bool) {
    let length = body.len();
    let connection = if keeps { "" } else { "Connection: close\r\n" };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{connection}\r\n"
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body);
}

/// Whether a header's value, a list, has this word.
fn has_word(value: &str, word: &str) -> bool {
    let mut words = value.split(',');
    words.any(|other| other.trim().eq_ignore_ascii_case(word))
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut parameters = query.split('&').filter_map(|one| one.split_once('='));
    parameters
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(request: &str) -> Result<Option<Request<'_>>, Refusal> {
        read(request.as_bytes())
    }

    #[test]
    fn requests_are_found_when_they_are_whole() {
        let poll = "GET /socket.io/?EIO=4&transport=polling&sid=ab&t=1 HTTP/1.1\r\nHost: a\r\n\r\n";
        let give = "POST /socket.io/?EIO=4&transport=polling&sid=ab HTTP/1.1\r\n\
                    content-length: 2\r\nconnection: Close\r\n\r\n40";
        for (request, ask, keeps) in [
            (poll, Ask::Poll("ab"), true),
            (give, Ask::Give("ab", b"40"), false),
        ] {
            for end in 0..request.len() {
                assert_eq!(asked(&request[..end]), Ok(None));
            }
            let with_more = format!("{request}GET");
            let length = request.len();
            let expected = Request { ask, keeps, length };
            assert_eq!(asked(&with_more), Ok(Some(expected)));
        }
    }

    #[test]
    fn a_websocket_is_asked_for_by_its_headers() {
        let line = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n";
        let asks = |headers: &str, expected| {
            let request = format!("{line}{headers}\r\n");
            assert_eq!(asked(&request).unwrap().unwrap().ask, expected, "{headers}");
        };
        asks(
            "UPGRADE: WebSocket\r\nSec-WebSocket-Key: abc\r\n",
            Ask::OpenWebSocket("abc"),
        );
        asks(
            "Upgrade: h2c\r\nSec-WebSocket-Key: abc\r\n",
            Ask::Refused(Refusal::BadRequest),
        );
        asks("Upgrade: websocket\r\n", Ask::Refused(Refusal::BadRequest));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |method: &str, target: &str| {
            let request = format!("{method} {target} HTTP/1.1\r\n\r\n");
            let Ok(Some(Request {
                ask: Ask::Refused(refusal),
                ..
            })) = asked(&request)
            else {
                panic!("{request} is not refused");
            };
            let mut out = Vec::new();
            put_refusal(&mut out, refusal, true);
            let out = String::from_utf8(out).unwrap();
            let (head, body) = out.split_once("\r\n\r\n").unwrap();
            format!("{method} {target}: {} {body}", head.lines().next().unwrap())
        };
        let said = [
            refused("GET", "/"),
            refused("GET", "/socket.io/"),
            refused("GET", "/socket.io/?EIO=3&transport=polling"),
            refused("GET", "/socket.io/?EIO=4"),
            refused("GET", "/socket.io/?EIO=4&transport=pigeon"),
            refused("GET", "/socket.io/?EIO=4&transport=websocket&sid=ab"),
            refused("POST", "/socket.io/?EIO=4&transport=polling"),
            refused("PUT", "/socket.io/?EIO=4&transport=polling&sid=ab"),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn bodies_have_a_length_and_a_limit() {
        let post =
            |headers: &str| asked(&format!("POST / HTTP/1.1\r\n{headers}\r\n\r\n")).map(drop);
        assert_eq!(post("Content-Length: 1000001"), Err(Refusal::TooLong));
        assert_eq!(post("Content-Length: -1"), Err(Refusal::BadRequest));
        assert_eq!(
            post("Transfer-Encoding: chunked"),
            Err(Refusal::LengthRequired)
        );
        assert_eq!(asked("\0"), Err(Refusal::BadRequest));
        let endless = format!("GET / HTTP/1.1\r\na: {}", "b".repeat(LONGEST_HEAD));
        assert_eq!(asked(&endless), Err(Refusal::BadRequest));
    }

    #[test]
    fn an_old_client_keeps_no_connection() {
        let request = asked("GET / HTTP/1.0\r\n\r\n").unwrap().unwrap();
        assert!(!request.keeps);
    }

    #[test]
    fn answers_are_whole() {
        let mut out = Vec::new();
        put_upgrade(&mut out, "dGhlIHNhbXBsZSBub25jZQ==");
        put_body(&mut out, b"ok", true);
        put_refusal(&mut out, Refusal::LengthRequired, false);
        put_refusal(&mut out, Refusal::TooLong, false);
        let out = String::from_utf8(out).unwrap().replace('\r', "");
        insta::assert_snapshot!(out);
    }
}
