//! The HTTP server around the chat.

mod drain;
mod gate;
mod watch;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use axum::{Router, middleware};
use socketioxide::SocketIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::chat::Chat;
use crate::meter::{Metered, Wire};
use crate::upgrading::{Upgrades, take_turns};
use crate::{Config, chat, meter, page};
use gate::Gate;
use watch::Readiness;

/// How long a session may take from the first request of an upgrade to its last packet.
const UPGRADE_PATIENCE: Duration = Duration::from_secs(10);

/// How many packets that the library sends by itself may wait for a client besides those of the chat:
/// pings, and an answer to each CONNECT. The chat's are counted by its own lines.
const OF_THE_LIBRARY: usize = 1024;

/// How much is read from a WebSocket at once, in bytes. Each has a buffer of this size for as long as it
/// is open, and most have nothing to say most of the time; what people write fits.
const READ_AT_ONCE: usize = 1024;

/// Serves the chat on `listener` with the default [`Config`], until `shutdown` resolves.
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// println!("listening on http://{}", listener.local_addr()?);
/// reference_server::serve(listener, std::future::pending()).await
/// # }
/// ```
pub async fn serve(
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_with(Config::default(), listener, shutdown).await
}

/// Serves the chat on `listener` within the limits of `config`, until `shutdown` resolves.
///
/// Then no new client is let in, what the clients have sent is done and they get what they have coming;
/// for that there is half of [`Config::shutdown_grace`]. After it, the sessions are closed, and what is
/// still open after the whole of it is left to itself. A client is told by an Engine.IO close, and not by
/// a DISCONNECT packet: the official client takes that for a decision and does not come back, neither to
/// this server when it has been started again nor to another behind the same address.
///
/// Fails only if the listener does, or on a configuration that [`Config::check`] refuses.
pub async fn serve_with(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    config.check().map_err(wrong)?;
    let (chat, duties) = Chat::new(config).map_err(wrong)?;
    let config = &chat.config;
    let (layer, io) = SocketIo::builder()
        .ping_interval(config.ping_interval)
        .ping_timeout(config.ping_timeout)
        .max_payload(config.max_payload as u64)
        // Its own default takes 64 MiB over WebSocket, whatever `maxPayload` has told the client.
        .ws_max_message_size(config.max_payload)
        .ws_max_frame_size(config.max_payload)
        .ws_read_buffer_size(READ_AT_ONCE)
        .max_buffer_size(config.max_buffer_packets.get() + OF_THE_LIBRARY)
        .upgrade_timeout(UPGRADE_PATIENCE)
        .build_layer();
    chat::open(&io, &chat);
    let _node = match (&chat.cluster, duties) {
        (Some(cluster), Some(duties)) => {
            Some(cluster.start(duties, io.clone(), Arc::clone(&chat)).await)
        }
        _ => None,
    };

    let (readiness, grace) = (Readiness::default(), config.shutdown_grace);
    let gate = Gate::new(config, readiness.clone(), chat.metrics.clone());
    let upgrades = Upgrades::new(io.clone(), UPGRADE_PATIENCE);
    let app = Router::new()
        .merge(watch::routes(&io, &chat, &readiness))
        .layer(layer)
        .layer(middleware::from_fn_with_state(io.clone(), meter::count))
        .layer(middleware::from_fn_with_state(upgrades, take_turns))
        .layer(middleware::from_fn_with_state(gate, gate::keep))
        .layer(gate::cross_origin(&config.allowed_origins));
    let app = page::add_to(app, page::CLIENT);
    let write_timeout = config.ping_timeout;
    let listener = Metered {
        listener: listener.tap_io(move |stream| tune(stream, write_timeout)),
        traffic: Arc::clone(&chat.traffic),
        max_unanswered: config.max_backlog,
    };
    let (close, closing) = oneshot::channel::<()>();
    let server = axum::serve(listener, app.into_make_service_with_connect_info::<Wire>())
        .with_graceful_shutdown(async {
            // Sent or dropped, it says the same.
            closing.await.unwrap_or_default();
        });
    let mut server = std::pin::pin!(server.into_future());
    tokio::select! {
        ended = &mut server => return ended,
        () = shutdown => {}
    }

    tracing::info!(grace = ?grace, "stopping");
    readiness.stop();
    let farewell = async {
        drain::until_quiet(&io, &chat, grace / 2).await;
        io.close().await;
        drop(close);
    };
    // Polls are answered all the while, or those who poll would not hear the last of it.
    let farewell = async { tokio::join!(farewell, server).1 };
    let ended = tokio::time::timeout(grace, farewell).await;
    ended.unwrap_or_else(|_| {
        tracing::warn!("some clients did not take their leave in time");
        Ok(())
    })
}

/// A configuration that cannot be served.
fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// Sets the options of an accepted connection. One that refuses them is served without.
#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_variables, reason = "Linux has the option")
)]
fn tune(stream: &TcpStream, write_timeout: Duration) {
    // Small frames wait for the ack of the one before them otherwise, up to 40 ms.
    let done = stream.set_nodelay(true);
    // A peer that has stopped reading blocks the writer of its session, which then never learns that
    // the heartbeat has closed it: socket and buffer would stay for ever. Other systems have no
    // such option.
    #[cfg(target_os = "linux")]
    let done = done
        .and_then(|()| socket2::SockRef::from(stream).set_tcp_user_timeout(Some(write_timeout)));
    if let Err(error) = done {
        tracing::debug!(%error, "cannot set the options of a connection");
    }
}
