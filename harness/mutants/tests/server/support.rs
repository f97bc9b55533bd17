//! A client as small as can be, apart from the harness's own: the two must not share mistakes.
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use chatspec_mutants::{Error, Mutant, serve_nodes};
use chatspec_wire::engine::{Frame, Packet, payload};
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Far longer than anything takes, so that a test that waits in vain ends.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);

/// A server on a free port.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    /// The second node.
    pub(crate) second: SocketAddr,
    pub(crate) ended: JoinHandle<Result<(), Error>>,
    stop: oneshot::Sender<()>,
}

impl Running {
    pub(crate) async fn start(mutant: Mutant) -> Self {
        let listen = || TcpListener::bind("127.0.0.1:0");
        let listeners = vec![listen().await.unwrap(), listen().await.unwrap()];
        let address = listeners[0].local_addr().unwrap();
        let second = listeners[1].local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(serve_nodes(listeners, mutant, async {
            drop(stopped.await);
        }));
        Self {
            address,
            second,
            ended,
            stop,
        }
    }

    pub(crate) async fn stop(self) -> Result<(), Error> {
        self.stop.send(()).ok();
        timeout(DEADLINE, self.ended).await.unwrap().unwrap()
    }
}

/// One request on a connection of its own; status 0 if there is no answer.
pub(crate) async fn http(
    address: SocketAddr,
    method: &str,
    path_and_query: &str,
    body: impl Into<Bytes>,
) -> (u16, String) {
    let Ok(stream) = TcpStream::connect(address).await else {
        return (0, String::new());
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::builder()
        .method(method)
        .uri(path_and_query)
        .header("host", address.to_string())
        .body(Full::new(body.into()))
        .unwrap();
    let Ok(response) = sender.send_request(request).await else {
        return (0, String::new());
    };
    let status = response.status().as_u16();
    let body = response.into_body().collect().await;
    connection.abort();
    let body = body
        .map(|body| body.to_bytes().to_vec())
        .unwrap_or_default();
    (status, String::from_utf8(body).unwrap())
}

pub(crate) const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
pub(crate) const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

/// A WebSocket at a path of the server.
pub(crate) async fn websocket(address: SocketAddr, path_and_query: &str) -> Option<WebSocket> {
    let stream = TcpStream::connect(address).await.ok()?;
    let url = format!("ws://{address}{path_and_query}");
    let (socket, _) = tokio_tungstenite::client_async(url, stream).await.ok()?;
    Some(socket)
}

pub(crate) type WebSocket = WebSocketStream<TcpStream>;

/// The next text frame; `None` when the server closes.
pub(crate) async fn frame(socket: &mut WebSocket) -> Option<String> {
    match message(socket).await? {
        Message::Text(text) => Some(text.to_string()),
        other => panic!("text was to come, not {other:?}"),
    }
}

/// The next frame of text or bytes; `None` when the server closes.
pub(crate) async fn message(socket: &mut WebSocket) -> Option<Message> {
    loop {
        match timeout(DEADLINE, socket.next()).await.unwrap()?.ok()? {
            message @ (Message::Text(_) | Message::Binary(_)) => return Some(message),
            Message::Close(_) => return None,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
}

/// A client that has joined the main namespace.
pub(crate) struct Client {
    link: Link,
    arrived: VecDeque<Packet>,
    fences: u32,
}

enum Link {
    Polling { address: SocketAddr, sid: String },
    WebSocket(Box<WebSocket>),
}

impl Client {
    pub(crate) async fn polling(address: SocketAddr) -> Option<Self> {
        let mut client = Self::open_polling(address).await?;
        client.join().await?;
        Some(client)
    }

    pub(crate) async fn websocket(address: SocketAddr) -> Option<Self> {
        let mut socket = websocket(address, WEBSOCKET).await?;
        frame(&mut socket).await?;
        let link = Link::WebSocket(Box::new(socket));
        let mut client = Self {
            link,
            arrived: VecDeque::new(),
            fences: 0,
        };
        client.join().await?;
        Some(client)
    }

    /// Long-polling, then WebSocket.
    pub(crate) async fn upgraded(address: SocketAddr) -> Option<Self> {
        let mut client = Self::open_polling(address).await?;
        client.join().await?;
        let Link::Polling { sid, .. } = &client.link else {
            return None;
        };
        let mut socket = websocket(address, &format!("{WEBSOCKET}&sid={sid}")).await?;
        socket.send(Message::text("2probe")).await.ok()?;
        assert_eq!(frame(&mut socket).await?, "3probe");
        socket.send(Message::text("5")).await.ok()?;
        client.link = Link::WebSocket(Box::new(socket));
        Some(client)
    }

    async fn open_polling(address: SocketAddr) -> Option<Self> {
        let (status, body) = http(address, "GET", POLLING, "").await;
        let mut arrived: VecDeque<_> = payload::decode(&body).ok()?.into();
        let Packet::Open(handshake) = arrived.pop_front()? else {
            return None;
        };
        assert_eq!(status, 200);
        let link = Link::Polling {
            address,
            sid: handshake.sid,
        };
        Some(Self {
            link,
            arrived,
            fences: 0,
        })
    }

    async fn join(&mut self) -> Option<()> {
        self.send(&["0"]).await;
        self.next().await?.starts_with(r#"0{"sid":"#).then_some(())
    }

    /// Sends Socket.IO packets: in one request, or one frame each before the first is flushed.
    pub(crate) async fn send(&mut self, packets: &[&str]) {
        let message = |packet: &&str| Packet::Message((*packet).to_owned());
        self.send_messages(packets.iter().map(message).collect())
            .await;
    }

    /// As [`send`](Self::send), bytes too.
    pub(crate) async fn send_messages(&mut self, messages: Vec<Packet>) {
        match &mut self.link {
            Link::Polling { address, sid } => {
                let url = format!("{POLLING}&sid={sid}");
                // Whether it was accepted shows in what comes back.
                let _ = http(*address, "POST", &url, payload::encode(&messages)).await;
            }
            Link::WebSocket(socket) => {
                for message in messages {
                    let message = match message.encode() {
                        Frame::Text(text) => Message::text(text),
                        Frame::Binary(bytes) => Message::binary(bytes),
                    };
                    if socket.feed(message).await.is_err() {
                        return;
                    }
                }
                drop(socket.flush().await);
            }
        }
    }

    /// The next Socket.IO packet; `None` when the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            while let Some(packet) = self.arrived.pop_front() {
                match packet {
                    Packet::Message(text) => return Some(text),
                    Packet::Noop => {}
                    other => return Some(format!("{other:?}")),
                }
            }
            match &mut self.link {
                Link::Polling { address, sid } => {
                    let url = format!("{POLLING}&sid={sid}");
                    let (status, body) = http(*address, "GET", &url, "").await;
                    if status != 200 {
                        return None;
                    }
                    self.arrived.extend(payload::decode(&body).ok()?);
                }
                Link::WebSocket(socket) => {
                    self.arrived.push_back(match message(socket).await? {
                        Message::Binary(bytes) => Packet::decode_binary(bytes),
                        other => Packet::decode_text(other.to_text().ok()?).ok()?,
                    });
                }
            }
        }
    }

    /// Everything that arrives up to a packet that begins with `last`, or until nothing comes for
    /// `patience`.
    pub(crate) async fn until(&mut self, last: &str, patience: Duration) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match timeout(patience, self.next()).await {
                Ok(Some(packet)) if packet.starts_with(last) => {
                    seen.push(packet);
                    return seen;
                }
                Ok(Some(packet)) => seen.push(packet),
                Ok(None) => {
                    seen.push("(closed)".to_owned());
                    return seen;
                }
                Err(_) => {
                    seen.push("(nothing)".to_owned());
                    return seen;
                }
            }
        }
    }

    /// Everything that had been sent to this client by now.
    pub(crate) async fn fence(&mut self, patience: Duration) -> Vec<String> {
        self.fences += 1;
        let nowhere = format!("/nowhere{},", self.fences);
        self.send(&[&format!("0{nowhere}")]).await;
        let mut seen = self.until(&format!("4{nowhere}"), patience).await;
        if seen.last().is_some_and(|last| last.starts_with('4')) {
            seen.pop();
        }
        seen
    }
}
