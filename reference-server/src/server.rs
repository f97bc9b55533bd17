//! The HTTP server around the chat.

use std::io;
use std::time::Duration;

use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Router, middleware};
use socketioxide::SocketIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::upgrading::{Upgrades, take_turns};
use crate::{Config, chat};

/// How long a session may take from the first request of an upgrade to its last packet.
const UPGRADE_PATIENCE: Duration = Duration::from_secs(10);

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
/// Then nobody is accepted any more, every client is disconnected, and what is still open after
/// [`Config::shutdown_grace`] is left to itself. Fails only if the listener does, or on a configuration
/// that [`Config::check`] refuses.
pub async fn serve_with(
    config: Config,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let wrong = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    config.check().map_err(wrong)?;
    let (layer, io) = SocketIo::builder()
        .ping_interval(config.ping_interval)
        .ping_timeout(config.ping_timeout)
        .max_payload(config.max_payload as u64)
        // Its own default takes 64 MiB over WebSocket, whatever `maxPayload` has told the client.
        .ws_max_message_size(config.max_payload)
        .ws_max_frame_size(config.max_payload)
        .max_buffer_size(config.max_buffer_packets.get())
        .upgrade_timeout(UPGRADE_PATIENCE)
        .build_layer();
    chat::open(&io, &config);

    let upgrades = Upgrades::new(io.clone(), UPGRADE_PATIENCE);
    let app = Router::new()
        .route("/", get(about))
        .layer(layer)
        .layer(middleware::from_fn_with_state(upgrades, take_turns));
    let listener = listener.tap_io(move |stream| tune(stream, config.ping_timeout));
    let (stopping, stop) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        shutdown.await;
        drop(stopping);
    });
    let mut server = std::pin::pin!(server.into_future());

    // With nobody but WebSocket clients there is no connection left that HTTP knows of, and the server
    // ends as soon as it is asked to; their sessions are closed all the same.
    let ended = tokio::select! {
        ended = &mut server => Some(ended),
        // The other end is never sent on, only dropped: this says that it was.
        Err(_) = stop => None,
    };
    let farewell = async {
        io.close().await;
        match ended {
            Some(ended) => ended,
            None => server.await,
        }
    };
    tokio::time::timeout(config.shutdown_grace, farewell)
        .await
        .unwrap_or_else(|_| {
            tracing::warn!("some clients did not take their leave in time");
            Ok(())
        })
}

async fn about() -> &'static str {
    "This is chatspec's reference server: a Socket.IO chat.\n\
     Events: enter_room (nickname, room, ack) and new_message (text, room, ack).\n"
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
