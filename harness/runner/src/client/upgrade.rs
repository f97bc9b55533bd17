//! From long-polling to WebSocket while the session goes on (Engine.IO protocol v4, "Upgrade").
//!
//! As the official client does it: the probe runs beside the polling; once it is answered, writing
//! pauses, the poll under way is awaited, and only then does the upgrade packet leave. So nothing
//! is ever on its way on both transports.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatspec_wire::engine::{self, Handshake};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::link::{Dialer, Link};
use super::session::{End, Session};
use super::websocket::{self, Stream, within};
use super::writer::{Out, Outbox};

const PROBE: &str = "2probe";
const PROBE_ANSWER: &str = "probe";
const UPGRADE: &str = "5";

/// A probe under way.
pub(super) struct Upgrade {
    probe: JoinHandle<Option<WebSocketStream<Link>>>,
    /// Whether the probe has come to an end, and writing pauses if that was a good one.
    ready: Arc<AtomicBool>,
}

impl Upgrade {
    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }
}

/// Begins to probe.
pub(super) fn start(dialer: Dialer, handshake: &Handshake, session: &Session) -> Upgrade {
    let ready = Arc::new(AtomicBool::new(false));
    let offered = handshake
        .upgrades
        .iter()
        .any(|upgrade| upgrade == "websocket");
    let target = dialer.endpoint().target("websocket", Some(&handshake.sid));
    let patience = session.opening.patience.clone();
    let outbox = session.outbox.clone();
    let fail = session.upgrade_failure();
    let done = Arc::clone(&ready);
    let probe = tokio::spawn(async move {
        let probed = if offered {
            within(&patience, "the probe", probe(&dialer, &target, &outbox))
                .await
                .flatten()
        } else {
            Err(End::Lost("the handshake does not offer it".to_owned()))
        };
        if let Err(end) = &probed {
            fail(end.cause());
        }
        done.store(true, Ordering::Release);
        probed.ok()
    });
    Upgrade { probe, ready }
}

/// Probes, then has the writer pause, so that the server's answer to the last POST is in.
async fn probe(
    dialer: &Dialer,
    target: &str,
    outbox: &Outbox,
) -> Result<WebSocketStream<Link>, End> {
    let mut socket = websocket::open(dialer, target).await?;
    socket.send(Message::text(PROBE)).await?;
    match websocket::packet(socket.next().await)? {
        Some(engine::Packet::Pong(text)) if text == PROBE_ANSWER => {}
        _ => {
            return Err(End::Broken(
                "the probe was not answered by a pong with `probe`".to_owned(),
            ));
        }
    }
    let (paused, pause) = oneshot::channel();
    outbox.put(Out::Pause(paused));
    pause.await?;
    Ok(socket)
}

/// Completes the upgrade; no poll may be under way. None where the probe failed, which the log
/// already says.
pub(super) async fn finish(upgrade: Upgrade, session: &Session) -> Result<Option<Stream>, End> {
    let Some(mut socket) = upgrade.probe.await? else {
        return Ok(None);
    };
    socket.send(Message::text(UPGRADE)).await?;
    let (sink, stream) = socket.split();
    session.outbox.put(Out::Switch(sink));
    session.upgraded();
    Ok(Some(stream))
}
