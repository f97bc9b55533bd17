//! The WebSocket transport (Engine.IO protocol v4, "WebSocket").

use std::time::Duration;

use chatspec_wire::engine::{self, Frame, Handshake};
use futures_util::stream::SplitStream;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::clock::Allowance;

use super::link::{Dialer, LARGEST, Link, greet};
use super::session::{End, Session, shown};
use super::writer::{Queue, Way};

pub(super) type Stream = SplitStream<WebSocketStream<Link>>;

/// Opens, then reads to the end.
pub(super) async fn converse(
    session: &mut Session,
    dialer: &Dialer,
    queue: Queue,
) -> Result<(), End> {
    let patience = session.opening.patience.clone();
    let target = dialer.endpoint().target("websocket", None);
    let socket = within(&patience, "the WebSocket handshake", open(dialer, &target)).await??;
    let (sink, mut stream) = socket.split();
    let (lost, mut losses) = mpsc::unbounded_channel();
    session.outbox.start(queue, Way::Websocket(sink), lost);
    let first = within(&patience, "the Engine.IO handshake", stream.next()).await?;
    let handshake = match packet(first)? {
        Some(engine::Packet::Open(handshake)) => handshake,
        other => {
            let frame = match other.map(|packet| packet.encode()) {
                Some(Frame::Text(text)) => shown(&text),
                Some(Frame::Binary(bytes)) => format!("{} bytes", bytes.len()),
                None => "a frame of the WebSocket itself".to_owned(),
            };
            return Err(End::Broken(format!(
                "the first frame is no Engine.IO handshake: {frame}"
            )));
        }
    };
    session.opened();
    read(
        session,
        &mut stream,
        &mut losses,
        Session::patience(&handshake),
    )
    .await
}

/// The handshake of a server that opens an Engine.IO session over WebSocket.
pub(crate) async fn greeted(dialer: &Dialer) -> Option<Handshake> {
    let target = dialer.endpoint().target("websocket", None);
    let mut socket = open(dialer, &target).await.ok()?;
    match packet(socket.next().await) {
        Ok(Some(engine::Packet::Open(handshake))) => Some(handshake),
        _ => None,
    }
}

/// The first packet that a server answers `packet` with, in a session of its own; none where it ends the
/// session instead.
pub(crate) async fn answered(dialer: &Dialer, packet: &engine::Packet) -> Option<engine::Packet> {
    let target = dialer.endpoint().target("websocket", None);
    let mut socket = open(dialer, &target).await.ok()?;
    let Ok(Some(engine::Packet::Open(_))) = self::packet(socket.next().await) else {
        return None;
    };
    let message = match packet.encode() {
        Frame::Text(text) => Message::text(text),
        Frame::Binary(bytes) => Message::binary(bytes),
    };
    socket.send(message).await.ok()?;
    self::packet(socket.next().await).ok()?
}

/// Opens a WebSocket to `target`.
pub(super) async fn open(dialer: &Dialer, target: &str) -> Result<WebSocketStream<Link>, End> {
    let link = dialer.dial().await?;
    let url = format!("ws://{}{target}", dialer.endpoint().authority());
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST));
    let mut request = url.into_client_request()?;
    greet(request.headers_mut(), dialer.endpoint().headers());
    match client_async_with_config(request, link, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => {
            let body = answer
                .body()
                .as_deref()
                .map(String::from_utf8_lossy)
                .unwrap_or_default();
            Err(End::Lost(format!(
                "the WebSocket handshake was answered {}: {}",
                answer.status().as_u16(),
                shown(&body)
            )))
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads packets until the connection ends. While the client does not read, nothing is taken from
/// the socket.
pub(super) async fn read(
    session: &mut Session,
    stream: &mut Stream,
    losses: &mut mpsc::UnboundedReceiver<String>,
    patience: Duration,
) -> Result<(), End> {
    loop {
        let mut reading = session.reading.clone();
        if !*reading.borrow_and_update() {
            reading.changed().await?;
            continue;
        }
        tokio::select! {
            frame = timeout(patience, stream.next()) => match frame {
                Err(_) => return Err(silent(patience)),
                Ok(frame) => {
                    if let Some(packet) = packet(frame)? {
                        session.take(packet)?;
                    }
                    // A frame that is always there already must not keep the others from the
                    // processor.
                    consume_budget().await;
                }
            },
            Ok(()) = reading.changed() => {}
            // The reader sees the end as well, and knows more about it: it is asked first.
            Some(cause) = losses.recv() => {
                while let Ok(Some(frame)) = timeout(AFTERMATH, stream.next()).await {
                    if let Some(packet) = packet(Some(frame))? {
                        session.take(packet)?;
                    }
                }
                return Err(End::Lost(cause));
            }
        }
    }
}

/// How long what a server sent before it closed may still take to be read, once writing failed.
const AFTERMATH: Duration = Duration::from_millis(200);

/// The packet in a frame; none for frames of the WebSocket itself. An undecodable frame is an end:
/// nothing behind it can be trusted.
pub(super) fn packet(frame: Option<Result<Message, Error>>) -> Result<Option<engine::Packet>, End> {
    match frame {
        None => Err(End::Lost("the server closed the connection".to_owned())),
        Some(Err(error)) => Err(error.into()),
        Some(Ok(Message::Text(text))) => Ok(Some(engine::Packet::decode_text(text.as_str())?)),
        Some(Ok(Message::Binary(bytes))) => Ok(Some(engine::Packet::decode_binary(bytes))),
        Some(Ok(Message::Close(frame))) => Err(End::Lost(match frame {
            Some(frame) if frame.reason.is_empty() => {
                format!(
                    "the server closed the WebSocket with code {}",
                    u16::from(frame.code)
                )
            }
            Some(frame) => format!(
                "the server closed the WebSocket with code {}: {}",
                u16::from(frame.code),
                shown(frame.reason.as_str())
            ),
            None => "the server closed the WebSocket".to_owned(),
        })),
        Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
    }
}

/// Bounds a step of opening, and names it when it takes too long.
pub(super) async fn within<T>(
    patience: &Allowance,
    what: &str,
    step: impl Future<Output = T>,
) -> Result<T, End> {
    patience.bound(step).await.map_err(|waited| {
        End::Lost(format!(
            "{what} was not answered within {} ms",
            waited.as_millis()
        ))
    })
}

pub(super) fn silent(patience: Duration) -> End {
    End::Lost(format!(
        "no ping came for {} ms, longer than the handshake promises",
        patience.as_millis()
    ))
}
