//! Engine.IO over WebSocket, from the start or after an upgrade.

use std::sync::Arc;
use std::time::Duration;

use chatspec_wire::engine::{Frame, Packet};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::chat::Node;
use crate::lock::lock;
use crate::server::Server;
use crate::session::{MAX_PAYLOAD, Session, Transport};

/// How long an upgrade may take.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a client that may not be reading is given to notice that it is dismissed.
const FAREWELL: Duration = Duration::from_secs(1);
/// The data of the ping that tries a new transport. Clause: Engine.IO protocol v4, "Upgrade".
const PROBE: &str = "probe";

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// A session that starts over WebSocket.
pub(crate) async fn open(server: Arc<Server>, node: Node, upgraded: Upgraded) {
    let socket = socket(upgraded).await;
    let session = server.open(node, Transport::WebSocket);
    carry(&session, socket, |packets| packets).await;
}

/// A session that may move to WebSocket.
pub(crate) async fn upgrade(server: Arc<Server>, session: Arc<Session>, upgraded: Upgraded) {
    let mut socket = socket(upgraded).await;
    match timeout(UPGRADE_TIMEOUT, probe(&session, &mut socket)).await {
        Ok(Some(())) => {
            let mut first = true;
            let written = |packets| {
                if std::mem::take(&mut first) {
                    lock(&server.world).bug.after_upgrade(packets)
                } else {
                    packets
                }
            };
            carry(&session, socket, written).await;
        }
        // It did not come to anything: long-polling goes on.
        Ok(None) | Err(_) => session.update(|state| {
            if state.transport == Transport::Upgrading {
                state.transport = Transport::Polling;
            }
        }),
    }
}

async fn socket(upgraded: Upgraded) -> Socket {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MAX_PAYLOAD))
        .max_frame_size(Some(MAX_PAYLOAD));
    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(limits)).await
}

/// The client's probe, the answer, and the client's decision; `None` if it decides otherwise.
async fn probe(session: &Session, socket: &mut Socket) -> Option<()> {
    let probe = Packet::Ping(PROBE.to_owned());
    if receive(socket).await? != probe {
        return None;
    }
    let free = session.update(|state| {
        let free = state.transport == Transport::Polling;
        if free {
            // A pending GET ends now, so that the client can pause long-polling.
            state.transport = Transport::Upgrading;
        }
        free
    });
    if !free {
        return None;
    }
    socket
        .send(message(&Packet::Pong(PROBE.to_owned())))
        .await
        .ok()?;
    if receive(socket).await? != Packet::Upgrade {
        return None;
    }
    session.update(|state| state.transport = Transport::WebSocket);
    Some(())
}

async fn receive(socket: &mut Socket) -> Option<Packet> {
    loop {
        if let Some(packet) = packet(socket.next().await?.ok()?) {
            return packet.ok();
        }
    }
}

/// Moves packets both ways until either side has had enough.
async fn carry(
    session: &Session,
    socket: Socket,
    mut written: impl FnMut(Vec<Packet>) -> Vec<Packet>,
) {
    let (mut sink, mut stream) = socket.split();
    let reads = async {
        while let Some(read) = stream.next().await {
            match read.map(packet) {
                Ok(Some(Ok(packet))) => session.receive(packet),
                Ok(None) => {}
                Ok(Some(Err(()))) => return CloseCode::Protocol,
                Err(Error::Capacity(_)) => return CloseCode::Size,
                Err(_) => break,
            }
        }
        CloseCode::Normal
    };
    let writes = async {
        loop {
            let (packets, last) = session
                .wait_until(|state| {
                    let news = state.closed.is_some() || !state.outbox.is_empty();
                    news.then(|| (state.outbox.drain(..).collect(), state.closed.is_some()))
                })
                .await;
            for packet in written(packets) {
                if sink.feed(message(&packet)).await.is_err() {
                    return;
                }
            }
            if sink.flush().await.is_err() || last {
                return;
            }
        }
    };
    let code = tokio::select! {
        code = reads => code,
        () = writes => CloseCode::Normal,
    };
    session.close();
    let farewell = Message::Close(Some(CloseFrame {
        code,
        reason: "".into(),
    }));
    // Whether the client is still there to hear it makes no difference any more.
    drop(timeout(FAREWELL, sink.send(farewell)).await);
}

/// The packet of a message; `None` for WebSocket's own frames.
fn packet(message: Message) -> Option<Result<Packet, ()>> {
    match message {
        Message::Text(text) => Some(Packet::decode_text(&text).map_err(drop)),
        Message::Binary(bytes) => Some(Ok(Packet::decode_binary(bytes))),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
    }
}

fn message(packet: &Packet) -> Message {
    match packet.encode() {
        Frame::Text(text) => Message::text(text),
        Frame::Binary(bytes) => Message::binary(bytes),
    }
}
