//! Engine.IO over HTTP: handshake, long-polling and the way to WebSocket.

use std::sync::Arc;

use bytes::Bytes;
use chatspec_wire::engine::{Packet, payload};
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::chat::Node;
use crate::lock::lock;
use crate::server::Server;
use crate::session::{Closed, MAX_PAYLOAD, Session, Transport};
use crate::websocket;

type Answer = Response<Full<Bytes>>;

/// Why a request was refused: the codes and sentences of Engine.IO.
#[derive(Clone, Copy)]
enum Refusal {
    UnknownTransport,
    UnknownSession,
    BadHandshakeMethod,
    BadRequest,
    UnsupportedProtocol,
}

/// Answers one request.
pub(crate) async fn answer(
    server: Arc<Server>,
    node: Node,
    mut request: Request<Incoming>,
) -> Answer {
    match request.uri().path() {
        "/socket.io/" | "/socket.io" => {}
        "/" => {
            return text(
                StatusCode::OK,
                format!("a chat server, mutant {}", server.mutant),
            );
        }
        _ => return text(StatusCode::NOT_FOUND, "not here"),
    }
    let on_upgrade = hyper::upgrade::on(&mut request);
    match engine(&server, node, request, on_upgrade).await {
        Ok(answer) => answer,
        Err(refusal) => refuse(refusal),
    }
}

async fn engine(
    server: &Arc<Server>,
    node: Node,
    request: Request<Incoming>,
    on_upgrade: OnUpgrade,
) -> Result<Answer, Refusal> {
    let query = request.uri().query().unwrap_or_default();
    let transport = match parameter(query, "transport") {
        Some("polling") => Transport::Polling,
        Some("websocket") => Transport::WebSocket,
        _ => return Err(Refusal::UnknownTransport),
    };
    let session = match parameter(query, "sid") {
        Some(sid) => Some(server.session(sid).ok_or(Refusal::UnknownSession)?),
        None if request.method() != Method::GET => return Err(Refusal::BadHandshakeMethod),
        None if parameter(query, "EIO") != Some("4") => return Err(Refusal::UnsupportedProtocol),
        None => None,
    };
    if transport == Transport::WebSocket {
        return to_websocket(server, node, session, request.headers(), on_upgrade);
    }
    let Some(session) = session else {
        return poll(server, &server.open(node, Transport::Polling)).await;
    };
    if session.update(|state| state.transport) == Transport::WebSocket {
        return Err(Refusal::BadRequest);
    }
    match *request.method() {
        Method::GET => poll(server, &session).await,
        Method::POST => post(&session, request.into_body()).await,
        _ => Err(Refusal::BadRequest),
    }
}

/// A request in progress. A client that goes away in the middle of one has left.
struct InProgress<'a> {
    session: &'a Session,
    answered: bool,
}

impl InProgress<'_> {
    fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.session.close();
        }
    }
}

/// Waits until there is something to say, and says it.
async fn poll(server: &Server, session: &Session) -> Result<Answer, Refusal> {
    if session.update(|state| std::mem::replace(&mut state.getting, true)) {
        session.close();
        return Err(Refusal::BadRequest);
    }
    let in_progress = InProgress {
        session,
        answered: false,
    };
    let packets = session.wait_until(|state| {
        let mut packets: Vec<_> = state.outbox.drain(..).collect();
        match (state.closed, state.transport) {
            (Some(Closed::ByServer), _) => packets.push(Packet::Close),
            (Some(Closed::ByClient), _) | (None, Transport::Upgrading | Transport::WebSocket)
                if packets.is_empty() =>
            {
                packets.push(Packet::Noop);
            }
            _ => {}
        }
        if packets.is_empty() {
            return None;
        }
        state.getting = false;
        Some(packets)
    });
    let packets = packets.await;
    in_progress.answered();
    let bug = &mut lock(&server.world).bug;
    let body = payload::encode(&bug.poll_response(packets));
    Ok(text(StatusCode::OK, bug.poll_body(body)))
}

/// Takes what the client has to say.
async fn post(session: &Session, body: Incoming) -> Result<Answer, Refusal> {
    if session.update(|state| std::mem::replace(&mut state.posting, true)) {
        session.close();
        return Err(Refusal::BadRequest);
    }
    let in_progress = InProgress {
        session,
        answered: false,
    };
    let body = match Limited::new(body, MAX_PAYLOAD).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            session.update(|state| state.posting = false);
            in_progress.answered();
            return Ok(text(StatusCode::PAYLOAD_TOO_LARGE, ""));
        }
        Err(_) => return Err(Refusal::BadRequest),
    };
    let body = std::str::from_utf8(&body).map_err(|_| Refusal::BadRequest)?;
    let packets = payload::decode(body).map_err(|_| Refusal::BadRequest)?;
    for packet in packets {
        session.receive(packet);
    }
    session.update(|state| state.posting = false);
    in_progress.answered();
    Ok(text(StatusCode::OK, "ok"))
}

fn to_websocket(
    server: &Arc<Server>,
    node: Node,
    session: Option<Arc<Session>>,
    headers: &HeaderMap,
    on_upgrade: OnUpgrade,
) -> Result<Answer, Refusal> {
    let asks = headers
        .get(UPGRADE)
        .is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let key = headers
        .get(SEC_WEBSOCKET_KEY)
        .filter(|_| asks)
        .ok_or(Refusal::BadRequest)?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    let accept = accept.map_err(|_| Refusal::BadRequest)?;
    if let Some(session) = &session
        && session.update(|state| state.transport) != Transport::Polling
    {
        return Err(Refusal::BadRequest);
    }
    let running = Arc::clone(server);
    server.spawn(async move {
        // An error: the client left between its request and the answer.
        let Ok(upgraded) = on_upgrade.await else {
            return;
        };
        match session {
            None => websocket::open(running, node, upgraded).await,
            Some(session) => websocket::upgrade(running, session, upgraded).await,
        }
    });
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    answer
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answer
        .headers_mut()
        .insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.headers_mut().insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(answer)
}

/// The protocol's parameters are plain words, so nothing needs to be unescaped.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .into_iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

fn refuse(refusal: Refusal) -> Answer {
    let (code, message) = match refusal {
        Refusal::UnknownTransport => (0, "Transport unknown"),
        Refusal::UnknownSession => (1, "Session ID unknown"),
        Refusal::BadHandshakeMethod => (2, "Bad handshake method"),
        Refusal::BadRequest => (3, "Bad request"),
        Refusal::UnsupportedProtocol => (5, "Unsupported protocol version"),
    };
    let body = format!(r#"{{"code":{code},"message":"{message}"}}"#);
    let mut answer = text(StatusCode::BAD_REQUEST, body);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=UTF-8"),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
